import { Refusal } from './refusal.ts';

/** A path on which decisions are made, and only on this one; see {@link canonicalPath}. */
export interface CanonicalPath {
  readonly path: string;
}

const SLASH = 0x2f;
const PERCENT = 0x25;

const HEX_DIGITS = '0123456789ABCDEF';

/** The octets `%00` to `%FF` as they stand in a canonical path. */
const CANONICAL_OCTET: readonly string[] = Array.from({ length: 256 }, (_, octet) =>
  isSegmentCharacter(octet) ? String.fromCharCode(octet) : escapeOctet(octet),
);

/** One bit of knowledge per code: true where a path needs no closer look at this character. */
const PLAIN: readonly boolean[] = Array.from({ length: 128 }, (_, code) => isSegmentCharacter(code));

/**
 * The one form of a request's path that routing (and whatever decides by path) looks at, or why there is none.
 *
 * Every octet has exactly one spelling in it: what may stand in a segment as itself does (`%61` is `a`, `%40` is
 * `@`), everything else is escaped with upper-case digits. So two targets that any server could take for the same
 * path are the same path here. RFC 3986 §6.2.2 calls only the unreserved characters equivalent to their escapes;
 * the sub-delimiters, `:` and `@` are added because upstreams decode them too and routing gives them no meaning.
 *
 * A target on whose segments two servers might disagree is refused with `AMBIGUOUS_PATH` instead of being
 * repaired: docs/routing.md lists what and why. The target itself is forwarded byte for byte.
 *
 * @param target origin-form target as received; what follows `?` is left out of everything here
 */
export function canonicalPath(target: string): CanonicalPath | Refusal {
  const query = target.indexOf('?');
  const raw = query === -1 ? target : target.slice(0, query);
  if (raw.charCodeAt(0) !== SLASH) {
    // `OPTIONS *` (RFC 9112 §3.2.4) concerns the server, so no route can match it.
    return raw === '*' ? { path: raw } : ambiguous('does not begin with "/"');
  }
  const path = isPlain(raw) ? raw : decodeOnce(raw);
  if (typeof path !== 'string') return path;
  return refusedSegment(path) ?? refusedEscape(path) ?? { path };
}

/** True when every character stands for itself already, which nearly all requests' do. */
function isPlain(raw: string): boolean {
  for (let at = 0; at < raw.length; at++) {
    const code = raw.charCodeAt(at);
    if (code !== SLASH && PLAIN[code] !== true) return false;
  }
  return true;
}

/** Writes each octet in its one spelling. Decodes once: what comes out is never looked at as an escape again. */
function decodeOnce(raw: string): string | Refusal {
  let path = '';
  for (let at = 0; at < raw.length; at++) {
    const code = raw.charCodeAt(at);
    if (code === SLASH) {
      path += '/';
      continue;
    }
    const escaped = code === PERCENT;
    const octet = escaped ? hexOctet(raw, at + 1) : code;
    if (octet === -1) return ambiguous('contains "%" that is not followed by two hexadecimal digits');
    const problem = refusedOctet(octet, escaped);
    if (problem !== null) return ambiguous(problem);
    path += CANONICAL_OCTET[octet];
    if (escaped) at += 2;
  }
  return path;
}

/** Octets that some server gives a meaning of its own, so that its path is not the one that we see. */
function refusedOctet(octet: number, escaped: boolean): string | null {
  if (octet < 0x20 || octet === 0x7f) return 'contains a control character';
  if (octet === SLASH) return 'contains an encoded "/"';
  if (octet === 0x5c) return 'contains "\\", which some servers take for "/"';
  if (octet === 0x3b) return 'contains ";", after which some servers ignore the rest of a segment';
  if (!escaped && octet >= 0x80) return 'contains a character outside ASCII that is not percent-encoded';
  if (!escaped && (octet === 0x23 || octet === 0x20)) return 'contains a fragment or a space';
  return null;
}

/** Empty and dot segments: some servers drop or resolve them, others do not (RFC 3986 §5.2.4, §6.2.2.3). */
function refusedSegment(path: string): Refusal | null {
  let start = 1;
  while (start < path.length) {
    let end = path.indexOf('/', start);
    if (end === -1) end = path.length;
    const length = end - start;
    if (length === 0) return ambiguous('contains "//"');
    if (
      path.charCodeAt(start) === 0x2e &&
      (length === 1 || (length === 2 && path.charCodeAt(start + 1) === 0x2e))
    ) {
      return ambiguous('contains a "." or ".." segment');
    }
    start = end + 1;
  }
  return null;
}

/** Looks for what only a second decoding would make of the path: double encoding, and `/` as overlong UTF-8. */
function refusedEscape(path: string): Refusal | null {
  for (let at = path.indexOf('%'); at !== -1; at = path.indexOf('%', at + 3)) {
    const octet = hexOctet(path, at + 1);
    const next = hexOctet(path, at + 3);
    if (octet === PERCENT && next !== -1 && next < 0x80) return ambiguous('is percent-encoded twice');
    const following = path.charCodeAt(at + 3) === PERCENT ? hexOctet(path, at + 4) : -1;
    if (isOverlong(octet, following)) return ambiguous('contains an overlong UTF-8 sequence');
  }
  return null;
}

/** RFC 3629 §3: the same character in more bytes than it needs, which lenient decoders take for the short one. */
function isOverlong(octet: number, following: number): boolean {
  if (following < 0x80 || following > 0xbf) return false;
  if (octet === 0xc0 || octet === 0xc1) return true;
  return (octet === 0xe0 && following < 0xa0) || (octet === 0xf0 && following < 0x90);
}

/** The octet written as two hexadecimal digits at `at`, or -1. */
function hexOctet(text: string, at: number): number {
  const high = hexDigit(text.charCodeAt(at));
  const low = hexDigit(text.charCodeAt(at + 1));
  return high === -1 || low === -1 ? -1 : high * 16 + low;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function escapeOctet(octet: number): string {
  return `%${HEX_DIGITS[octet >> 4]}${HEX_DIGITS[octet & 15]}`;
}

/** RFC 3986 §3.3 pchar, without `%`, and without `;`, which is refused. */
function isSegmentCharacter(code: number): boolean {
  if (code > 0x7f) return false;
  return /[A-Za-z0-9\-._~!$&'()*+,=:@]/.test(String.fromCharCode(code));
}

function ambiguous(problem: string): Refusal {
  return new Refusal(
    'AMBIGUOUS_PATH',
    `The path ${problem}. Servers disagree on what such a path means, so it is not forwarded.`,
  );
}
