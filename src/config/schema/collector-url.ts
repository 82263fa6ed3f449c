import { ValueError } from './value-error.ts';

/** Where a collector takes spans, if nothing else is said (OTLP/HTTP, "Request"). */
const DEFAULT_PATH = '/v1/traces';

/**
 * Where spans are posted; without a path, `/v1/traces` is added. Null from nothing at all, so that a variable which is
 * not set can stand for "not at all". Messages do not repeat the value: its query may hold a key.
 * @throws {ValueError}
 */
export function parseCollectorUrl(text: string): string | null {
  if (text === '') return null;
  const example = 'write it like http://127.0.0.1:4318/v1/traces';
  const url = /[\s\\\p{Cc}]/u.test(text) ? null : URL.parse(text);
  if (url === null || !/^[a-z]+:\/\/[^/]/i.test(text)) throw new ValueError(`must be a URL; ${example}`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new ValueError('must begin with http:// or https://: spans are sent by OTLP over HTTP');
  }
  if (url.username !== '' || url.password !== '') {
    throw new ValueError('must not hold a user name or password; give them in "headers", as Authorization');
  }
  if (url.hash !== '' || text.includes('#')) throw new ValueError('must not have a fragment');
  if (url.port === '0') throw new ValueError('must not have port 0');
  if (url.pathname === '/') url.pathname = DEFAULT_PATH;
  return url.href;
}
