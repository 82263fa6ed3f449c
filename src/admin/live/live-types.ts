import type { FailureSample, NumberedEvent } from '../../observe/gateway-event.ts';
import type { TrafficSample, TrafficTotals } from '../../observe/traffic-sample.ts';
import type { BreakerSnapshot, BreakerState, BreakerTotals } from '../../resilience/index.ts';
import type { TargetStatus } from '../../upstream/target.ts';

export type { TrafficSample, TrafficTotals } from '../../observe/traffic-sample.ts';

/**
 * What `GET /overview` answers and each `overview` message of `GET /events` holds: everything that the live page and
 * `breakwater status` show, at one moment. Instants are Unix milliseconds, so that nobody has to parse them.
 */
export interface Overview {
  readonly at: number;
  readonly gateway: GatewayOverview;
  /** In the order of the configuration. */
  readonly upstreams: readonly UpstreamOverview[];
  /** The breaker of the cache in Redis; null where there is none. */
  readonly cacheBreaker: BreakerOverview | null;
  /** The named pools of `bulkheads`. */
  readonly pools: readonly BulkheadOverview[];
  readonly routes: readonly RouteOverview[];
  /** Since the start, over all routes. */
  readonly totals: TrafficTotals;
}

export interface GatewayOverview {
  readonly version: string;
  readonly host: string;
  /** Where clients connect, `host:port`. */
  readonly listen: string;
  readonly startedAt: number;
  readonly workers: number;
  readonly profile: string | null;
  readonly status: 'healthy' | 'degraded';
  /** Client connections now. */
  readonly connections: number | null;
}

export interface UpstreamOverview {
  readonly name: string;
  readonly breaker: BreakerOverview;
  readonly targets: readonly TargetOverview[];
  readonly bulkhead: BulkheadOverview | null;
  /** Since the start, over all routes whose upstream it is. */
  readonly totals: TrafficTotals;
  /** The last few failed attempts, newest last. */
  readonly failures: readonly FailureSample[];
}

/** What a snapshot of the breaker says, but for what nobody here shows. */
export interface BreakerOverview
  extends Pick<
    BreakerSnapshot,
    | 'name'
    | 'state'
    | 'mode'
    | 'forced'
    | 'failureCount'
    | 'successCount'
    | 'requestCount'
    | 'failureRate'
    | 'slowRate'
    | 'consecutiveFailures'
    | 'halfOpenInFlight'
    | 'transitions'
    | 'openedAt'
    | 'lastChangeAt'
    | 'lastRecoveryMs'
    | 'retryAfterMs'
    | 'reason'
  > {
  /** In mode `observe`: the state it would be in; null otherwise. */
  readonly wouldBe: BreakerState | null;
  /** When it opens and for how long, in plain words. */
  readonly rules: string;
  /** Each rule that can open it, with how far it is: `{ rule: 'failures', value: 2, threshold: 5, unit: 'calls' }`. */
  readonly gauges: readonly RuleGauge[];
  readonly totals: Pick<BreakerTotals, 'successes' | 'failures' | 'timeouts' | 'rejections'>;
}

/** How far one rule of a breaker is from opening it. */
export interface RuleGauge {
  readonly rule: 'failures' | 'consecutive_failures' | 'failure_rate' | 'slow_call_rate';
  /** Calls, or percent; null: too few calls to say (`min_requests`). */
  readonly value: number | null;
  readonly threshold: number;
  readonly unit: 'calls' | 'percent';
}

export interface TargetOverview {
  readonly url: string;
  /** See docs/health.md. */
  readonly status: TargetStatus;
  readonly inFlight: number;
  readonly requests: number;
  readonly failures: number;
  readonly lastFailureAt: number | null;
  readonly lastCheck: { readonly ok: boolean; readonly detail: string; readonly at: number } | null;
}

export interface BulkheadOverview {
  readonly name: string;
  readonly inUse: number;
  readonly maxConcurrent: number;
  readonly queued: number;
  /** Since the start, those that waited in vain included. */
  readonly rejected: number;
}

export interface RouteOverview {
  readonly path: string;
  readonly host: string | null;
  readonly methods: readonly string[] | null;
  readonly upstream: string;
  /** What its requests pass through, in this order, in plain words. */
  readonly pipeline: string;
  readonly totals: TrafficTotals;
}

/** `GET /history`: the last fifteen minutes, one reading every two seconds, oldest first. */
export interface History {
  readonly upstreams: readonly string[];
  readonly samples: readonly TrafficSample[];
}

/** `GET /events` without `Accept: text/event-stream`: the events that are still kept, oldest first. */
export interface EventList {
  readonly events: readonly NumberedEvent[];
}

/**
 * The messages of `GET /events` with `Accept: text/event-stream`, by the name of the SSE event. Each `event` has its
 * number as SSE `id`; `Last-Event-ID` (or `?after=`) brings what was missed, as far as it is kept.
 */
export interface LiveMessages {
  /** At once, and then every second. */
  readonly overview: Overview;
  /** Every two seconds. */
  readonly sample: TrafficSample;
  /** As it happens. */
  readonly event: NumberedEvent;
}
