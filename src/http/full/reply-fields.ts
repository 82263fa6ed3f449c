import { isFieldValue, isToken } from '../field-names.ts';
import type { HeaderList } from '../message.ts';
import { STATUS_CODES } from '../node-http.ts';
import { parseLength } from '../request-framing.ts';

/** What of the request decides how its reply is framed. */
export interface ReplyFacts {
  readonly method: string;
  readonly httpVersion: '1.0' | '1.1';
}

export interface ReplyFields {
  readonly list: string[];
  /** Content-Length, or null when there is none. */
  readonly length: number | null;
  /** No body follows, whatever the fields say (RFC 9110 §6.4.1). */
  readonly bodiless: boolean;
}

/**
 * The fields of a final head as they go out: the caller's end-to-end fields, one Content-Length at most, and
 * `Connection: close` when the connection ends here.
 *
 * @throws when Content-Length is not a number, or is given twice with different values
 */
export function replyFields(
  status: number,
  headers: HeaderList,
  facts: ReplyFacts,
  closes: boolean,
): ReplyFields {
  const bodiless = facts.method === 'HEAD' || status === 204 || status === 304;
  const list: string[] = [];
  let length: number | null = null;
  let trailer: string | null = null;
  let upgrades = false;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    const value = headers[at + 1] as string;
    switch (name.toLowerCase()) {
      case 'content-length':
        length = readLength(value, length);
        break;
      case 'trailer':
        trailer = value;
        break;
      case 'connection':
      case 'keep-alive':
      case 'transfer-encoding':
        break;
      case 'upgrade':
        upgrades = true;
        list.push(name, value);
        break;
      default:
        list.push(name, value);
    }
  }
  // RFC 9110 §8.6: no length in a 204. In answers to HEAD and in 304 it tells of the body that a GET would get.
  if (status === 204) length = null;
  // RFC 9110 §6.6.2: announced only where trailers can follow.
  const chunked = length === null && !bodiless && facts.httpVersion === '1.1';
  if (trailer !== null && chunked) list.push('Trailer', trailer);
  // Last, because node rewrites a Content-Disposition that comes after it and breaks octets outside ASCII.
  if (length !== null) list.push('Content-Length', String(length));
  // RFC 9110 §7.8: whoever sends Upgrade, as a 426 does, says so in Connection.
  const options = [...(closes ? ['close'] : []), ...(upgrades ? ['Upgrade'] : [])];
  if (options.length > 0) list.push('Connection', options.join(', '));
  return { list, length, bodiless };
}

/** @throws when it is not a number, or not the one that came before */
export function readLength(value: string, before: number | null): number {
  const length = parseLength(value);
  if (length === null || (before !== null && before !== length)) {
    throw new Error(`Content-Length "${value}" cannot frame an answer.`);
  }
  return length;
}

/**
 * The fields of a 101 as they go out: end-to-end fields, and what makes the switch.
 *
 * @throws when a field cannot be sent
 */
export function switchFields(headers: HeaderList, protocol: string): string[] {
  const list: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    const value = headers[at + 1] as string;
    if (!isToken(name) || !isFieldValue(value)) throw new Error(`The field ${name} cannot be sent.`);
    // RFC 9112 §6.1, §6.2: neither length field may stand in a 1xx.
    if (NOT_IN_A_SWITCH.has(name.toLowerCase())) continue;
    list.push(name, value);
  }
  list.push('Connection', 'Upgrade', 'Upgrade', protocol);
  return list;
}

const NOT_IN_A_SWITCH: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** A 1xx as it goes out, or null for one that cannot be sent, or not by a handler. */
export function interimHead(status: number, headers: HeaderList): string | null {
  // 100 is the lane's own business, and 101 would be the end of HTTP on this connection.
  if (status < 102 || status > 199) return null;
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    const value = headers[at + 1] as string;
    // RFC 9112 §6.1, §6.2: neither length field may stand in a 1xx.
    if (/^(?:content-length|transfer-encoding)$/i.test(name)) continue;
    if (!isToken(name) || !isFieldValue(value)) return null;
    head += `${name}: ${value}\r\n`;
  }
  return `${head}\r\n`;
}

/** Trailers without those that cannot, or must not, be sent. */
export function sendableTrailers(trailers: HeaderList): [string, string][] {
  const kept: [string, string][] = [];
  for (let at = 0; at < trailers.length; at += 2) {
    const name = trailers[at] as string;
    const value = trailers[at + 1] as string;
    if (isToken(name) && isFieldValue(value) && !NEVER_A_TRAILER.test(name)) kept.push([name, value]);
  }
  return kept;
}

// RFC 9110 §6.5.1: nothing that frames, routes or authenticates a message may come after it.
const NEVER_A_TRAILER =
  /^(?:connection|content-encoding|content-length|content-range|content-type|host|keep-alive|proxy-.*|set-cookie|te|trailer|transfer-encoding|upgrade|www-authenticate)$/i;
