import { ValueError } from './value-error.ts';

/** Octets that may stand in a segment as themselves: RFC 3986 §3.3 pchar without `;`, which no request may have. */
const PLAIN = /^[A-Za-z0-9\-._~!$&'()*+,=:@]$/;
/** RFC 3629 §3: the same character in more bytes than it needs. */
const OVERLONG = /%(?:C[01]%[89AB]|E0%[89]|F0%8)/;
const PARAMETER = /^:[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * A path of a route, or of a rewrite: literal segments, `:name`, and a last `*`. Literals must be spelled as
 * requests' paths are once they are made canonical, so that the same path cannot stand in the file twice.
 * @throws {ValueError}
 */
export function parseRoutePath(path: string): string {
  if (!path.startsWith('/'))
    throw new ValueError(`must begin with "/"; write "/${path.replace(/^\*/, '*')}"`);
  if (path.includes('?')) throw new ValueError('is a path, so it cannot have a query');
  if (path.includes('#')) throw new ValueError('is a path, so it cannot have a fragment');
  const segments = path.slice(1).split('/');
  const names = new Set<string>();
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    if (segment === '*' && last) continue;
    if (segment.includes('*')) {
      throw new ValueError('may have "*" only as its whole last segment; write %2A for the character');
    }
    if (segment === '' && !last) throw new ValueError('contains "//", which no request may');
    if (segment.startsWith(':')) checkParameter(segment, names);
    else checkLiteral(segment);
  }
  return path;
}

/**
 * A literal path that a route takes off before it sends a request on.
 * @throws {ValueError}
 */
export function parsePrefix(prefix: string): string {
  parseRoutePath(prefix);
  if (prefix === '/') throw new ValueError('takes nothing away; remove it');
  if (prefix.endsWith('/')) throw new ValueError('must end without "/"');
  const literal = prefix
    .slice(1)
    .split('/')
    .every((segment) => segment !== '*' && !segment.startsWith(':'));
  if (!literal) throw new ValueError('may have literal segments only; "rewrite" can leave out others');
  return prefix;
}

function checkParameter(segment: string, names: Set<string>): void {
  if (!PARAMETER.test(segment)) {
    throw new ValueError(
      `has a parameter without a proper name; write it like ":id", or %3A for the character`,
    );
  }
  if (names.has(segment)) throw new ValueError(`has two parameters named "${segment.slice(1)}"`);
  names.add(segment);
}

function checkLiteral(segment: string): void {
  const canonical = canonicalLiteral(segment);
  if (canonical === '.' || canonical === '..') throw new ValueError('contains a "." or ".." segment');
  if (canonical !== segment)
    throw new ValueError(`must be spelled as requests are compared: write "${canonical}"`);
}

function canonicalLiteral(segment: string): string {
  let canonical = '';
  for (const match of segment.matchAll(/%(.{0,2})|(\P{ASCII}+)|([\s\S])/gu)) {
    const [, digits, international, single] = match;
    if (international !== undefined) canonical += encode(international);
    else if (digits !== undefined) canonical += canonicalEscape(digits);
    else canonical += canonicalCharacter(single!);
  }
  if (/%25[0-7][0-9A-Fa-f]/.test(canonical)) throw new ValueError('is percent-encoded twice');
  if (OVERLONG.test(canonical)) throw new ValueError('contains an overlong UTF-8 sequence');
  return canonical;
}

function canonicalEscape(digits: string): string {
  if (!/^[0-9A-Fa-f]{2}$/.test(digits)) {
    throw new ValueError('contains "%" that is not followed by two hexadecimal digits');
  }
  const octet = Number.parseInt(digits, 16);
  const character = String.fromCharCode(octet);
  if (octet < 0x20 || octet === 0x7f || '/\\;'.includes(character)) {
    throw new ValueError(`contains %${digits}, which no request may: servers disagree on what it means`);
  }
  // `%2A` and a leading `%3A` are how these two lose their meaning in a pattern.
  if (octet === 0x2a || octet === 0x3a) return `%${digits.toUpperCase()}`;
  return octet < 0x80 && PLAIN.test(character) ? character : `%${digits.toUpperCase()}`;
}

function canonicalCharacter(character: string): string {
  if (character === ';' || character === '\\' || /\p{Cc}/u.test(character)) {
    throw new ValueError(`contains ${JSON.stringify(character)}, which no request may`);
  }
  if (PLAIN.test(character)) return character;
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function encode(characters: string): string {
  try {
    return encodeURIComponent(characters);
  } catch {
    throw new ValueError('contains half of a character (a lone surrogate)');
  }
}

/** What makes two paths match the same requests: names of parameters do not, nor how a literal is escaped. */
export function pathShape(path: string): string {
  return path.split('/').map(segmentShape).join('/');
}

function segmentShape(segment: string): string {
  // A space stands in no path, so that neither can be mistaken for a literal.
  if (segment.startsWith(':')) return ' :';
  if (segment === '*') return ' *';
  return segment.replaceAll('%2A', '*').replaceAll('%3A', ':');
}
