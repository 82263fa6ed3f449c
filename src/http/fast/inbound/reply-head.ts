import { STATUS_CODES } from 'node:http';
import { isFieldValue, isToken } from '../../field-names.ts';
import { type ReplyFacts, replyFields } from '../../full/reply-fields.ts';
import type { HeaderList } from '../../message.ts';
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

/**
 * Writes the head of an answer with the fields, and in the order, in which node does for the full lane.
 *
 * @throws when it cannot be sent as HTTP
 */
export function writeReplyHead(answer: AnswerHead, facts: ReplyFacts, closes: boolean): ReplyHead {
  const { status, reason } = answer;
  if (!(status >= 200 && status <= 999)) throw new Error(`${status} cannot be a final status.`);
  const { list, length, bodiless } = replyFields(status, answer.headers, facts, closes);
  const phrase = reason !== '' && isFieldValue(reason) ? reason : (STATUS_CODES[status] ?? '');
  let text = `HTTP/1.1 ${status} ${phrase}\r\n`;
  let dated = false;
  for (let at = 0; at < list.length; at += 2) {
    const name = list[at] as string;
    const value = list[at + 1] as string;
    if (!isToken(name) || !isFieldValue(value)) throw new Error(`The field ${name} cannot be sent.`);
    dated ||= name.length === 4 && name.toLowerCase() === 'date';
    text += `${name}: ${value}\r\n`;
  }
  // RFC 9110 §6.6.1
  if (!dated) text += `Date: ${httpDate()}\r\n`;
  const chunked = length === null && !bodiless;
  return { text: `${text}${chunked ? 'Transfer-Encoding: chunked\r\n' : ''}\r\n`, length, chunked, bodiless };
}
