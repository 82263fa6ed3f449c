import { isIPv6 } from 'node:net';
import { firstValue, listMembers } from './field-names.ts';
import type { HeaderList, InboundRequest } from './message.ts';

/** Fields that concern one connection only (RFC 9110 §7.6.1), whatever Connection says. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  // For this proxy, or none (RFC 9110 §11.7).
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
]);

/** What the gateway writes itself, or has dealt with already. */
const REPLACED_IN_REQUESTS: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'expect',
  // Request trailers are not passed on.
  'trailer',
  'x-request-id',
]);

/** A client that nominates one of these wants a fact about itself removed, not a connection option. */
const NEVER_NOMINATED: ReadonlySet<string> = new Set(['host', 'content-length', 'authorization', 'via']);

export interface RequestForwarding {
  /** Value of Host for the upstream. */
  readonly host: string;
  /** Our pseudonym in Via. */
  readonly via: string;
  /** The peer is one of ours: what it says about who it forwards for is believed and added to. */
  readonly trusted: boolean;
  readonly requestId: string;
}

/** The request's fields as the upstream gets them, Content-Length left to the lane that frames the body. */
export function forwardRequestHeaders(
  request: Pick<
    InboundRequest,
    'method' | 'headers' | 'authority' | 'remoteAddress' | 'scheme' | 'httpVersion'
  >,
  { host, via, trusted, requestId }: RequestForwarding,
): string[] {
  const { headers } = request;
  const nominated = nominatedBy(headers);
  const out: string[] = ['Host', host];
  const forwardedFor: string[] = [];
  const forwarded: string[] = [];
  let proto: string = request.scheme;
  let forwardedHost: string = request.authority;
  for (let at = 0; at < headers.length; at += 2) {
    const field = headers[at] as string;
    const value = headers[at + 1] as string;
    const name = field.toLowerCase();
    // An alias with underscores is the same variable to a CGI-style upstream, so it is never passed on.
    const dashed = withDashes(name);
    if (HOP_BY_HOP.has(dashed) || REPLACED_IN_REQUESTS.has(dashed)) continue;
    if (isForwardingField(dashed)) {
      if (!trusted || name.includes('_')) continue;
      if (name === 'x-forwarded-for') forwardedFor.push(value);
      else if (name === 'forwarded') forwarded.push(value);
      else if (name === 'x-forwarded-proto') proto = value;
      else if (name === 'x-forwarded-host') forwardedHost = value;
      else out.push(field, value);
      continue;
    }
    if (nominated?.has(name)) continue;
    if (name === 'max-forwards' && request.method === 'OPTIONS') {
      out.push(field, decremented(value));
      continue;
    }
    out.push(field, value);
  }
  const peer = nodeOf(request.remoteAddress);
  forwardedFor.push(peer);
  forwarded.push(forwardedElement(peer, request.authority, request.scheme));
  out.push(
    'X-Forwarded-For',
    forwardedFor.join(', '),
    'X-Forwarded-Proto',
    proto,
    'X-Forwarded-Host',
    forwardedHost,
    'Forwarded',
    forwarded.join(', '),
    'Via',
    `${request.httpVersion} ${via}`,
    'X-Request-Id',
    requestId,
  );
  return out;
}

/** An upstream's fields without what concerned only its connection to us, and without Content-Length. */
export function endToEnd(headers: HeaderList): string[] {
  const nominated = nominatedBy(headers);
  const out: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const field = headers[at] as string;
    const name = field.toLowerCase();
    if (HOP_BY_HOP.has(name) || name === 'content-length' || nominated?.has(name)) continue;
    out.push(field, headers[at + 1] as string);
  }
  return out;
}

/** An answer's end-to-end fields as the client gets them; framing is left to the reply. */
export function forwardResponseHeaders(
  headers: HeaderList,
  { via, requestId }: { via: string; requestId: string },
): string[] {
  const out: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const field = headers[at] as string;
    if (field.length === 12 && field.toLowerCase() === 'x-request-id') continue;
    out.push(field, headers[at + 1] as string);
  }
  out.push('Via', `1.1 ${via}`, 'X-Request-Id', requestId);
  return out;
}

/** Trailers that may be passed on: nothing that frames, routes or authenticates (RFC 9110 §6.5.1). */
export function forwardTrailers(trailers: HeaderList): string[] {
  const out: string[] = [];
  for (let at = 0; at < trailers.length; at += 2) {
    const field = trailers[at] as string;
    const name = field.toLowerCase();
    if (HOP_BY_HOP.has(name) || NEVER_NOMINATED.has(name) || NOT_IN_TRAILERS.has(name)) continue;
    out.push(field, trailers[at + 1] as string);
  }
  return out;
}

const NOT_IN_TRAILERS: ReadonlySet<string> = new Set([
  'trailer',
  'set-cookie',
  'cookie',
  'content-encoding',
  'content-type',
  'content-range',
  'cache-control',
  'location',
  'www-authenticate',
  'x-request-id',
]);

/**
 * True when Via says that the request has been through this gateway (RFC 9110 §7.6.3). Comparison ignores case, as
 * for every pseudonym that may be a host name.
 */
export function isLoop(headers: HeaderList, via: string): boolean {
  const own = via.toLowerCase();
  for (const member of listMembers(headers, 'via')) {
    // received-protocol RWS received-by [ RWS comment ]
    if (member.split(/[ \t]+/, 2)[1] === own) return true;
  }
  return false;
}

/** Value of Max-Forwards; null when there is none or it is not a number. */
export function maxForwards(headers: HeaderList): number | null {
  const value = firstValue(headers, 'max-forwards');
  return value !== undefined && /^[0-9]{1,9}$/.test(value) ? Number(value) : null;
}

function decremented(value: string): string {
  return /^[0-9]{1,9}$/.test(value) ? String(Math.max(0, Number(value) - 1)) : value;
}

/** Names of fields that Connection makes part of this hop, or null when there are none beside the usual. */
function nominatedBy(headers: HeaderList): Set<string> | null {
  let nominated: Set<string> | null = null;
  for (const option of listMembers(headers, 'connection')) {
    if (option === 'close' || option === 'keep-alive' || NEVER_NOMINATED.has(option)) continue;
    nominated ??= new Set();
    nominated.add(option);
  }
  return nominated;
}

/** Names by which a client could claim to be forwarded for somebody else, and their underscore aliases. */
function isForwardingField(dashed: string): boolean {
  return dashed === 'forwarded' || dashed === 'x-real-ip' || dashed.startsWith('x-forwarded-');
}

function withDashes(name: string): string {
  return name.includes('_') ? name.replaceAll('_', '-') : name;
}

/** The address without its zone, which means something on this host only; RFC 7239 §6.2 has a word for none. */
function nodeOf(address: string): string {
  if (address === '') return 'unknown';
  const zone = address.indexOf('%');
  return zone === -1 ? address : address.slice(0, zone);
}

/** RFC 7239 §4: an IPv6 address is bracketed and quoted, a host with a port is quoted. */
function forwardedElement(peer: string, authority: string, scheme: string): string {
  const node = isIPv6(peer) ? `"[${peer}]"` : peer;
  const host = /^[A-Za-z0-9.\-_~]+$/.test(authority) ? authority : `"${authority}"`;
  return `for=${node};host=${host};proto=${scheme}`;
}
