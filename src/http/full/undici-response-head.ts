import { isFieldValue, isToken, listMembers, valuesOf } from '../field-names.ts';
import { endToEnd } from '../forwarded-headers.ts';
import { UpstreamError } from '../message.ts';
import { parseLength } from '../request-framing.ts';
import { webSocketAccept } from '../websocket-key.ts';

/** Fields of one response head; more than this is no answer but an attack on our memory. */
const MAX_FIELDS = 512;

/** undici gives buffers over HTTP/1.1 and an object over HTTP/2. */
export type RawFields = Buffer[] | string[] | NodeJS.Dict<string | string[]> | null | undefined;

/** The fields in order, as text. */
export function fieldList(raw: RawFields): string[] {
  if (raw === null || raw === undefined) return [];
  const list: string[] = [];
  if (Array.isArray(raw)) {
    for (const part of raw) list.push(typeof part === 'string' ? part : part.toString('latin1'));
    return list;
  }
  for (const [name, value] of Object.entries(raw)) {
    if (name.startsWith(':') || value === undefined) continue;
    if (typeof value === 'string') list.push(name, value);
    else for (const one of value) list.push(name, one);
  }
  return list;
}

/**
 * The end-to-end fields of a response head, with one valid Content-Length at most.
 *
 * @throws {UpstreamError} `protocol` when the head is not valid, switches protocols, or frames the body in a way that
 *   cannot be passed on
 */
export function responseFields(raw: RawFields, status: number): string[] {
  // A 101 that comes here switches nothing, and undici tells of whatever three digits there are.
  if (status < 100 || status === 101) throw invalid(`status ${status}`);
  return checkedFields(raw, status);
}

/**
 * The end-to-end fields of a 101 that switches to WebSocket (RFC 6455 §4.1).
 *
 * @param key the Sec-WebSocket-Key of the request
 * @throws {UpstreamError} `protocol` when it does not
 */
export function switchedFields(raw: readonly string[], key: string): string[] {
  const protocols = listMembers(raw, 'upgrade');
  if (protocols.length !== 1 || protocols[0] !== 'websocket') throw invalid('it switches to no WebSocket');
  if (!listMembers(raw, 'connection').includes('upgrade')) throw invalid('Connection does not say upgrade');
  const accepts = valuesOf(raw, 'sec-websocket-accept');
  if (accepts.length !== 1 || accepts[0]?.trim() !== webSocketAccept(key)) {
    throw invalid('Sec-WebSocket-Accept is not the one for this key');
  }
  return checkedFields([...raw], 101);
}

function checkedFields(raw: RawFields, status: number): string[] {
  const fields = fieldList(raw);
  if (fields.length > MAX_FIELDS * 2) throw invalid(`more than ${MAX_FIELDS} header fields`);
  let length: number | null = null;
  let coded = false;
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    const received = fields[at + 1] as string;
    const value = trimmed(received);
    fields[at + 1] = value;
    if (!isToken(name)) throw invalid('a header field has no valid name');
    if (!isFieldValue(value)) throw invalid(`the value of ${name} has control characters`);
    const lower = name.toLowerCase();
    if (lower === 'transfer-encoding') {
      // RFC 9112 §6.1: any coding beside chunked would still be on the bytes, and nothing would say so. As received: with a
      // tab behind it undici does not know the coding, and takes all that comes for the body.
      if (coded || !/^chunked *$/i.test(received)) throw invalid(`Transfer-Encoding "${shown(value)}"`);
      coded = true;
    } else if (lower === 'content-length') {
      // As received: undici counts spaces after the number as digits, and would then cut the body.
      const parsed = parseLength(received);
      if (parsed === null || (length !== null && length !== parsed)) {
        throw invalid(`Content-Length "${shown(value)}" is not one valid length`);
      }
      length = parsed;
    }
  }
  const out = endToEnd(fields);
  // RFC 9112 §6.3: Transfer-Encoding overrides; RFC 9110 §8.6: no length in 1xx and 204.
  if (length !== null && !coded && status >= 200 && status !== 204) {
    out.push('Content-Length', String(length));
  }
  return out;
}

/** RFC 9110 §5.5: whitespace around a value is no part of it; the parser leaves what follows. */
function trimmed(value: string): string {
  let end = value.length;
  while (end > 0 && (value.charCodeAt(end - 1) === 0x20 || value.charCodeAt(end - 1) === 0x09)) end--;
  return value.slice(0, end);
}

function shown(value: string): string {
  return value.slice(0, 40);
}

function invalid(what: string): UpstreamError {
  return new UpstreamError('protocol', `The response head is not valid: ${what}.`);
}
