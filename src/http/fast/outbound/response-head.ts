import { isFieldValue, valuesOf } from '../../field-names.ts';
import { endToEnd } from '../../forwarded-headers.ts';
import { UpstreamError } from '../../message.ts';
import { parseLength } from '../../request-framing.ts';
import type { HeadReader } from './head-reader.ts';

/** How long before the time that the upstream names a connection is given up: its FIN must not cross a request. */
const REST_MARGIN_MS = 2_000;

export interface ResponseHead {
  readonly status: number;
  /** Empty where what was sent could not be sent on. */
  readonly reason: string;
  /** End-to-end fields; Content-Length, if any, is valid and the last. */
  readonly fields: string[];
  /** Of the message as its fields say it. */
  readonly framing: 'chunked' | 'close' | number;
  /** Nothing follows on the connection (RFC 9112 §9.3). */
  readonly closes: boolean;
  /** How long the upstream lets the connection rest, less a margin: it may be negative; infinite when it does not say. */
  readonly restMs: number;
}

/**
 * What a head that has been read means.
 *
 * @throws {UpstreamError} `protocol` when it switches protocols, or frames the body in a way that cannot be passed on
 */
export function responseHead(reader: HeadReader): ResponseHead {
  const { status } = reader;
  // Nobody has asked for a 100 or a 101.
  if (status < 102) throw invalid(`status ${status}`);
  const fields = reader.fields();
  let length: number | null = null;
  let chunked = false;
  let options = '';
  let hasRest = false;
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    const received = fields[at + 1] as string;
    const value = trimmedEnd(received);
    fields[at + 1] = value;
    switch (name.length) {
      case 10:
        if (name.toLowerCase() === 'connection') options += `,${value}`;
        hasRest ||= name.toLowerCase() === 'keep-alive';
        break;
      case 14:
        if (name.toLowerCase() !== 'content-length') break;
        if (length !== null) throw invalid('more than one Content-Length');
        // As received: two readers may see a space behind the number differently.
        length = parseLength(received);
        if (length === null)
          throw invalid(`Content-Length "${received.slice(0, 40)}" is not one valid length`);
        break;
      case 16:
        // No field of HTTP, but what is meant by it is clear.
        if (name.toLowerCase() === 'proxy-connection') options += `,${value}`;
        break;
      case 17:
        if (name.toLowerCase() !== 'transfer-encoding') break;
        // RFC 9112 §6.1: any coding beside chunked would still be on the bytes, and nothing would say so. As received: with
        // a tab behind it there are parsers that do not know it.
        if (chunked || !/^chunked *$/i.test(received)) {
          throw invalid(`Transfer-Encoding "${value.slice(0, 40)}"`);
        }
        chunked = true;
    }
  }
  // RFC 9112 §6.3: it may be an attempt to smuggle.
  if (chunked && length !== null) throw invalid('both Content-Length and Transfer-Encoding');
  const closes =
    (options !== '' && hasOption(options, 'close')) ||
    (reader.minorVersion === 0 && !hasOption(options, 'keep-alive'));
  const out = endToEnd(fields);
  // RFC 9110 §8.6: no length in 1xx and 204.
  if (length !== null && status >= 200 && status !== 204) out.push('Content-Length', String(length));
  return {
    status,
    reason: isFieldValue(reader.reason) ? reader.reason : '',
    fields: out,
    framing: chunked ? 'chunked' : (length ?? 'close'),
    closes,
    restMs: hasRest ? namedRest(fields) : Number.POSITIVE_INFINITY,
  };
}

/** The trailers, whitespace behind their values removed. */
export function trailerFields(reader: HeadReader): string[] {
  const fields = reader.fields();
  for (let at = 0; at < fields.length; at += 2) {
    // Whoever reads trailers as a part of the head would see another end of the body.
    if ((fields[at] as string).toLowerCase() === 'content-length') throw invalid('a trailer that frames');
    fields[at + 1] = trimmedEnd(fields[at + 1] as string);
  }
  return fields;
}

function hasOption(options: string, option: string): boolean {
  return options.split(',').some((member) => member.trim().toLowerCase() === option);
}

/** `Keep-Alive: timeout=5`, in seconds. */
function namedRest(fields: readonly string[]): number {
  const seconds = /(?:^|,)[\t ]*timeout=(\d+)/i.exec(valuesOf(fields, 'keep-alive').join())?.[1];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1_000 - REST_MARGIN_MS;
}

/** RFC 9110 §5.5: whitespace around a value is no part of it. */
function trimmedEnd(value: string): string {
  let end = value.length;
  while (end > 0 && (value.charCodeAt(end - 1) === 0x20 || value.charCodeAt(end - 1) === 0x09)) end--;
  return end === value.length ? value : value.slice(0, end);
}

function invalid(what: string): UpstreamError {
  return new UpstreamError('protocol', `The response head is not valid: ${what}.`);
}
