import type { BreakerSnapshot, ResolvedBreakerOptions } from '../../resilience/index.ts';
import type { BreakerOverview } from './live-types.ts';
import { ruleGauges } from './rule-gauges.ts';

/** What the overview needs of a circuit breaker. */
export interface BreakerSource {
  readonly options: ResolvedBreakerOptions;
  snapshot(): BreakerSnapshot;
}

/** @param rules in plain words */
export function breakerOverview(breaker: BreakerSource, rules: string): BreakerOverview {
  const snapshot = breaker.snapshot();
  const { successes, failures, timeouts, rejections } = snapshot.totals;
  return {
    name: snapshot.name,
    state: snapshot.state,
    mode: snapshot.mode,
    forced: snapshot.forced,
    wouldBe: snapshot.wouldBe ?? null,
    rules,
    gauges: ruleGauges(breaker.options, snapshot),
    failureCount: snapshot.failureCount,
    successCount: snapshot.successCount,
    requestCount: snapshot.requestCount,
    failureRate: snapshot.failureRate,
    slowRate: snapshot.slowRate,
    consecutiveFailures: snapshot.consecutiveFailures,
    halfOpenInFlight: snapshot.halfOpenInFlight,
    totals: { successes, failures, timeouts, rejections },
    transitions: snapshot.transitions,
    openedAt: snapshot.openedAt,
    lastChangeAt: snapshot.lastChangeAt,
    lastRecoveryMs: snapshot.lastRecoveryMs,
    retryAfterMs: snapshot.retryAfterMs,
    reason: snapshot.reason,
  };
}
