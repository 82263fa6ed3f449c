import { isToken } from './field-names.ts';

/** What its name makes of a field for whoever passes a message on. Bits of `FieldInfo.role`; most fields have none. */
export const CONNECTION = 1;
export const KEEP_ALIVE = 1 << 1;
export const PROXY_CONNECTION = 1 << 2;
export const TRANSFER_ENCODING = 1 << 3;
export const CONTENT_LENGTH = 1 << 4;
export const TRAILER = 1 << 5;
export const UPGRADE = 1 << 6;
export const HOST = 1 << 7;
export const DATE = 1 << 8;
export const MAX_FORWARDS = 1 << 9;
export const EXPECT = 1 << 10;
const TE = 1 << 11;
const HTTP2_SETTINGS = 1 << 12;
/** `Proxy-…`: for this proxy, or none (RFC 9110 §11.7). */
const PROXY = 1 << 13;
/** Tells who is forwarded for, under whatever spelling. */
export const FORWARDING = 1 << 14;
/** Not passed on to an upstream: hop-by-hop, or written anew, under whatever spelling. */
export const NOT_IN_REQUESTS = 1 << 15;
export const HAS_UNDERSCORE = 1 << 16;
const AUTHENTICATES_PROXY = 1 << 17;

/** Fields that concern one connection only (RFC 9110 §7.6.1), whatever Connection says. */
export const HOP_BY_HOP =
  CONNECTION |
  KEEP_ALIVE |
  PROXY_CONNECTION |
  TE |
  TRANSFER_ENCODING |
  UPGRADE |
  HTTP2_SETTINGS |
  AUTHENTICATES_PROXY;

/** What a lane writes itself, or what frames the message or ends its connection: nobody else may send it. */
export const OF_THE_LANE =
  CONNECTION |
  CONTENT_LENGTH |
  EXPECT |
  HTTP2_SETTINGS |
  KEEP_ALIVE |
  PROXY_CONNECTION |
  TE |
  TRANSFER_ENCODING |
  UPGRADE;

/** What makes more of a request than a head and a counted body. */
export const BEYOND_PLAIN = TE | EXPECT | TRAILER | UPGRADE | HTTP2_SETTINGS | TRANSFER_ENCODING | PROXY;

const ROLES: ReadonlyMap<string, number> = new Map([
  ['connection', CONNECTION],
  ['keep-alive', KEEP_ALIVE],
  ['proxy-connection', PROXY_CONNECTION],
  ['te', TE],
  ['transfer-encoding', TRANSFER_ENCODING],
  ['upgrade', UPGRADE],
  ['http2-settings', HTTP2_SETTINGS],
  ['proxy-authenticate', AUTHENTICATES_PROXY],
  ['proxy-authentication-info', AUTHENTICATES_PROXY],
  ['proxy-authorization', AUTHENTICATES_PROXY],
  ['content-length', CONTENT_LENGTH],
  ['trailer', TRAILER],
  ['host', HOST],
  ['date', DATE],
  ['max-forwards', MAX_FORWARDS],
  ['expect', EXPECT],
]);

/** What the gateway writes itself, or has dealt with already; request trailers are not passed on. */
const REPLACED_IN_REQUESTS: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'expect',
  'trailer',
  'x-request-id',
]);

export interface FieldInfo {
  /** As sent; one string for all messages, so that comparing it costs nothing. */
  readonly name: string;
  readonly lower: string;
  readonly role: number;
}

/** Names that are kept, so that nobody can fill our memory with names of his own: the usual ones are far fewer. */
const MOST_KEPT = 1_024;
const LONGEST_KEPT = 64;
/** More characters than any name has that means something here, `proxy-authentication-info` and the prefixes included. */
const TELLING = 32;

let kept = new Map<string, FieldInfo>();

/** The last one of each hash that was met in a head. */
const SLOTS = 1_024;
const slots: (FieldInfo | undefined)[] = Array.from({ length: SLOTS }, () => undefined);

/**
 * What is to be known of a field by its name. A message's names have been seen thousands of times before: to look them up
 * takes a fifth of what it takes to look at their characters.
 *
 * @returns null when it is not a token (RFC 9110 §5.1)
 */
export function fieldInfo(name: string): FieldInfo | null {
  return kept.get(name) ?? learn(name);
}

/**
 * The same for a name that stands in a head. It is not cut out for that: a string that is cut out would have to be made known
 * to the engine before it could be looked up, which takes ten times as long as to compare its characters.
 */
export function fieldInfoAt(head: string, start: number, end: number): FieldInfo | null {
  let hash = end - start;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + head.charCodeAt(at)) | 0;
  const slot = (hash ^ (hash >>> 10)) & (SLOTS - 1);
  const met = slots[slot];
  if (met !== undefined && isAt(met.name, head, start, end)) return met;
  const info = fieldInfo(head.slice(start, end));
  if (info !== null && info.name.length <= LONGEST_KEPT) slots[slot] = info;
  return info;
}

function isAt(name: string, head: string, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let at = start; at < end; at++) {
    if (name.charCodeAt(at - start) !== head.charCodeAt(at)) return false;
  }
  return true;
}

function learn(name: string): FieldInfo | null {
  if (!isToken(name)) return null;
  if (name.length > LONGEST_KEPT) return describe(name);
  // Cut out of a whole head, which it would otherwise keep.
  const own = Buffer.from(name, 'latin1').toString('latin1');
  const info = describe(own);
  // All over again instead of remembering who was used last: names that are in use are back at once.
  if (kept.size >= MOST_KEPT) kept = new Map();
  kept.set(own, info);
  return info;
}

function describe(name: string): FieldInfo {
  const lower = name.toLowerCase();
  // Of a name without end only the beginning: 300 underscores in each of 100 names took 8 ms a request.
  const telling = lower.slice(0, TELLING);
  let role = ROLES.get(telling) ?? 0;
  if (telling.startsWith('proxy-')) role |= PROXY;
  if (lower.includes('_')) role |= HAS_UNDERSCORE;
  // An alias with underscores is the same variable to a CGI-style upstream.
  const dashed = telling.replaceAll('_', '-');
  const meant = ROLES.get(dashed) ?? 0;
  if ((meant & HOP_BY_HOP) !== 0 || REPLACED_IN_REQUESTS.has(dashed)) role |= NOT_IN_REQUESTS;
  if (dashed === 'forwarded' || dashed === 'x-real-ip' || dashed.startsWith('x-forwarded-'))
    role |= FORWARDING;
  return { name, lower, role };
}
