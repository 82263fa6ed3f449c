import type {
  BreakerOverview,
  Overview,
  TargetOverview,
  TrafficTotals,
  UpstreamOverview,
} from '../../../src/admin/live/live-types.ts';

/** The moment of the overview. */
export const NOW = Date.UTC(2026, 0, 31, 12, 0, 0);

const TOTALS: TrafficTotals = {
  requests: 12_345,
  classes: { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, none: 0 },
  rejected: 0,
  retries: 0,
  fallbacks: { secondary: 0, stale: 0, static: 0, mock: 0 },
};

export function aBreaker(fields: Partial<BreakerOverview> = {}): BreakerOverview {
  return {
    name: 'auth-service-http',
    state: 'CLOSED',
    mode: 'enforce',
    forced: null,
    wouldBe: null,
    rules: 'opens after 5 failures in a row, for 60s',
    gauges: [{ rule: 'consecutive_failures', value: 2, threshold: 5, unit: 'calls' }],
    failureCount: 2,
    successCount: 8,
    requestCount: 10,
    failureRate: 20,
    slowRate: null,
    consecutiveFailures: 2,
    halfOpenInFlight: 0,
    totals: { successes: 8, failures: 2, timeouts: 0, rejections: 0 },
    transitions: 0,
    openedAt: null,
    lastChangeAt: NOW - 600_000,
    lastRecoveryMs: null,
    retryAfterMs: 0,
    reason: null,
    ...fields,
  };
}

/** Opened 12 s ago by five failures, with 48 s to go. */
export function openBreaker(fields: Partial<BreakerOverview> = {}): BreakerOverview {
  return aBreaker({
    state: 'OPEN',
    openedAt: NOW - 12_000,
    retryAfterMs: 48_000,
    reason: {
      rule: 'consecutive_failures',
      message: 'max failures reached',
      failures: 5,
      requests: 8,
      slowCalls: 0,
      threshold: 5,
      windowMs: null,
    },
    ...fields,
  });
}

export function aTarget(status: TargetOverview['status'] = 'healthy'): TargetOverview {
  const counts = { inFlight: 0, requests: 0, failures: 0 };
  return { url: 'http://127.0.0.1:8081', status, ...counts, lastFailureAt: null, lastCheck: null };
}

export function anUpstream(
  name: string,
  breaker = aBreaker(),
  fields: Partial<UpstreamOverview> = {},
): UpstreamOverview {
  return { name, breaker, targets: [aTarget()], bulkhead: null, totals: TOTALS, failures: [], ...fields };
}

/** Healthy as the gateway sees it: when every breaker is closed. */
export function anOverview(upstreams: readonly UpstreamOverview[], fields: Partial<Overview> = {}): Overview {
  const healthy = upstreams.every(({ breaker }) => breaker.state === 'CLOSED');
  return {
    at: NOW,
    gateway: {
      version: '0.1.0',
      host: 'gw-1',
      listen: '0.0.0.0:8080',
      startedAt: NOW - 7_500_000,
      workers: 1,
      profile: null,
      status: healthy ? 'healthy' : 'degraded',
      connections: null,
    },
    upstreams,
    cacheBreaker: null,
    pools: [],
    routes: [],
    totals: TOTALS,
    ...fields,
  };
}
