import type { BreakerMode, BreakerSnapshot, BreakerState, BulkheadSnapshot } from '../resilience/index.ts';
import type { ProbeResult } from '../upstream/health/probe-record.ts';
import type { TargetStatus } from '../upstream/target.ts';
import type { FallbackSource } from './fallback-step.ts';

/** What the report needs to know of an upstream. */
export interface HealthSource {
  readonly name: string;
  readonly breaker: { snapshot(): BreakerSnapshot };
  /** In plain words. */
  readonly breakerRules: string;
  readonly targets: readonly TargetObservation[];
  readonly bulkhead: { snapshot(): BulkheadSnapshot } | null;
}

/** What traffic and probes have shown of a target; nothing is asked of it for the report. */
export interface TargetObservation {
  readonly url: string;
  readonly status: TargetStatus;
  readonly inFlight: number;
  readonly requests: number;
  readonly failures: number;
  /** Unix milliseconds; null when none was seen. */
  readonly lastFailureAt: number | null;
  readonly probes: { readonly last: ProbeResult | null };
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
  /** Paths of the routes that have a fallback. */
  readonly fallback_routes: readonly string[];
  readonly fallbacks: readonly FallbackHealth[];
}

/** A route's fallback chain, and how often each kind in it has answered since the start. */
export interface FallbackHealth {
  readonly route: string;
  readonly upstream: string;
  readonly answered: Partial<Record<FallbackSource, number>>;
}

export interface ServiceHealth {
  readonly status: ServiceStatus;
  readonly circuit_breaker: BreakerHealth;
  /** Percent of the requests meant for it that it answered well, those that the breaker refused included; null: none yet. */
  readonly availability: number | null;
  /** Answers that a fallback gave in its place, since the start. */
  readonly fallbacks: number;
  /** Milliseconds from open to closed, the last time; null: it has never recovered. */
  readonly recovery_ms: number | null;
  /** Absent: no limit. */
  readonly bulkhead?: BulkheadHealth;
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

export interface BulkheadHealth {
  readonly name: string;
  readonly in_use: number;
  readonly max_concurrent: number;
  readonly queued: number;
  /** Since the start, those that waited in vain included. */
  readonly rejected: number;
}

export interface TargetHealth {
  readonly url: string;
  /** `unknown` until a request or a probe has shown something. */
  readonly status: TargetStatus;
  readonly in_flight: number;
  readonly requests: number;
  readonly failures: number;
  readonly last_failure_at: string | null;
  /** What the last health check found; absent before the first, and without health checks. */
  readonly last_check?: { readonly ok: boolean; readonly detail: string; readonly at: string };
}

/** What the report knows beside the upstreams. */
export interface HealthOptions {
  /** Unix milliseconds. @default now */
  readonly now?: number;
  /** The plans of all routes. @default none */
  readonly routes?: Iterable<FallbackRoute>;
  readonly recoveries?: { lastMs(breaker: string): number | null };
}

/** What the report needs to know of a route. */
export interface FallbackRoute {
  readonly path: string;
  readonly upstream: { readonly name: string };
  readonly fallback: readonly { readonly source: FallbackSource }[];
  readonly fallbackUse: Readonly<Record<FallbackSource, number>>;
}

/**
 * The state of all upstreams as their breakers and the traffic show it. Reading it changes nothing: a breaker
 * whose open time is over still says OPEN until a request comes for a probe.
 */
export function healthReport(upstreams: Iterable<HealthSource>, options: HealthOptions = {}): HealthReport {
  const { now = Date.now(), routes = [], recoveries } = options;
  const chains = [...routes].filter(({ fallback }) => fallback.length > 0);
  const fallbacks = chains.map(fallbackHealth);
  const services: [string, ServiceHealth][] = [];
  let healthy = true;
  for (const upstream of upstreams) {
    const service = serviceHealth(upstream, {
      fallbacks: fallbacks.filter((one) => one.upstream === upstream.name),
      recoveryMs: (breaker) => recoveries?.lastMs(breaker) ?? null,
    });
    healthy &&= service.status === 'healthy';
    services.push([upstream.name, service]);
  }
  return {
    message: healthy ? 'All services are healthy' : 'Some services are degraded',
    status: healthy ? 'healthy' : 'degraded',
    timestamp: new Date(now).toISOString(),
    // fromEntries defines own properties, so an upstream may have any name.
    data: Object.fromEntries(services),
    fallback_routes: chains.map(({ path }) => path),
    fallbacks,
  };
}

function fallbackHealth({ path, upstream, fallback, fallbackUse }: FallbackRoute): FallbackHealth {
  const answered = Object.fromEntries(fallback.map(({ source }) => [source, fallbackUse[source]]));
  return { route: path, upstream: upstream.name, answered };
}

function serviceHealth(
  { breaker, breakerRules, bulkhead, targets }: HealthSource,
  facts: { fallbacks: readonly FallbackHealth[]; recoveryMs: (breaker: string) => number | null },
): ServiceHealth {
  const snapshot = breaker.snapshot();
  const counted = facts.fallbacks.flatMap(({ answered }) => Object.values(answered));
  return {
    status: STATUS_OF_STATE[snapshot.state],
    circuit_breaker: breakerHealth(snapshot, breakerRules),
    availability: availability(snapshot),
    fallbacks: counted.reduce((sum, count) => sum + count, 0),
    recovery_ms: facts.recoveryMs(snapshot.name),
    ...(bulkhead !== null && { bulkhead: bulkheadHealth(bulkhead.snapshot()) }),
    targets: targets.map(targetHealth),
  };
}

function breakerHealth(snapshot: BreakerSnapshot, rules: string): BreakerHealth {
  return {
    name: snapshot.name,
    state: snapshot.state,
    mode: snapshot.mode,
    ...(snapshot.wouldBe !== undefined && { would_be: snapshot.wouldBe }),
    rules,
    failure_count: snapshot.failureCount,
    success_count: snapshot.successCount,
    failure_rate: snapshot.failureRate ?? 0,
    total_requests: snapshot.totals.successes + snapshot.totals.failures,
    opened_at: isoTime(snapshot.openedAt),
    retry_after_ms: snapshot.retryAfterMs,
  };
}

function availability({ totals }: BreakerSnapshot): number | null {
  const asked = totals.successes + totals.failures + totals.rejections;
  return asked === 0 ? null : Math.round((10_000 * totals.successes) / asked) / 100;
}

function bulkheadHealth(snapshot: BulkheadSnapshot): BulkheadHealth {
  const { name, inUse, maxConcurrent, queued, rejected, timedOut } = snapshot;
  return { name, in_use: inUse, max_concurrent: maxConcurrent, queued, rejected: rejected + timedOut };
}

function targetHealth(target: TargetObservation): TargetHealth {
  const { last } = target.probes;
  return {
    url: target.url,
    status: target.status,
    in_flight: target.inFlight,
    requests: target.requests,
    failures: target.failures,
    last_failure_at: isoTime(target.lastFailureAt),
    ...(last !== null && {
      last_check: { ok: last.ok, detail: last.detail, at: new Date(last.at).toISOString() },
    }),
  };
}

function isoTime(unixMs: number | null): string | null {
  return unixMs === null ? null : new Date(unixMs).toISOString();
}
