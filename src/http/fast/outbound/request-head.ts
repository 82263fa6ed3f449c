import { sendableHeaders } from '../../full/sendable-request.ts';
import type { OutboundRequest } from '../../message.ts';

/** Methods whose requests usually have a body: one without says so, or there are servers that answer 411 (RFC 9110 §8.6). */
const EXPECTS_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH']);

/**
 * The head of a request up to its last field, without the empty line; all characters are octets.
 *
 * @throws {TypeError} when this request cannot be sent
 */
export function requestHead(request: OutboundRequest): string {
  const fields = sendableHeaders(request, false);
  let host = '';
  let rest = '';
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    // RFC 9110 §7.2: Host comes first.
    if (name.length === 4 && name.toLowerCase() === 'host') host = fields[at + 1] as string;
    else rest += `${name}: ${fields[at + 1]}\r\n`;
  }
  if (request.body === null && EXPECTS_BODY.has(request.method)) rest += 'Content-Length: 0\r\n';
  return `${request.method} ${request.path} HTTP/1.1\r\nhost: ${host}\r\nconnection: ${connectionOption(request.method)}\r\n${rest}`;
}

/** A response to HEAD that has a body nevertheless would be taken for the next one, so nothing may follow it. */
export function connectionOption(method: string): 'close' | 'keep-alive' {
  return method === 'HEAD' ? 'close' : 'keep-alive';
}
