import { firstValue } from '../../http/field-names.ts';
import { endToEnd } from '../../http/forwarded-headers.ts';
import type { HeaderList, InboundRequest } from '../../http/message.ts';
import { type CacheControl, parseCacheControl } from './cache-control.ts';

/** What the cache looks at in a request. */
export type AskingRequest = Pick<
  InboundRequest,
  'method' | 'headers' | 'header' | 'authority' | 'scheme' | 'body' | 'upgrade' | 'remoteAddress'
>;

/**
 * Preconditions that protect the origin's state, and parts of answers: only the origin can tell (RFC 9110 §13.1,
 * §14.2).
 */
const FOR_THE_ORIGIN = ['range', 'if-range', 'if-match', 'if-unmodified-since'];

/** A request that the cache can have an answer for. */
export interface CacheRequest {
  readonly method: 'GET' | 'HEAD';
  /** Without those that Connection names: the upstream does not get them, so it has not chosen its answer by them. */
  readonly headers: HeaderList;
  readonly cacheControl: CacheControl;
  /** Pragma counts only where Cache-Control is missing (RFC 9111 §5.4). */
  readonly pragma: string | undefined;
  readonly authorized: boolean;
  /** RFC 9111 §5.2.1.7. */
  readonly onlyIfCached: boolean;
  /** It wants to hear from the upstream (RFC 9111 §5.2.1.1, §5.2.1.4). */
  readonly insists: boolean;
}

/** @returns null when the cache has no business with it */
export function readCacheRequest(request: AskingRequest): CacheRequest | null {
  const { method, headers, body, upgrade } = request;
  if ((method !== 'GET' && method !== 'HEAD') || body !== null || upgrade !== null) return null;
  if (FOR_THE_ORIGIN.some((name) => request.header(name) !== undefined)) return null;
  const cacheControl = parseCacheControl(headers);
  if (cacheControl.has('no-store')) return null;
  const pragma = request.header('cache-control') === undefined ? firstValue(headers, 'pragma') : undefined;
  return {
    method,
    headers: request.header('connection') === undefined ? headers : endToEnd(headers),
    cacheControl,
    pragma,
    authorized: request.header('authorization') !== undefined,
    onlyIfCached: cacheControl.has('only-if-cached'),
    insists:
      cacheControl.has('no-cache') ||
      cacheControl.get('max-age') === '0' ||
      (pragma !== undefined && /no-cache/i.test(pragma)),
  };
}
