import type { BreakerOverview, Overview, UpstreamOverview } from '../../src/admin/live/live-types.ts';
import type { BreakerReason } from '../../src/resilience/index.ts';

/** 5 failures in a row, unless said otherwise. */
export function breakerReason(parts: Partial<BreakerReason> = {}): BreakerReason {
  return {
    rule: 'consecutive_failures',
    message: 'max failures reached',
    failures: 5,
    requests: 5,
    slowCalls: 0,
    threshold: 5,
    windowMs: null,
    ...parts,
  };
}

/** One whose breaker is closed and has seen nothing, with what a test cares about put in. */
export function upstreamOverview(
  name: string,
  breaker: Partial<BreakerOverview> = {},
  parts: Partial<UpstreamOverview> = {},
): UpstreamOverview {
  return {
    name,
    targets: [],
    bulkhead: null,
    totals: {
      requests: 0,
      classes: { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, none: 0 },
      rejected: 0,
      retries: 0,
      fallbacks: { secondary: 0, stale: 0, static: 0, mock: 0 },
    },
    failures: [],
    ...parts,
    breaker: {
      name: `${name}-http`,
      state: 'CLOSED',
      mode: 'enforce',
      forced: null,
      wouldBe: null,
      rules: 'opens after 5 failures in a row, for 60s',
      gauges: [],
      failureCount: 0,
      successCount: 0,
      requestCount: 0,
      failureRate: null,
      slowRate: null,
      consecutiveFailures: 0,
      halfOpenInFlight: 0,
      totals: { successes: 0, failures: 0, timeouts: 0, rejections: 0 },
      transitions: 0,
      openedAt: null,
      lastChangeAt: 0,
      lastRecoveryMs: null,
      retryAfterMs: 0,
      reason: null,
      ...breaker,
    },
  };
}

/** A gateway with these upstreams and nothing else. @param at Unix milliseconds */
export function overviewOf(upstreams: readonly UpstreamOverview[], at = 0): Overview {
  return {
    at,
    gateway: {
      version: '1.0.0',
      host: 'here',
      listen: '127.0.0.1:8080',
      startedAt: 0,
      workers: 1,
      profile: null,
      status: 'healthy',
      connections: 0,
    },
    upstreams,
    cacheBreaker: null,
    pools: [],
    routes: [],
    totals: upstreamOverview('all').totals,
  };
}
