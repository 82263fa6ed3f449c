import { isIP, isIPv6 } from 'node:net';
import type { AccessLogConfig } from '../../config/gateway-config.ts';
import { valuesOf } from '../../http/field-names.ts';
import type { HeaderList } from '../../http/message.ts';
import type { TrustedPeers } from '../../proxy/trusted-peers.ts';

/** Who asks; undefined where it is not to be written. */
export interface LoggedClient {
  readonly client: string | undefined;
  /** Whose connection it is, if not the client's. */
  readonly peer: string | undefined;
}

/** Finds out who asks, and says as much of it as is wanted. */
export class ClientAddress {
  readonly #much: AccessLogConfig['clientAddress'];
  readonly #trusted: Pick<TrustedPeers, 'trusts'>;

  constructor(much: AccessLogConfig['clientAddress'], trusted: Pick<TrustedPeers, 'trusts'>) {
    this.#much = much;
    this.#trusted = trusted;
  }

  of(peer: string, headers: HeaderList): LoggedClient {
    if (this.#much === 'none') return { client: undefined, peer: undefined };
    const address = withoutZone(peer);
    const client = this.#trusted.trusts(address) ? this.#behind(address, headers) : address;
    return {
      client: this.#written(client),
      peer: client === address ? undefined : this.#written(address),
    };
  }

  /** Each proxy adds whom it forwards for at the end, so the last that is not one of ours is the client. */
  #behind(peer: string, headers: HeaderList): string {
    let last = peer;
    const members = valuesOf(headers, 'x-forwarded-for').join(',').split(',');
    for (let at = members.length - 1; at >= 0; at--) {
      const address = addressIn((members[at] as string).trim());
      if (address === null) return last;
      last = address;
      if (!this.#trusted.trusts(address)) return last;
    }
    return last;
  }

  #written(address: string): string | undefined {
    if (this.#much === 'full' || isIP(address) === 0) return address === '' ? undefined : address;
    return isIPv6(address)
      ? `${firstGroups(address).join(':')}::/48`
      : `${address.slice(0, address.lastIndexOf('.'))}.0/24`;
  }
}

/** `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`; null: it is none. */
function addressIn(member: string): string | null {
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(member)?.[1] ?? member.replace(/^([\d.]+):\d+$/, '$1');
  const address = withoutZone(bare);
  if (isIP(address) === 0) return null;
  return /^::ffff:[\d.]+$/i.test(address) ? address.slice(7) : address;
}

/** It means something on its own host only. */
function withoutZone(address: string): string {
  const at = address.indexOf('%');
  return at === -1 ? address : address.slice(0, at);
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
