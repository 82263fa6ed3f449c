/**
 * What a cache did for a request. `hit`: answered, also with what somebody else's request brought meanwhile. `stale`:
 * answered with what is not fresh any more. `revalidated`: answered after the upstream had said that it still holds.
 * `miss`: the upstream's answer. `bypass`: the same, because the request or the route did not want a stored one.
 */
export type CacheResult = 'hit' | 'stale' | 'revalidated' | 'miss' | 'bypass';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const HIT = '; hit; ttl=';
const FORWARDED = '; fwd=';

/** @param status the gateway's member of `Cache-Status`, as CacheStatus writes it */
export function cacheResult(status: string): CacheResult {
  const at = nameLength(status);
  if (status.startsWith(HIT, at)) return status[at + HIT.length] === '-' ? 'stale' : 'hit';
  const reason = at + FORWARDED.length;
  if (status.includes('; fwd-status=304', reason)) return 'revalidated';
  if (status.includes('; collapsed', reason)) return 'hit';
  return status.startsWith('bypass', reason) || status.startsWith('request', reason) ? 'bypass' : 'miss';
}

/** Whoever names the cache may have put anything in quotes, a semicolon too. */
function nameLength(status: string): number {
  if (status.charCodeAt(0) !== QUOTE) return status.indexOf(';');
  let at = 1;
  while (at < status.length && status.charCodeAt(at) !== QUOTE) {
    at += status.charCodeAt(at) === BACKSLASH ? 2 : 1;
  }
  return at + 1;
}
