import { isFieldValue, isToken } from '../field-names.ts';
import type { OutboundRequest } from '../message.ts';

/** Fields that the lane writes itself, or that frame the message or end its connection. */
const NOT_FORWARDED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The fields as undici takes them, Content-Length of the body included.
 *
 * undici checks requests too, but each one that a Pool's client rejects leaves that client marked as busy for ever: as
 * many bad requests as there are connections, and the target cannot be reached any more.
 *
 * @throws {TypeError} when this request cannot be sent
 */
export function sendableHeaders(
  { method, path, headers, body }: OutboundRequest,
  lowerCase: boolean,
): string[] {
  if (!isToken(method) || method === 'CONNECT') throw unsendable(`method ${JSON.stringify(method)}`);
  if (!/^\/[\x21-\xff]*$/.test(path)) throw unsendable('its path is not in origin form');
  const out: string[] = [];
  let hosts = 0;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    const value = headers[at + 1] as string;
    const lower = name.toLowerCase();
    if (!isToken(name) || NOT_FORWARDED.has(lower)) throw unsendable(`field ${JSON.stringify(name)}`);
    if (!isFieldValue(value)) throw unsendable(`the value of ${name} has control characters`);
    if (lower === 'host') hosts++;
    out.push(lowerCase ? lower : name, value);
  }
  if (hosts !== 1) throw unsendable('it has to have one Host field');
  if (body !== null && body.length !== null) {
    out.push(lowerCase ? 'content-length' : 'Content-Length', String(body.length));
  }
  return out;
}

function unsendable(what: string): TypeError {
  return new TypeError(`This request cannot be sent to an upstream: ${what}.`);
}
