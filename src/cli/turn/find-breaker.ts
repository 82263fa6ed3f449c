import type { BreakerOverview, Overview } from '../../admin/live/live-types.ts';
import { suggestion } from '../../config/suggest.ts';
import { AdminCallError } from '../admin/admin-call-error.ts';

/** A breaker, and what it protects. */
export interface NamedBreaker {
  readonly breaker: BreakerOverview;
  /** Null: it is that of the cache. */
  readonly upstream: string | null;
}

/**
 * By the name of the breaker, else by that of its upstream.
 *
 * @throws {AdminCallError} `BAD_ARGUMENT` naming the nearest one
 */
export function findBreaker(name: string, overview: Overview): NamedBreaker {
  const { upstreams, cacheBreaker } = overview;
  const all: NamedBreaker[] = upstreams.map((upstream) => ({
    breaker: upstream.breaker,
    upstream: upstream.name,
  }));
  if (cacheBreaker !== null) all.push({ breaker: cacheBreaker, upstream: null });
  const found =
    all.find(({ breaker }) => breaker.name === name) ?? all.find(({ upstream }) => upstream === name);
  if (found !== undefined) return found;
  const names = all.flatMap(({ breaker, upstream }) =>
    upstream === null ? [breaker.name] : [upstream, breaker.name],
  );
  throw new AdminCallError(
    'BAD_ARGUMENT',
    `no breaker or upstream is named "${name}"; ${suggestion(name, [...new Set(names)])}`,
  );
}
