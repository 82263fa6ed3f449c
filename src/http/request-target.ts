import { parseAuthority } from './authority.ts';
import { Refusal } from './refusal.ts';

export interface RequestTarget {
  /** Origin-form, byte for byte, or `*`. */
  readonly path: string;
  /** Of an absolute-form target; null otherwise. */
  readonly authority: string | null;
}

/**
 * Takes a request target apart (RFC 9112 §3.2). Spaces, control characters, fragments and octets outside ASCII are
 * refused: they have no place in it, and servers repair them in different ways.
 */
export function readTarget(target: string, method: string): RequestTarget | Refusal {
  for (let at = 0; at < target.length; at++) {
    const code = target.charCodeAt(at);
    if (code <= 0x20 || code >= 0x7f)
      return bad('The request target contains a character that must be encoded.');
    if (code === 0x23) return bad('The request target contains a fragment.');
  }
  if (target.startsWith('/')) return { path: target, authority: null };
  if (target === '*') {
    return method === 'OPTIONS' ? { path: '*', authority: null } : bad('The target "*" belongs to OPTIONS.');
  }
  return readAbsolute(target, method);
}

function readAbsolute(target: string, method: string): RequestTarget | Refusal {
  const colon = target.indexOf('://');
  if (colon === -1) return bad('The request target must begin with "/".');
  const scheme = target.slice(0, colon).toLowerCase();
  if (scheme !== 'http') {
    return new Refusal('MISDIRECTED_REQUEST', 'This port answers for http targets only.');
  }
  const start = colon + 3;
  let end = start;
  while (end < target.length && target[end] !== '/' && target[end] !== '?') end++;
  const authority = parseAuthority(target.slice(start, end));
  if (authority === null) return bad('The authority of the request target is not valid.');
  const rest = target.slice(end);
  if (rest.startsWith('/')) return { path: rest, authority };
  // RFC 9112 §3.2.4: without path and query, OPTIONS asks the server itself.
  if (rest === '' && method === 'OPTIONS') return { path: '*', authority };
  return { path: `/${rest}`, authority };
}

function bad(message: string): Refusal {
  return new Refusal('BAD_REQUEST', message);
}
