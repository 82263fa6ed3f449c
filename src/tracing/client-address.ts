import { isIP } from 'node:net';
import type { InboundRequest } from '../http/message.ts';

/**
 * Who the client is, behind proxies that are believed: the last address in X-Forwarded-For that is none of theirs.
 *
 * @param trusts whether a peer of this address is believed
 */
export function clientAddress(
  { headers, remoteAddress }: Pick<InboundRequest, 'headers' | 'remoteAddress'>,
  trusts: (address: string) => boolean,
): string {
  if (!trusts(remoteAddress)) return remoteAddress;
  let client = remoteAddress;
  for (const address of forwardedFor(headers).reverse()) {
    // What stands before something that is no address could be anybody's invention.
    if (isIP(address) === 0) break;
    client = address;
    if (!trusts(address)) break;
  }
  return client;
}

function forwardedFor(headers: readonly string[]): string[] {
  const members: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]!.toLowerCase() !== 'x-forwarded-for') continue;
    for (const member of headers[at + 1]!.split(',')) members.push(member.trim().replace(/^\[|\]$/g, ''));
  }
  return members;
}
