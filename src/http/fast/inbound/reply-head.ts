import {
  CONNECTION,
  CONTENT_LENGTH,
  DATE,
  fieldInfo,
  KEEP_ALIVE,
  TRAILER,
  TRANSFER_ENCODING,
  UPGRADE,
} from '../../field-info.ts';
import { isFieldValue } from '../../field-names.ts';
import { type ReplyFacts, readLength } from '../../full/reply-fields.ts';
import type { HeaderList } from '../../message.ts';
import { STATUS_CODES } from '../../node-http.ts';
import { httpDate } from './http-date.ts';

/** The final head of a handler's answer. */
export interface AnswerHead {
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderList;
}

export interface ReplyHead {
  /** As it goes out, one character for each byte. */
  readonly text: string;
  /** Content-Length, or null when there is none. */
  readonly length: number | null;
  /** The body is sent in chunks. */
  readonly chunked: boolean;
  /** No body follows, whatever the fields say (RFC 9110 §6.4.1). */
  readonly bodiless: boolean;
}

const SPECIAL = CONTENT_LENGTH | TRAILER | CONNECTION | KEEP_ALIVE | TRANSFER_ENCODING | UPGRADE | DATE;

/**
 * Writes the head of an answer with the fields, and in the order, in which the full lane (`replyFields`) and node behind it
 * do: in one pass, because this is most of what a small answer costs.
 *
 * @throws when it cannot be sent as HTTP
 */
export function writeReplyHead(answer: AnswerHead, { method }: ReplyFacts, closes: boolean): ReplyHead {
  const { status, reason, headers } = answer;
  if (!(status >= 200 && status <= 999)) throw new Error(`${status} cannot be a final status.`);
  const phrase = reason !== '' && isFieldValue(reason) ? reason : (STATUS_CODES[status] ?? '');
  let text = `HTTP/1.1 ${status} ${phrase}\r\n`;
  let length: number | null = null;
  let trailer: string | null = null;
  let dated = false;
  let upgrades = false;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    const value = headers[at + 1] as string;
    const info = fieldInfo(name);
    if (info === null || !isFieldValue(value)) throw new Error(`The field ${name} cannot be sent.`);
    if ((info.role & SPECIAL) !== 0) {
      if ((info.role & CONTENT_LENGTH) !== 0) length = readLength(value, length);
      if ((info.role & TRAILER) !== 0) trailer = value;
      if ((info.role & (DATE | UPGRADE)) === 0) continue;
      dated ||= (info.role & DATE) !== 0;
      upgrades ||= (info.role & UPGRADE) !== 0;
    }
    text += `${name}: ${value}\r\n`;
  }
  const bodiless = method === 'HEAD' || status === 204 || status === 304;
  // RFC 9110 §8.6: no length in a 204. In answers to HEAD and in 304 it tells of the body that a GET would get.
  if (status === 204) length = null;
  const chunked = length === null && !bodiless;
  // RFC 9110 §6.6.2: announced only where trailers can follow.
  if (trailer !== null && chunked) text += `Trailer: ${trailer}\r\n`;
  if (length !== null) text += `Content-Length: ${length}\r\n`;
  // RFC 9110 §7.8: whoever sends Upgrade, as a 426 does, says so in Connection.
  if (closes || upgrades) text += `Connection: ${connectionOptions(closes, upgrades)}\r\n`;
  // RFC 9110 §6.6.1
  if (!dated) text += `Date: ${httpDate()}\r\n`;
  return { text: `${text}${chunked ? 'Transfer-Encoding: chunked\r\n' : ''}\r\n`, length, chunked, bodiless };
}

function connectionOptions(closes: boolean, upgrades: boolean): string {
  if (!upgrades) return 'close';
  return closes ? 'close, Upgrade' : 'Upgrade';
}
