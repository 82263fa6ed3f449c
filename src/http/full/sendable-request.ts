import { type FieldInfo, fieldInfo, HOST, OF_THE_LANE } from '../field-info.ts';
import { isFieldValue, isToken } from '../field-names.ts';
import type { OutboundRequest } from '../message.ts';

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
  checkRequestLine(method, path);
  const out: string[] = [];
  let hosts = 0;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    const value = headers[at + 1] as string;
    const { lower, role } = checkField(name, value);
    if ((role & HOST) !== 0) hosts++;
    out.push(lowerCase ? lower : name, value);
  }
  checkHosts(hosts);
  if (body !== null && body.length !== null) {
    out.push(lowerCase ? 'content-length' : 'Content-Length', String(body.length));
  }
  return out;
}

/** @throws {TypeError} when no request line can be made of them */
export function checkRequestLine(method: string, path: string): void {
  if (!isToken(method) || method === 'CONNECT') throw unsendable(`method ${JSON.stringify(method)}`);
  if (!/^\/[\x21-\xff]*$/.test(path)) throw unsendable('its path is not in origin form');
}

/** @throws {TypeError} when this field cannot be sent, or only by the lane itself */
export function checkField(name: string, value: string): FieldInfo {
  const info = fieldInfo(name);
  if (info === null || (info.role & OF_THE_LANE) !== 0) throw unsendable(`field ${JSON.stringify(name)}`);
  if (!isFieldValue(value)) throw unsendable(`the value of ${name} has control characters`);
  return info;
}

/** @throws {TypeError} unless there is one Host field (RFC 9112 §3.2) */
export function checkHosts(count: number): void {
  if (count !== 1) throw unsendable('it has to have one Host field');
}

function unsendable(what: string): TypeError {
  return new TypeError(`This request cannot be sent to an upstream: ${what}.`);
}
