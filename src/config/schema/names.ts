import { isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { isHostName } from './address.ts';
import { ValueError } from './value-error.ts';

/**
 * A name of an upstream, a breaker or a profile: it comes back in logs, metrics, header fields and admin paths.
 * @throws {ValueError}
 */
export function parseName(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text)) {
    throw new ValueError(
      'must be a name: up to 63 letters, digits, "-", "_" or ".", beginning with a letter or digit',
    );
  }
  return text;
}

/**
 * The profile in effect. Empty means none, so that an unset variable can stand for it.
 * @throws {ValueError}
 */
export function parseActiveProfile(text: string): string | null {
  return text === '' ? null : parseName(text);
}

/**
 * A route's host: exact, or `*.` and what follows.
 * @throws {ValueError}
 */
export function parseHostPattern(text: string): string {
  const name = text.startsWith('*.') ? text.slice(2) : text;
  if (name.startsWith('[') && name.endsWith(']') && isIPv6(name.slice(1, -1)) && name === text) {
    return new URL(`http://${name}`).hostname;
  }
  if (/:\d*$/.test(name)) throw new ValueError('must be without a port: routes look at the name only');
  const ascii = domainToASCII(name);
  if (/\P{ASCII}/u.test(name) && ascii !== '') {
    throw new ValueError(`must be written as it is sent: ${text.startsWith('*.') ? '*.' : ''}${ascii}`);
  }
  if (name.endsWith('.') || !isHostName(name)) {
    throw new ValueError('must be a host name such as www.example.com, or *.example.com');
  }
  return text.toLowerCase();
}

/**
 * A method, as sent: methods are case-sensitive (RFC 9110 §9.1).
 * @throws {ValueError}
 */
export function parseMethod(text: string): string {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,40}$/.test(text)) throw new ValueError('must be a method such as GET');
  if (text === 'CONNECT' || text === 'TRACE')
    throw new ValueError(`cannot be ${text}: the gateway refuses it`);
  const upper = text.toUpperCase();
  if (text !== upper && STANDARD_METHODS.has(upper)) throw new ValueError(`must be written ${upper}`);
  if (upper === 'CONNECT' || upper === 'TRACE') throw new ValueError('must not be CONNECT or TRACE');
  return text;
}

/** RFC 9110 §9.3 and RFC 5789. */
const STANDARD_METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);

/**
 * A bearer token (RFC 6750 §2.1 allows less still). Empty means none, so that an unset variable can stand for it.
 * @throws {ValueError}
 */
export function parseToken(text: string): string | null {
  if (!/^[\x21-\x7e]*$/.test(text)) {
    throw new ValueError('must be visible ASCII without blanks, or no client could send it');
  }
  return text === '' ? null : text;
}

/**
 * The gateway's name in `Via` (RFC 9110 §7.6.3: a token).
 * @throws {ValueError}
 */
export function parsePseudonym(text: string): string {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,63}$/.test(text)) {
    throw new ValueError('must be a word of letters, digits or "-", "_", "."');
  }
  return text;
}
