import { firstValue, listMembers, valuesOf } from './field-names.ts';
import type { HeaderList } from './message.ts';
import { Refusal } from './refusal.ts';

export interface RequestFraming {
  readonly hasBody: boolean;
  /** Null when there is no body, or a chunked one. */
  readonly bodyLength: number | null;
}

const NO_BODY: RequestFraming = { hasBody: false, bodyLength: null };
const CHUNKED: RequestFraming = { hasBody: true, bodyLength: null };

/**
 * How long the body is (RFC 9112 §6.3). Whatever two servers could read differently is refused: both length fields,
 * a repeated length, Transfer-Encoding in HTTP/1.0, `chunked` twice or not last.
 */
export function readFraming(headers: HeaderList, httpVersion: '1.0' | '1.1'): RequestFraming | Refusal {
  const lengths = valuesOf(headers, 'content-length');
  const coded = firstValue(headers, 'transfer-encoding') !== undefined;
  if (!coded && lengths.length === 0) return NO_BODY;
  if (coded) return readCodings(headers, httpVersion, lengths.length > 0);
  if (lengths.length > 1) return bad('There is more than one Content-Length field.');
  const length = parseLength(lengths[0] as string);
  if (length === null) return bad('Content-Length is not a decimal number.');
  return length === 0 ? NO_BODY : { hasBody: true, bodyLength: length };
}

function readCodings(
  headers: HeaderList,
  httpVersion: '1.0' | '1.1',
  hasLength: boolean,
): RequestFraming | Refusal {
  if (hasLength) return bad('Content-Length and Transfer-Encoding exclude each other.');
  if (httpVersion === '1.0') return bad('HTTP/1.0 has no Transfer-Encoding.');
  const codings = listMembers(headers, 'transfer-encoding');
  const chunked = codings.filter((coding) => coding === 'chunked').length;
  if (codings.length === 0 || chunked > 1) return bad('Transfer-Encoding is empty or repeats chunked.');
  if (chunked === 1 && codings.at(-1) !== 'chunked') return bad('chunked is not the last transfer coding.');
  if (codings.length === chunked) return CHUNKED;
  return new Refusal('METHOD_NOT_IMPLEMENTED', 'The only transfer coding taken here is chunked.');
}

/** RFC 9110 §8.6: digits only, and no more than can be counted exactly. */
export function parseLength(text: string): number | null {
  if (text.length === 0 || text.length > 16) return null;
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return null;
    length = length * 10 + digit;
  }
  return length <= Number.MAX_SAFE_INTEGER ? length : null;
}

function bad(message: string): Refusal {
  return new Refusal('BAD_REQUEST', message);
}
