import type { BalanceConfig } from '../../config/gateway-config.ts';
import type { InboundRequest } from '../../http/message.ts';

export type HashedRequest = Pick<InboundRequest, 'headers' | 'header' | 'remoteAddress'>;

/** Null: the request has nothing to go by. */
export type HashKeyOf = (request: HashedRequest) => string | null;

/** What of a request consistent hashing goes by. */
export function hashKeyOf(balance: BalanceConfig): HashKeyOf {
  if (balance.type !== 'hash') return () => null;
  const { by, name } = balance;
  if (by === 'ip') return ({ remoteAddress }) => remoteAddress || null;
  if (by === 'header') return (request) => request.header(name) || null;
  return ({ headers }) => cookie(headers, name) || null;
}

/** The first cookie of that name (RFC 6265 §5.4); HTTP/2 may spread them over several fields (RFC 9113 §8.2.3). */
function cookie(headers: readonly string[], name: string): string | null {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]!.toLowerCase() !== 'cookie') continue;
    for (const pair of headers[at + 1]!.split(';')) {
      const equals = pair.indexOf('=');
      if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
    }
  }
  return null;
}
