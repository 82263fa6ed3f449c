import { isIP } from 'node:net';
import { valuesOf } from './field-names.ts';
import type { InboundRequest } from './message.ts';

/**
 * Who the client is, behind proxies that are believed: each adds whom it forwards for at the end of X-Forwarded-For, so it
 * is the last address there that is none of theirs.
 *
 * @param trusts whether a peer of this address, without zone, is believed
 * @returns an address without zone; IPv4 where it was mapped into IPv6
 */
export function clientAddress(
  { headers, remoteAddress }: Pick<InboundRequest, 'headers' | 'remoteAddress'>,
  trusts: (address: string) => boolean,
): string {
  const peer = withoutZone(remoteAddress);
  if (!trusts(peer)) return peer;
  let client = peer;
  const members = valuesOf(headers, 'x-forwarded-for').join(',').split(',');
  for (let at = members.length - 1; at >= 0; at--) {
    const address = addressIn((members[at] as string).trim());
    // What stands before something that is no address could be anybody's invention.
    if (address === null) return client;
    client = address;
    if (!trusts(address)) return client;
  }
  return client;
}

/** A zone means something on its own host only. */
export function withoutZone(address: string): string {
  const at = address.indexOf('%');
  return at === -1 ? address : address.slice(0, at);
}

/** `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`; null: it is none. */
function addressIn(member: string): string | null {
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(member)?.[1] ?? member.replace(/^([\d.]+):\d+$/, '$1');
  const address = withoutZone(bare);
  if (isIP(address) === 0) return null;
  return /^::ffff:[\d.]+$/i.test(address) ? address.slice(7) : address;
}
