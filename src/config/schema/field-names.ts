import { ValueError } from './value-error.ts';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/;

/** What concerns one connection only (RFC 9110 §7.6.1 and §11.7), and what says where a message ends. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The name of a header field, in lower case (RFC 9110 §5.1: a token, whatever its case).
 * @throws {ValueError}
 */
export function parseFieldName(text: string): string {
  if (!TOKEN.test(text)) throw new ValueError('must be the name of a header field such as X-User');
  return text.toLowerCase();
}

/**
 * The name of a header field that an answer of the gateway's own may have.
 * @throws {ValueError}
 */
export function parseAnswerFieldName(text: string): string {
  if (!TOKEN.test(text)) throw new ValueError('must be the name of a header field: a token (RFC 9110 §5.1)');
  if (OF_THE_CONNECTION.has(text.toLowerCase())) {
    throw new ValueError('cannot be given: the gateway itself says how the connection is used');
  }
  return text;
}

/**
 * The value of a header field (RFC 9110 §5.5), without what would have to be encoded.
 * @throws {ValueError}
 */
export function parseFieldValue(text: string): string {
  if (!/^([\x21-\x7e]([\t\x20-\x7e]*[\x21-\x7e])?)?$/.test(text)) {
    throw new ValueError('must be visible ASCII, with blanks and tabs only in between');
  }
  return text;
}

/**
 * The name of a cookie (RFC 6265 §4.1.1: a token).
 * @throws {ValueError}
 */
export function parseCookieName(text: string): string {
  if (!TOKEN.test(text)) throw new ValueError('must be the name of a cookie such as session');
  return text;
}
