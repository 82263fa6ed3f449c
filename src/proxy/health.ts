import type { BreakerMode, BreakerSnapshot, BreakerState } from '../resilience/index.ts';

/** What the report needs to know of an upstream. */
export interface HealthSource {
  readonly name: string;
  readonly breaker: { snapshot(): BreakerSnapshot };
  /** In plain words. */
  readonly breakerRules: string;
  readonly targets: readonly TargetObservation[];
}

/** What traffic has shown of a target; nothing is asked of it for the report. */
export interface TargetObservation {
  readonly url: string;
  readonly requests: number;
  readonly failures: number;
  readonly consecutiveFailures: number;
  /** Unix milliseconds; null when none was seen. */
  readonly lastFailureAt: number | null;
}

export type ServiceStatus = 'healthy' | 'recovering' | 'unhealthy';

const STATUS_OF_STATE: Readonly<Record<BreakerState, ServiceStatus>> = {
  CLOSED: 'healthy',
  HALF_OPEN: 'recovering',
  OPEN: 'unhealthy',
};

/** The body of `GET /health`; docs/health.md explains each field. */
export interface HealthReport {
  readonly message: 'All services are healthy' | 'Some services are degraded';
  readonly status: 'healthy' | 'degraded';
  readonly timestamp: string;
  readonly data: Readonly<Record<string, ServiceHealth>>;
  /** Paths of the routes that hold fallback data. */
  readonly fallback_routes: readonly string[];
}

export interface ServiceHealth {
  readonly status: ServiceStatus;
  readonly circuit_breaker: BreakerHealth;
  readonly targets: readonly TargetHealth[];
}

export interface BreakerHealth {
  readonly name: string;
  readonly state: BreakerState;
  readonly mode: BreakerMode;
  /** In mode `observe`: the state it would be in. */
  readonly would_be?: BreakerState;
  /** When it opens and for how long. */
  readonly rules: string;
  readonly failure_count: number;
  readonly success_count: number;
  /** Percent of the counted calls; 0 while there are none. */
  readonly failure_rate: number;
  /** Calls whose result was counted since the start. */
  readonly total_requests: number;
  readonly opened_at: string | null;
  readonly retry_after_ms: number;
}

export interface TargetHealth {
  readonly url: string;
  /** `unknown` until a request has been sent to it. */
  readonly status: 'healthy' | 'unhealthy' | 'unknown';
  readonly requests: number;
  readonly failures: number;
  readonly last_failure_at: string | null;
}

/**
 * The state of all upstreams as their breakers and the traffic show it. Reading it changes nothing: a breaker
 * whose open time is over still says OPEN until a request comes for a probe.
 *
 * @param now Unix milliseconds
 */
export function healthReport(upstreams: Iterable<HealthSource>, now: number = Date.now()): HealthReport {
  const services: [string, ServiceHealth][] = [];
  let healthy = true;
  for (const upstream of upstreams) {
    const service = serviceHealth(upstream);
    healthy &&= service.status === 'healthy';
    services.push([upstream.name, service]);
  }
  return {
    message: healthy ? 'All services are healthy' : 'Some services are degraded',
    status: healthy ? 'healthy' : 'degraded',
    timestamp: new Date(now).toISOString(),
    // fromEntries defines own properties, so an upstream may have any name.
    data: Object.fromEntries(services),
    fallback_routes: [],
  };
}

function serviceHealth({ breaker, breakerRules, targets }: HealthSource): ServiceHealth {
  const snapshot = breaker.snapshot();
  return {
    status: STATUS_OF_STATE[snapshot.state],
    circuit_breaker: {
      name: snapshot.name,
      state: snapshot.state,
      mode: snapshot.mode,
      ...(snapshot.wouldBe !== undefined && { would_be: snapshot.wouldBe }),
      rules: breakerRules,
      failure_count: snapshot.failureCount,
      success_count: snapshot.successCount,
      failure_rate: snapshot.failureRate ?? 0,
      total_requests: snapshot.totals.successes + snapshot.totals.failures,
      opened_at: isoTime(snapshot.openedAt),
      retry_after_ms: snapshot.retryAfterMs,
    },
    targets: targets.map(targetHealth),
  };
}

function targetHealth(target: TargetObservation): TargetHealth {
  const seen = target.requests === 0 ? 'unknown' : 'healthy';
  return {
    url: target.url,
    status: target.consecutiveFailures > 0 ? 'unhealthy' : seen,
    requests: target.requests,
    failures: target.failures,
    last_failure_at: isoTime(target.lastFailureAt),
  };
}

function isoTime(unixMs: number | null): string | null {
  return unixMs === null ? null : new Date(unixMs).toISOString();
}
