import { performance } from 'node:perf_hooks';
import { Refusal } from '../http/refusal.ts';
import type { Upstream } from '../upstream/upstream.ts';

interface Kept {
  /** When it was made, in milliseconds of `performance.now`. */
  readonly madeAt: number;
  readonly retryAfterMs: number;
  readonly refusal: Refusal;
}

/** For so many milliseconds a refusal may be told again, as far as its numbers still hold. */
const GOOD_FOR_MS = 1;

/** The last refusal of each upstream: within a millisecond an open breaker may refuse dozens. */
const kept = new WeakMap<Upstream, Kept>();

/** The answer while an upstream's breaker lets nothing through, with what a caller needs to wait well. */
export function circuitOpenRefusal(upstream: Upstream): Refusal {
  const { breaker } = upstream;
  const retryAfterMs = breaker.retryAfterMs();
  const last = kept.get(upstream);
  const now = performance.now();
  // 0 while it is half-open, or about to be: then the state may be another one already.
  if (last?.retryAfterMs === retryAfterMs && retryAfterMs > 0 && now - last.madeAt < GOOD_FOR_MS)
    return last.refusal;
  const refusal = refuse(upstream);
  kept.set(upstream, { madeAt: now, retryAfterMs, refusal });
  return refusal;
}

function refuse({ name, breaker }: Upstream): Refusal {
  const { state, openedAt, retryAfterMs, reason } = breaker.snapshot();
  return new Refusal('CIRCUIT_BREAKER_OPEN', 'Service is temporarily unavailable due to circuit breaker', {
    details: {
      service: name,
      circuit_breaker: breaker.name,
      state,
      opened_at: openedAt === null ? null : new Date(openedAt).toISOString(),
      retry_after_ms: retryAfterMs,
      reason,
    },
    headers: ['Retry-After', String(Math.max(1, Math.ceil(retryAfterMs / 1000)))],
  });
}
