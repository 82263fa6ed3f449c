import type { BreakerSnapshot } from '../resilience/index.ts';

/**
 * A breaker as the admin API shows it: the snapshot in snake_case, instants in ISO 8601.
 *
 * @param rules in plain words
 */
export function breakerView(snapshot: BreakerSnapshot, rules: string): Record<string, unknown> {
  return {
    name: snapshot.name,
    state: snapshot.state,
    mode: snapshot.mode,
    forced: snapshot.forced,
    ...(snapshot.wouldBe !== undefined && { would_be: snapshot.wouldBe }),
    rules,
    failure_count: snapshot.failureCount,
    success_count: snapshot.successCount,
    request_count: snapshot.requestCount,
    failure_rate: snapshot.failureRate,
    slow_rate: snapshot.slowRate,
    consecutive_failures: snapshot.consecutiveFailures,
    half_open_in_flight: snapshot.halfOpenInFlight,
    min_ms: snapshot.minMs,
    avg_ms: snapshot.avgMs,
    max_ms: snapshot.maxMs,
    totals: snapshot.totals,
    transitions: snapshot.transitions,
    opened_at: snapshot.openedAt === null ? null : new Date(snapshot.openedAt).toISOString(),
    last_change_at: new Date(snapshot.lastChangeAt).toISOString(),
    retry_after_ms: snapshot.retryAfterMs,
    reason: snapshot.reason,
  };
}
