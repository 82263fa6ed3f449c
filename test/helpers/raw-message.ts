import type { ConnectionEnd } from './raw-connection.ts';

export type Framing = 'none' | 'length' | 'chunked' | 'close';

/** A message taken apart by this strict parser, which shares no code with what is under test. */
export interface RawMessage {
  /** `GET /a HTTP/1.1` or `HTTP/1.1 200 OK`. */
  readonly startLine: string;
  /** Names as sent, in order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly framing: Framing;
  readonly body: Buffer;
  readonly trailers: readonly (readonly [name: string, value: string])[];
  /** The whole message, byte for byte. */
  readonly raw: Buffer;
  /** First value of a field, or undefined. */
  header(name: string): string | undefined;
  /** All values of a field. */
  all(name: string): string[];
}

export interface RawRequest extends RawMessage {
  readonly method: string;
  readonly target: string;
}

export interface RawResponse extends RawMessage {
  readonly status: number;
  readonly reason: string;
  /** The body as JSON. */
  json(): Record<string, Record<string, unknown>>;
}

type Fields = (readonly [string, string])[];
type Parsed<T> = { value: T; length: number } | null;

const FIELD =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[!-~\x80-\xff](?:[ \t!-~\x80-\xff]*[!-~\x80-\xff])?)?)[ \t]*$/;

/** The next request in `bytes`, or null when it is not all there. Throws when it is not valid. */
export function parseRequest(bytes: Buffer): Parsed<RawRequest> {
  const head = parseHead(bytes);
  if (head === null) return null;
  const line = /^([!-~]+) ([!-~]+) HTTP\/1\.[01]$/.exec(head.startLine);
  if (line === null) throw new Error(`Bad request line ${JSON.stringify(head.startLine)}`);
  const framing = framingOf(head.fields, 'none');
  const body = parseBody(bytes, head, framing);
  if (body === null) return null;
  const value = { ...message(bytes, head, framing, body), method: line[1]!, target: line[2]! };
  return { value, length: body.end };
}

/**
 * The next response in `bytes`, interim ones included, or null when it is not all there.
 *
 * @param toHead true when it answers a HEAD request, so that no body follows whatever the fields say
 * @param end how the connection ended: a close-delimited body is complete only after a FIN
 */
export function parseResponse(
  bytes: Buffer,
  toHead: boolean,
  end: ConnectionEnd | null,
): Parsed<RawResponse> {
  const head = parseHead(bytes);
  if (head === null) return null;
  const line = /^HTTP\/1\.1 ([1-9][0-9]{2}) ([\t -~\x80-\xff]*)$/.exec(head.startLine);
  if (line === null) throw new Error(`Bad status line ${JSON.stringify(head.startLine)}`);
  const status = Number(line[1]);
  const bodiless = toHead || status < 200 || status === 204 || status === 304;
  if ((status < 200 || status === 204) && has(head.fields, 'content-length', 'transfer-encoding')) {
    throw new Error(`${status} with framing: ${JSON.stringify(head.fields)}`);
  }
  const framing = bodiless ? 'none' : framingOf(head.fields, 'close');
  if (framing === 'close' && end !== 'end') return null;
  const body = parseBody(bytes, head, framing);
  if (body === null) return null;
  const base = message(bytes, head, framing, body);
  const value: RawResponse = {
    ...base,
    status,
    reason: line[2] ?? '',
    json: () => JSON.parse(base.body.toString('utf8')),
  };
  return { value, length: body.end };
}

interface Head {
  readonly startLine: string;
  readonly fields: Fields;
  readonly end: number;
}

function parseHead(bytes: Buffer): Head | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const [startLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  return { startLine, fields: lines.map(parseField), end: end + 4 };
}

function parseField(line: string): readonly [string, string] {
  const field = FIELD.exec(line);
  if (field === null) throw new Error(`Bad field line ${JSON.stringify(line)}`);
  return [field[1]!, field[2] ?? ''];
}

function has(fields: Fields, ...names: string[]): boolean {
  return fields.some(([name]) => names.includes(name.toLowerCase()));
}

function framingOf(fields: Fields, without: Framing): Framing {
  const lengths = fields.filter(([name]) => name.toLowerCase() === 'content-length');
  const codings = fields.filter(([name]) => name.toLowerCase() === 'transfer-encoding');
  if (lengths.length + codings.length > 1) throw new Error(`Ambiguous framing: ${JSON.stringify(fields)}`);
  if (lengths.length === 1) {
    if (!/^\d+$/.test(lengths[0]![1])) throw new Error(`Bad Content-Length ${lengths[0]![1]}`);
    return 'length';
  }
  if (codings.length === 0) return without;
  if (codings[0]![1] !== 'chunked') throw new Error(`Bad Transfer-Encoding ${codings[0]![1]}`);
  return 'chunked';
}

interface Body {
  readonly bytes: Buffer;
  readonly trailers: Fields;
  readonly end: number;
}

function parseBody(bytes: Buffer, head: Head, framing: Framing): Body | null {
  if (framing === 'none') return { bytes: Buffer.alloc(0), trailers: [], end: head.end };
  if (framing === 'close') return { bytes: bytes.subarray(head.end), trailers: [], end: bytes.length };
  if (framing === 'chunked') return parseChunks(bytes, head.end);
  const length = Number(head.fields.find(([name]) => name.toLowerCase() === 'content-length')![1]);
  const end = head.end + length;
  return bytes.length < end ? null : { bytes: bytes.subarray(head.end, end), trailers: [], end };
}

function parseChunks(bytes: Buffer, start: number): Body | null {
  const chunks: Buffer[] = [];
  let at = start;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return null;
    const line = bytes.toString('latin1', at, lineEnd);
    if (!/^[0-9a-fA-F]+$/.test(line)) throw new Error(`Bad chunk size ${JSON.stringify(line)}`);
    const size = Number.parseInt(line, 16);
    at = lineEnd + 2;
    if (size === 0) break;
    if (bytes.length < at + size + 2) return null;
    if (bytes.toString('latin1', at + size, at + size + 2) !== '\r\n') throw new Error('Chunk without CRLF');
    chunks.push(bytes.subarray(at, at + size));
    at += size + 2;
  }
  const trailers: Fields = [];
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return null;
    const line = bytes.toString('latin1', at, lineEnd);
    at = lineEnd + 2;
    if (line === '') return { bytes: Buffer.concat(chunks), trailers, end: at };
    trailers.push(parseField(line));
  }
}

function message(bytes: Buffer, head: Head, framing: Framing, body: Body): RawMessage {
  const { startLine, fields } = head;
  const all = (name: string) =>
    fields.filter(([field]) => field.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
  return {
    startLine,
    fields,
    framing,
    body: Buffer.from(body.bytes),
    trailers: body.trailers,
    raw: Buffer.from(bytes.subarray(0, body.end)),
    header: (name) => all(name)[0],
    all,
  };
}
