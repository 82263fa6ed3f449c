import { isFieldValue, isToken } from '../field-names.ts';
import { UpstreamError } from '../message.ts';
import { parseLength } from '../request-framing.ts';

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
 * The fields of a response head, with one valid Content-Length at most.
 *
 * @throws {UpstreamError} `protocol` when the fields are not valid, or frame the body in two ways that disagree
 */
export function responseFields(raw: RawFields, status: number): string[] {
  const fields = fieldList(raw);
  if (fields.length > MAX_FIELDS * 2) throw invalid(`more than ${MAX_FIELDS} header fields`);
  let length: number | null = null;
  let chunked = false;
  const out: string[] = [];
  for (let at = 0; at < fields.length; at += 2) {
    // RFC 9112 §5.1: space before the colon is to be removed from responses.
    const name = (fields[at] as string).trimEnd();
    const value = fields[at + 1] as string;
    if (!isToken(name)) throw invalid('a header field has no valid name');
    if (!isFieldValue(value)) throw invalid(`the value of ${name} has control characters`);
    const lower = name.toLowerCase();
    if (lower === 'transfer-encoding') chunked = true;
    if (lower !== 'content-length') {
      out.push(name, value);
      continue;
    }
    const parsed = parseLength(value);
    if (parsed === null || (length !== null && length !== parsed)) {
      throw invalid(`Content-Length "${value.slice(0, 40)}" is not one valid length`);
    }
    length = parsed;
  }
  // RFC 9112 §6.3: Transfer-Encoding overrides; RFC 9110 §8.6: no length in 1xx and 204.
  if (length !== null && !chunked && status >= 200 && status !== 204) {
    out.push('Content-Length', String(length));
  }
  return out;
}

function invalid(what: string): UpstreamError {
  return new UpstreamError('protocol', `The response head is not valid: ${what}.`);
}
