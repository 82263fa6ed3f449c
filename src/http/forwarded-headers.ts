import {
  CONNECTION,
  CONTENT_LENGTH,
  type FieldInfo,
  FORWARDING,
  fieldInfo,
  HAS_UNDERSCORE,
  HOP_BY_HOP,
  MAX_FORWARDS,
  NOT_IN_REQUESTS,
} from './field-info.ts';
import { firstValue, listMembers } from './field-names.ts';
import type { HeaderList, InboundRequest } from './message.ts';

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
  let told: ToldByPeer | null = null;
  for (let at = 0; at < headers.length; at += 2) {
    const field = headers[at] as string;
    const value = headers[at + 1] as string;
    const { lower, role } = infoOf(field);
    if ((role & NOT_IN_REQUESTS) !== 0) continue;
    if ((role & FORWARDING) !== 0) {
      if (!trusted || (role & HAS_UNDERSCORE) !== 0) continue;
      told ??= { forwardedFor: '', forwarded: '', proto: null, host: null };
      if (!heard(told, lower, value)) out.push(field, value);
      continue;
    }
    if (nominated?.has(lower)) continue;
    if ((role & MAX_FORWARDS) !== 0 && request.method === 'OPTIONS') out.push(field, decremented(value));
    else out.push(field, value);
  }
  const peer = nodeOf(request.remoteAddress);
  const element = forwardedElement(peer, request.authority, request.scheme);
  out.push(
    'X-Forwarded-For',
    told === null ? peer : told.forwardedFor + peer,
    'X-Forwarded-Proto',
    told?.proto ?? request.scheme,
    'X-Forwarded-Host',
    told?.host ?? request.authority,
    'Forwarded',
    told === null ? element : told.forwarded + element,
    'Via',
    viaMember(request.httpVersion, via),
    'X-Request-Id',
    requestId,
  );
  return out;
}

/** What a trusted peer says about whom it forwards for. */
interface ToldByPeer {
  /** Each ends in what separates it from the next member. */
  forwardedFor: string;
  forwarded: string;
  proto: string | null;
  host: string | null;
}

/** Returns false when the field is none of those that we go on from. */
function heard(told: ToldByPeer, lower: string, value: string): boolean {
  if (lower === 'x-forwarded-for') told.forwardedFor += `${value}, `;
  else if (lower === 'forwarded') told.forwarded += `${value}, `;
  else if (lower === 'x-forwarded-proto') told.proto = value;
  else if (lower === 'x-forwarded-host') told.host = value;
  else return false;
  return true;
}

/** An upstream's fields without what concerned only its connection to us, and without Content-Length. */
export function endToEnd(headers: HeaderList): string[] {
  const nominated = nominatedBy(headers);
  const out: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const field = headers[at] as string;
    const { lower, role } = infoOf(field);
    if ((role & (HOP_BY_HOP | CONTENT_LENGTH)) !== 0 || nominated?.has(lower)) continue;
    out.push(field, headers[at + 1] as string);
  }
  return out;
}

/** Trailers that may be passed on: nothing that frames, routes or authenticates (RFC 9110 §6.5.1). */
export function forwardTrailers(trailers: HeaderList): string[] {
  const out: string[] = [];
  for (let at = 0; at < trailers.length; at += 2) {
    const field = trailers[at] as string;
    const { lower, role } = infoOf(field);
    if ((role & HOP_BY_HOP) !== 0 || NEVER_NOMINATED.has(lower) || NOT_IN_TRAILERS.has(lower)) continue;
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
  if (firstValue(headers, 'via') === undefined) return false;
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
export function nominatedBy(headers: HeaderList): ReadonlySet<string> | null {
  if (!hasUnusualOption(headers)) return null;
  let nominated: Set<string> | null = null;
  for (const option of listMembers(headers, 'connection')) {
    if (option === 'close' || option === 'keep-alive' || NEVER_NOMINATED.has(option)) continue;
    nominated ??= new Set();
    nominated.add(option);
  }
  return nominated;
}

function hasUnusualOption(headers: HeaderList): boolean {
  for (let at = 0; at < headers.length; at += 2) {
    if ((infoOf(headers[at] as string).role & CONNECTION) === 0) continue;
    const value = headers[at + 1] as string;
    if (value !== 'keep-alive' && value !== 'close') return true;
  }
  return false;
}

/** Of a field that has been received, whose name is a token: no lane lets another one through. */
function infoOf(field: string): FieldInfo {
  return fieldInfo(field) ?? { name: field, lower: field.toLowerCase(), role: 0 };
}

/** The address without its zone, which means something on this host only; RFC 7239 §6.2 has a word for none. */
function nodeOf(address: string): string {
  if (address === '') return 'unknown';
  const zone = address.indexOf('%');
  return zone === -1 ? address : address.slice(0, zone);
}

let lastVersion = '';
let lastVia = '';
let lastMember = '';

/** RFC 9110 §7.6.3. Remembers the last one, which is nearly always the same. */
function viaMember(version: string, via: string): string {
  if (version !== lastVersion || via !== lastVia) {
    lastMember = `${version} ${via}`;
    lastVersion = version;
    lastVia = via;
  }
  return lastMember;
}

let lastPeer = '';
let lastAuthority = '';
let lastScheme = '';
let lastElement = '';

/** Remembers the last one, because a connection's requests come one after the other and are for one host as a rule. */
function forwardedElement(peer: string, authority: string, scheme: string): string {
  if (peer !== lastPeer || authority !== lastAuthority || scheme !== lastScheme) {
    lastElement = writeElement(peer, authority, scheme);
    lastPeer = peer;
    lastAuthority = authority;
    lastScheme = scheme;
  }
  return lastElement;
}

/** RFC 7239 §4: an IPv6 address is bracketed and quoted, a host with a port is quoted. */
function writeElement(peer: string, authority: string, scheme: string): string {
  // It comes from a socket: nothing else in it has a colon.
  const node = peer.includes(':') ? `"[${peer}]"` : peer;
  const host = /^[A-Za-z0-9.\-_~]+$/.test(authority) ? authority : `"${authority}"`;
  return `for=${node};host=${host};proto=${scheme}`;
}
