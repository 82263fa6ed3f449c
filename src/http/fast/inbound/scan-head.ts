import { BEYOND_PLAIN, CONNECTION, CONTENT_LENGTH, fieldInfoAt, HOST } from '../../field-info.ts';
import type { HeaderList } from '../../message.ts';

/** A request head that is beyond doubt. */
export interface ScannedHead {
  readonly method: string;
  readonly target: string;
  readonly headers: HeaderList;
  /** Of its one Host field. */
  readonly host: string;
  /** Null when there is no Content-Length. */
  readonly bodyLength: number | null;
  /** It has `Connection: close`. */
  readonly closes: boolean;
  /** Names, values and four octets per line. */
  readonly fieldBytes: number;
  /** How many bytes it took. */
  readonly length: number;
}

/** Whatever else there is, node's parser has to judge. The most usual first. */
const METHODS = ['GET ', 'POST ', 'PUT ', 'DELETE ', 'PATCH ', 'HEAD ', 'OPTIONS '].map((text) => ({
  bytes: Buffer.from(text),
  name: text.trimEnd(),
}));
const VERSION = Buffer.from(' HTTP/1.1\r\n');

/** As many fields as the places below have room for. */
const MAX_FIELDS = 128;
/** Where names and values begin and end: four numbers for each field. Used within one call only. */
const places = new Int32Array(4 * MAX_FIELDS);

const TOKEN = 1;
const TARGET = 2;
const VALUE = 4;
const KINDS: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) => {
  const character = String.fromCharCode(code);
  const visible = code > 0x20 && code < 0x7f;
  return (
    // RFC 9110 §5.6.2
    (/[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(character) ? TOKEN : 0) |
    (visible && character !== '#' ? TARGET : 0) |
    (visible || code === 0x20 || code === 0x09 ? VALUE : 0)
  );
});

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const SLASH = 0x2f;
const COLON = 0x3a;

/**
 * Reads the request head at the beginning of `bytes`, if every byte of it is one that all servers read alike: a usual
 * method, an origin-form target of visible ASCII, HTTP/1.1, CRLF, token names, values of visible ASCII, space and tab
 * (RFC 9112 §3, §5), one Host, and no field that makes more of the message than a head and a counted body.
 *
 * @returns `partial` when the head has not ended and is beyond doubt so far; `doubt` for all the rest
 */
export function scanHead(bytes: Buffer): ScannedHead | 'partial' | 'doubt' {
  let at = 0;
  let method = '';
  for (const known of METHODS) {
    const same = sameBytes(bytes, 0, known.bytes);
    if (same === bytes.length) return 'partial';
    if (same === known.bytes.length) {
      method = known.name;
      at = same;
      break;
    }
  }
  if (method === '') return 'doubt';

  const targetStart = at;
  if (at < bytes.length && bytes[at] !== SLASH) return 'doubt';
  while (at < bytes.length && hasKind(bytes[at], TARGET)) at++;
  const targetEnd = at;
  at += sameBytes(bytes, at, VERSION);
  if (at < targetEnd + VERSION.length) return at === bytes.length ? 'partial' : 'doubt';

  const lines = readLines(bytes, at);
  if (lines === null) return 'doubt';
  // One string for the whole head: a string for each part of it, taken from the bytes, costs twice as much.
  const text = bytes.toString('latin1', 0, lines.end);
  const fields = readFields(text, lines);
  if (fields === null) return 'doubt';
  if (!lines.complete) return 'partial';
  if (fields.host === null) return 'doubt';
  return {
    method,
    target: text.slice(targetStart, targetEnd),
    headers: fields.headers,
    host: fields.host,
    bodyLength: fields.bodyLength,
    closes: fields.closes,
    fieldBytes: fields.bytes,
    length: lines.end,
  };
}

interface Lines {
  /** How much of `places` they fill. */
  readonly filled: number;
  /** Where they, and with them the head, end. */
  readonly end: number;
  /** False when there is more to come: of the last line, or behind it. */
  readonly complete: boolean;
  /** The last line is not all there. */
  readonly cut: boolean;
}

/** Finds the field lines that begin at `at`; null when one is in doubt. */
function readLines(bytes: Buffer, start: number): Lines | null {
  const { length } = bytes;
  let at = start;
  let filled = 0;
  while (at < length && bytes[at] !== CR) {
    if (filled === places.length) return null;
    const name = at;
    while (at < length && hasKind(bytes[at], TOKEN)) at++;
    if (at === length) return { filled, end: at, complete: false, cut: false };
    if (at === name || bytes[at] !== COLON) return null;
    places[filled] = name;
    places[filled + 1] = at++;
    while (at < length && isBlank(bytes[at])) at++;
    places[filled + 2] = at;
    while (at < length && hasKind(bytes[at], VALUE)) at++;
    places[filled + 3] = at;
    filled += 4;
    if (at < length && bytes[at] !== CR) return null;
    if (at + 1 < length && bytes[at + 1] !== LF) return null;
    if (at + 1 >= length) return { filled, end: at, complete: false, cut: true };
    at += 2;
  }
  if (at + 1 >= length) return { filled, end: at, complete: false, cut: false };
  return bytes[at + 1] === LF ? { filled, end: at + 2, complete: true, cut: false } : null;
}

interface Fields {
  readonly headers: string[];
  host: string | null;
  bodyLength: number | null;
  closes: boolean;
  bytes: number;
}

/** The fields in a flat list; null when one says more of its message than this lane wants to know. */
function readFields(text: string, { filled, cut }: Lines): Fields | null {
  const headers: string[] = [];
  const fields: Fields = { headers, host: null, bodyLength: null, closes: false, bytes: 0 };
  let connected = false;
  for (let place = 0; place < filled; place += 4) {
    const start = places[place + 2] as number;
    const received = places[place + 3] as number;
    const info = fieldInfoAt(text, places[place] as number, places[place + 1] as number);
    // Never so: its octets have been looked at.
    if (info === null) return null;
    let end = received;
    while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
    const value = text.slice(start, end);
    if (info.role !== 0) {
      const isCut = cut && place + 4 === filled;
      if ((info.role & BEYOND_PLAIN) !== 0) return null;
      if ((info.role & HOST) !== 0) {
        if (fields.host !== null) return null;
        fields.host = value;
      } else if ((info.role & CONNECTION) !== 0) {
        if (connected) return null;
        connected = true;
        if (!isCut && !/^(?:close|keep-alive)$/i.test(value)) return null;
        fields.closes = value.length === 5;
      } else if ((info.role & CONTENT_LENGTH) !== 0) {
        // Blanks behind the digits are what parsers have disagreed on.
        if (fields.bodyLength !== null || end !== received) return null;
        if (!(isCut ? /^\d{0,16}$/ : /^\d{1,16}$/).test(value)) return null;
        fields.bodyLength = Number(value);
        if (fields.bodyLength > Number.MAX_SAFE_INTEGER) return null;
      }
    }
    fields.bytes += info.name.length + value.length + 4;
    headers.push(info.name, value);
  }
  return fields;
}

/** How many bytes from `at` are the same as those of `expected`. */
function sameBytes(bytes: Buffer, at: number, expected: Buffer): number {
  let same = 0;
  while (same < expected.length && at + same < bytes.length && bytes[at + same] === expected[same]) same++;
  return same;
}

function hasKind(byte: number | undefined, kind: number): boolean {
  return ((KINDS[byte as number] as number) & kind) !== 0;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SP || byte === TAB;
}
