import {
  CONNECTION,
  CONTENT_LENGTH,
  HOP_BY_HOP,
  KEEP_ALIVE,
  PROXY_CONNECTION,
  TRANSFER_ENCODING,
} from '../../field-info.ts';
import { isFieldValue } from '../../field-names.ts';
import { nominatedBy } from '../../forwarded-headers.ts';
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
  const fields: string[] = [];
  const count = reader.fieldCount;
  let length: number | null = null;
  let chunked = false;
  let options = '';
  let rest = '';
  for (let at = 0; at < count; at++) {
    const info = reader.info(at);
    if (info === null) throw invalid('a field name that is no token');
    const { role } = info;
    if ((role & (HOP_BY_HOP | CONTENT_LENGTH)) === 0) fields.push(info.name, reader.value(at));
    // Proxy-Connection is no field of HTTP, but what is meant by it is clear.
    else if ((role & (CONNECTION | PROXY_CONNECTION)) !== 0) options += `,${reader.value(at)}`;
    else if ((role & KEEP_ALIVE) !== 0) rest += `,${reader.value(at)}`;
    else if ((role & CONTENT_LENGTH) !== 0) {
      if (length !== null) throw invalid('more than one Content-Length');
      // As received: two readers may see a space behind the number differently.
      const received = reader.received(at);
      length = parseLength(received);
      if (length === null) throw invalid(`Content-Length "${received.slice(0, 40)}" is not one valid length`);
    } else if ((role & TRANSFER_ENCODING) !== 0) {
      // RFC 9112 §6.1: any coding beside chunked would still be on the bytes, and nothing would say so. As received: with
      // a tab behind it there are parsers that do not know it.
      const received = reader.received(at);
      if (chunked || !/^chunked *$/i.test(received)) {
        throw invalid(`Transfer-Encoding "${received.slice(0, 40)}"`);
      }
      chunked = true;
    }
  }
  // RFC 9112 §6.3: it may be an attempt to smuggle.
  if (chunked && length !== null) throw invalid('both Content-Length and Transfer-Encoding');
  const usual = options === '' || options === ',keep-alive' || options === ',close';
  const closes =
    hasOption(options, 'close') || (reader.minorVersion === 0 && !hasOption(options, 'keep-alive'));
  const out = usual ? fields : withoutNominated(fields, reader);
  // RFC 9110 §8.6: no length in 1xx and 204.
  if (length !== null && status >= 200 && status !== 204) out.push('Content-Length', String(length));
  return {
    status,
    reason: isFieldValue(reader.reason) ? reader.reason : '',
    fields: out,
    framing: chunked ? 'chunked' : (length ?? 'close'),
    closes,
    restMs: rest === '' ? Number.POSITIVE_INFINITY : namedRest(rest),
  };
}

/** Connection names fields that were meant for us only. */
function withoutNominated(fields: readonly string[], reader: HeadReader): string[] {
  const connection: string[] = [];
  for (let at = 0; at < reader.fieldCount; at++) {
    if (reader.name(at).toLowerCase() === 'connection') connection.push('connection', reader.value(at));
  }
  const nominated = nominatedBy(connection);
  const out: string[] = [];
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    if (nominated?.has(name.toLowerCase()) !== true) out.push(name, fields[at + 1] as string);
  }
  return out;
}

/** The trailers, whitespace behind their values removed. */
export function trailerFields(reader: HeadReader): string[] {
  const fields: string[] = [];
  for (let at = 0; at < reader.fieldCount; at++) {
    const name = reader.name(at);
    // Whoever reads trailers as a part of the head would see another end of the body.
    if (name.toLowerCase() === 'content-length') throw invalid('a trailer that frames');
    fields.push(name, reader.value(at));
  }
  return fields;
}

function hasOption(options: string, option: string): boolean {
  if (options === '') return false;
  // As nearly every upstream writes it.
  if (options === ',keep-alive' || options === ',close') return options === `,${option}`;
  return options.split(',').some((member) => withoutBlanks(member).toLowerCase() === option);
}

/**
 * Not `trim`, which would take away more than the blanks of RFC 9110 §5.6.3: other parsers do not know the option then. And
 * no pattern: one that looks for blanks at the end takes 5 s for 64 KiB of them in the middle.
 */
function withoutBlanks(member: string): string {
  let start = 0;
  let end = member.length;
  while (start < end && isBlank(member.charCodeAt(start))) start++;
  while (end > start && isBlank(member.charCodeAt(end - 1))) end--;
  return member.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** `Keep-Alive: timeout=5`, in seconds. */
function namedRest(values: string): number {
  const seconds = /,[\t ]*timeout=(\d+)/i.exec(values)?.[1];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1_000 - REST_MARGIN_MS;
}

function invalid(what: string): UpstreamError {
  return new UpstreamError('protocol', `The response head is not valid: ${what}.`);
}
