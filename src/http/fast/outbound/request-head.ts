import { HOST } from '../../field-info.ts';
import { checkField, checkHosts, checkRequestLine } from '../../full/sendable-request.ts';
import type { OutboundRequest } from '../../message.ts';

/** Methods whose requests usually have a body: one without says so, or there are servers that answer 411 (RFC 9110 §8.6). */
const EXPECTS_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH']);

/**
 * The head of a request up to its last field, without the empty line; all characters are octets.
 *
 * @throws {TypeError} when this request cannot be sent
 */
export function requestHead({ method, path, headers, body }: OutboundRequest): string {
  checkRequestLine(method, path);
  let hosts = 0;
  let host = '';
  let rest = '';
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    const value = headers[at + 1] as string;
    if ((checkField(name, value).role & HOST) === 0) rest += `${name}: ${value}\r\n`;
    else {
      hosts++;
      host = value;
    }
  }
  checkHosts(hosts);
  if (body !== null && body.length !== null) rest += `Content-Length: ${body.length}\r\n`;
  else if (body === null && EXPECTS_BODY.has(method)) rest += 'Content-Length: 0\r\n';
  // RFC 9110 §7.2: Host comes first.
  return `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: ${connectionOption(method)}\r\n${rest}`;
}

/** A response to HEAD that has a body nevertheless would be taken for the next one, so nothing may follow it. */
export function connectionOption(method: string): 'close' | 'keep-alive' {
  return method === 'HEAD' ? 'close' : 'keep-alive';
}
