import { parseAuthority } from './authority.ts';
import { firstValue, isFieldValue, isToken, listMembers } from './field-names.ts';
import type { HeaderList } from './message.ts';
import { METHODS } from './node-http.ts';
import { readUpgrade } from './read-upgrade.ts';
import { Refusal } from './refusal.ts';
import { readFraming } from './request-framing.ts';
import { readTarget } from './request-target.ts';

/** A request head as a parser took it apart, before anything is believed of it. */
export interface RawHead {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  readonly headers: HeaderList;
}

export interface HeadLimits {
  /** Of the field section: names, values and four octets per line. */
  readonly maxHeaderBytes: number;
  readonly maxHeaderCount: number;
  readonly maxTargetBytes: number;
  /** Null: unlimited. */
  readonly maxBodyBytes: number | null;
}

/** A request head that is well-formed and within the limits. */
export interface InboundHead {
  readonly method: string;
  readonly target: string;
  readonly authority: string;
  readonly httpVersion: '1.0' | '1.1';
  readonly headers: HeaderList;
  readonly hasBody: boolean;
  /** Null when there is no body, or a chunked one. */
  readonly bodyLength: number | null;
  /** The client waits for 100 before it sends the body (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean;
  /** Nothing may be read from the connection after this request. */
  readonly isLast: boolean;
  /** It has an Upgrade field. */
  readonly isUpgrade: boolean;
  /** The protocol it asks for, when it is one that is passed on; else its Upgrade is ignored. */
  readonly upgrade: 'websocket' | null;
}

/** RFC 9110 §9.3.6, §9.3.8: tunnels are not ours to open, and TRACE would show a client what proxies added. */
const REFUSED_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'SOURCE']);
const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS.filter((method) => !REFUSED_METHODS.has(method)));

/**
 * Decides whether a request may be handled at all. Everything that RFC 9110 and RFC 9112 ask of a request head and
 * that is independent of routes stands here; the parser's own checks are repeated where a mistake would let two
 * servers disagree on where a request ends.
 */
export function readHead(raw: RawHead, limits: HeadLimits): InboundHead | Refusal {
  const { method, httpVersion, headers } = raw;
  if (!isToken(method)) return bad('The method is not a token.');
  if (!KNOWN_METHODS.has(method)) return unknownMethod(method);
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return unknownVersion(httpVersion);
  const fields = checkFields(headers, limits);
  if (fields !== null) return fields;
  if (raw.target.length > limits.maxTargetBytes) return targetTooLong(limits.maxTargetBytes);
  const target = readTarget(raw.target, method);
  if (target instanceof Refusal) return target;
  const host = readHost(headers, httpVersion);
  if (host instanceof Refusal) return host;
  const framing = readFraming(headers, httpVersion);
  if (framing instanceof Refusal) return framing;
  if (limits.maxBodyBytes !== null && (framing.bodyLength ?? 0) > limits.maxBodyBytes) {
    return bodyTooLarge(limits.maxBodyBytes);
  }
  const expectation = firstValue(headers, 'expect');
  if (expectation !== undefined && !isContinue(headers)) {
    return new Refusal('EXPECTATION_FAILED', 'The only expectation that can be met is 100-continue.');
  }
  const isUpgrade = firstValue(headers, 'upgrade') !== undefined;
  const upgrade = isUpgrade ? readUpgrade({ method, httpVersion, headers, hasBody: framing.hasBody }) : null;
  if (upgrade instanceof Refusal) return upgrade;
  return {
    method,
    target: target.path,
    // RFC 9112 §3.2.2: the authority of an absolute-form target takes the place of Host.
    authority: target.authority ?? host,
    httpVersion,
    headers,
    ...framing,
    expectsContinue: expectation !== undefined && httpVersion === '1.1' && framing.hasBody,
    // RFC 9112 §9.3: a proxy keeps no persistent connection with an HTTP/1.0 client.
    isLast: httpVersion === '1.0' || listMembers(headers, 'connection').includes('close'),
    isUpgrade,
    upgrade,
  };
}

/** A method that is a token but nothing this gateway forwards (RFC 9110 §9.1). */
export function unknownMethod(method: string): Refusal {
  return new Refusal('METHOD_NOT_IMPLEMENTED', `This gateway does not forward ${method.slice(0, 32)}.`);
}

export function unknownVersion(version: string): Refusal {
  return new Refusal(
    'HTTP_VERSION_NOT_SUPPORTED',
    `This port speaks HTTP/1.1 and HTTP/1.0, not HTTP/${version}.`,
  );
}

export function targetTooLong(limit: number): Refusal {
  return new Refusal('URI_TOO_LONG', `The request target is longer than ${limit} bytes.`);
}

export function headersTooLarge(limits: HeadLimits): Refusal {
  return new Refusal(
    'HEADERS_TOO_LARGE',
    `The header section is larger than ${limits.maxHeaderBytes} bytes or has more than ${limits.maxHeaderCount} fields.`,
  );
}

export function headTooSlow(): Refusal {
  return new Refusal('REQUEST_TIMEOUT', 'The request head did not arrive in time.');
}

export function headCutShort(): Refusal {
  return bad('The connection ended within a request.');
}

export function bodyTooLarge(limit: number): Refusal {
  return new Refusal('BODY_TOO_LARGE', `The request body is larger than ${limit} bytes.`);
}

function checkFields(headers: HeaderList, limits: HeadLimits): Refusal | null {
  if (headers.length > limits.maxHeaderCount * 2) return headersTooLarge(limits);
  let bytes = 0;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    const value = headers[at + 1] as string;
    bytes += name.length + value.length + 4;
    if (!isToken(name)) return bad('A field name is empty or not a token.');
    if (!isFieldValue(value)) return bad(`The field ${name} contains a control character.`);
  }
  return bytes > limits.maxHeaderBytes ? headersTooLarge(limits) : null;
}

/** RFC 9112 §3.2: exactly one, valid Host in HTTP/1.1. HTTP/1.0 may have none, and is then routed by path alone. */
function readHost(headers: HeaderList, httpVersion: '1.0' | '1.1'): string | Refusal {
  let host: string | null = null;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue;
    if (host !== null) return bad('There is more than one Host field.');
    host = headers[at + 1] as string;
  }
  if (host === null) return httpVersion === '1.0' ? '' : bad('HTTP/1.1 requests need a Host field.');
  return parseAuthority(host) ?? bad('The Host field is not a host name or address with an optional port.');
}

function isContinue(headers: HeaderList): boolean {
  const members = listMembers(headers, 'expect');
  return members.length > 0 && members.every((member) => member === '100-continue');
}

function bad(message: string): Refusal {
  return new Refusal('BAD_REQUEST', message);
}
