import { ValueError } from './value-error.ts';

/**
 * Where Redis listens. Messages do not repeat the value: it may hold a password.
 * @throws {ValueError}
 */
export function parseRedisUrl(text: string): string {
  const example = 'write it like redis://127.0.0.1:6379';
  const url = /[\s\\\p{Cc}]/u.test(text) ? null : URL.parse(text);
  if (url === null || !/^[a-z]+:\/\/[^/]/i.test(text)) throw new ValueError(`must be a URL; ${example}`);
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') {
    throw new ValueError('must begin with redis:// or rediss://');
  }
  if (url.hostname === '' || url.port === '0')
    throw new ValueError(`must name a host and a port; ${example}`);
  if (!isDecodable(url.username) || !isDecodable(url.password)) {
    throw new ValueError('must have "%" in user and password percent-encoded, as %25');
  }
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(text)) {
    throw new ValueError('must not have a query or a fragment');
  }
  if (!/^\/?\d{0,5}$/.test(url.pathname)) {
    throw new ValueError('may have the number of a database after the host, and nothing else');
  }
  return text;
}

/** The client decodes them, and would end the start with an error that shows the URL. */
function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The same, or nothing at all: null, so that a variable which is not set can stand for "in memory".
 * @throws {ValueError}
 */
export function parseRedisUrlOrNone(text: string): string | null {
  return text === '' ? null : parseRedisUrl(text);
}

/**
 * What stands before every key in Redis; may be empty.
 * @throws {ValueError}
 */
export function parseKeyPrefix(text: string): string {
  if (!/^[\x21-\x7e]{0,128}$/.test(text)) {
    throw new ValueError('must be up to 128 visible ASCII characters without blanks');
  }
  return text;
}
