import { isIP, isIPv6 } from 'node:net';
import type { AccessLogConfig } from '../../config/gateway-config.ts';
import { clientAddress, withoutZone } from '../../http/client-address.ts';
import type { HeaderList } from '../../http/message.ts';
import type { TrustedPeers } from '../../proxy/trusted-peers.ts';

/** Who asks; undefined where it is not to be written. */
export interface LoggedClient {
  readonly client: string | undefined;
  /** Whose connection it is, if not the client's. */
  readonly peer: string | undefined;
}

/** Says as much of who asks as is wanted. */
export class ClientWords {
  readonly #much: AccessLogConfig['clientAddress'];
  readonly #trusted: Pick<TrustedPeers, 'trusts'>;

  constructor(much: AccessLogConfig['clientAddress'], trusted: Pick<TrustedPeers, 'trusts'>) {
    this.#much = much;
    this.#trusted = trusted;
  }

  of(peer: string, headers: HeaderList): LoggedClient {
    if (this.#much === 'none') return { client: undefined, peer: undefined };
    const address = withoutZone(peer);
    const client = clientAddress({ remoteAddress: peer, headers }, (one) => this.#trusted.trusts(one));
    return {
      client: this.#written(client),
      peer: client === address ? undefined : this.#written(address),
    };
  }

  #written(address: string): string | undefined {
    if (this.#much === 'full' || isIP(address) === 0) return address === '' ? undefined : address;
    return isIPv6(address)
      ? `${firstGroups(address).join(':')}::/48`
      : `${address.slice(0, address.lastIndexOf('.'))}.0/24`;
  }
}

/** The first three, 48 bits, of an IPv6 address. */
function firstGroups(address: string): string[] {
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail === undefined || groups.length >= 3) return groups.slice(0, 3);
  const after = tail === '' ? [] : tail.split(':');
  const length = after.length + (tail.includes('.') ? 1 : 0);
  const all = [...groups, ...Array.from({ length: 8 - groups.length - length }, () => '0'), ...after];
  return all.slice(0, 3);
}
