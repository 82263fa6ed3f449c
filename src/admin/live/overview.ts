import type { FailureSample } from '../../observe/gateway-event.ts';
import type { TrafficReading } from '../../observe/traffic-reader.ts';
import type { TargetObservation } from '../../proxy/health.ts';
import type { BulkheadSnapshot } from '../../resilience/index.ts';
import type { RouteView } from '../route-view.ts';
import { type BreakerSource, breakerOverview } from './breaker-overview.ts';
import type {
  BulkheadOverview,
  GatewayOverview,
  Overview,
  RouteOverview,
  TargetOverview,
  UpstreamOverview,
} from './live-types.ts';

interface BulkheadSource {
  snapshot(): BulkheadSnapshot;
}

/** What the overview needs of an upstream. */
export interface UpstreamSource {
  readonly name: string;
  readonly breaker: BreakerSource;
  /** In plain words. */
  readonly breakerRules: string;
  readonly targets: readonly TargetObservation[];
  readonly bulkhead: BulkheadSource | null;
}

/** What the overview shows; asked anew each time. */
export interface OverviewSources {
  readonly gateway: Omit<GatewayOverview, 'status' | 'connections'>;
  readonly connections: () => number | null;
  /** In the order of the configuration. */
  readonly upstreams: () => Iterable<UpstreamSource>;
  /** Null where there is none. */
  readonly cacheBreaker: (BreakerSource & { readonly rules: string }) | null;
  readonly pools: () => Iterable<BulkheadSource>;
  /** In the order of the configuration; they do not change. */
  readonly routes: readonly RouteView[];
  readonly traffic: () => TrafficReading;
  readonly failures: (upstream: string) => readonly FailureSample[];
}

/** Everything at one moment. @param at Unix milliseconds */
export function overview(sources: OverviewSources, at: number): Overview {
  const traffic = sources.traffic();
  const upstreams = [...sources.upstreams()].map((one) =>
    upstreamOverview(one, traffic, sources.failures(one.name)),
  );
  const healthy = upstreams.every(({ breaker }) => breaker.state === 'CLOSED');
  const { cacheBreaker } = sources;
  return {
    at,
    gateway: {
      ...sources.gateway,
      status: healthy ? 'healthy' : 'degraded',
      connections: sources.connections(),
    },
    upstreams,
    cacheBreaker: cacheBreaker && breakerOverview(cacheBreaker, cacheBreaker.rules),
    pools: [...sources.pools()].map(bulkheadOverview),
    routes: sources.routes.map((route) => routeOverview(route, traffic)),
    totals: traffic.total,
  };
}

function upstreamOverview(
  { name, breaker, breakerRules, targets, bulkhead }: UpstreamSource,
  traffic: TrafficReading,
  failures: readonly FailureSample[],
): UpstreamOverview {
  return {
    name,
    breaker: breakerOverview(breaker, breakerRules),
    targets: targets.map(targetOverview),
    bulkhead: bulkhead && bulkheadOverview(bulkhead),
    totals: traffic.ofUpstream(name),
    failures,
  };
}

function targetOverview(target: TargetObservation): TargetOverview {
  const { url, status, inFlight, requests, failures, lastFailureAt, probes } = target;
  const lastCheck = probes.last && { ok: probes.last.ok, detail: probes.last.detail, at: probes.last.at };
  return { url, status, inFlight, requests, failures, lastFailureAt, lastCheck };
}

function bulkheadOverview(bulkhead: BulkheadSource): BulkheadOverview {
  const { name, inUse, maxConcurrent, queued, rejected, timedOut } = bulkhead.snapshot();
  return { name, inUse, maxConcurrent, queued, rejected: rejected + timedOut };
}

function routeOverview(route: RouteView, traffic: TrafficReading): RouteOverview {
  const { path, host = null, methods = null, upstream, pipeline } = route;
  return { path, host, methods, upstream, pipeline, totals: traffic.ofRoute(route) };
}
