import type { InboundRequest, UpstreamErrorKind } from '../http/message.ts';
import type { BreakerState } from '../resilience/index.ts';
import type { FallbackSource } from './fallback-step.ts';

/**
 * How an exchange ended.
 * `answered`: the upstream's answer, or a fresh stored one, went through whole, whatever its status. `fallback`: a
 * fallback answered in place of the route's upstream. `upstream_failed`: no answer, or one that broke or came too late.
 * `rejected`: the breaker or a bulkhead let nothing through. `refused`: the gateway said no for a reason of its own (no
 * route, a bad request, an error of its own). `client_gone`: the client left first. `own_page`: the gateway's own
 * answer, such as /health.
 */
export type ExchangeOutcome =
  | 'answered'
  | 'fallback'
  | 'upstream_failed'
  | 'rejected'
  | 'refused'
  | 'client_gone'
  | 'own_page';

/**
 * What an attempt failed of. `status`: its answer counts as a failure, by its status or that of gRPC. `open`, `full`: the
 * breaker or a bulkhead let nothing through.
 */
export type FailureCause = Exclude<UpstreamErrorKind, 'request_body'> | 'status' | 'open' | 'full';

/** What is worth knowing of one finished exchange: what metrics count and logs tell. */
export interface ExchangeRecord {
  /** The route's path as configured, never the request's: the number of values stays bounded. Null: no route. */
  readonly route: string | null;
  /** The name of the route's upstream; null when the request got no further than the front door. */
  readonly upstream: string | null;
  /** As the client sent it, so it may be any token. */
  readonly method: string;
  /** What the client was told; 0 when no response head was sent. */
  readonly status: number;
  /** Until the last byte; of an upgrade, until the 101. */
  readonly durationMs: number;
  readonly outcome: ExchangeOutcome;
  /** The code of the gateway's own error (docs/errors.md), also when a fallback kept it from the client; else null. */
  readonly errorCode: string | null;
  /** Body bytes handed to the client. */
  readonly bytesOut: number;
  readonly requestId: string;
  /** Attempts at the route's upstream, also one that breaker or bulkhead refused; 0: it was not asked. */
  readonly attempts: number;
  /** Where the answer came from, if not from the route's upstream; else null. */
  readonly fallback: FallbackSource | null;
  /** As it came; its method is `method`. Whoever is told must not keep it. */
  readonly request: InboundRequest;
  /** Bytes of the request's body that have come; of an upgrade, all from the client. */
  readonly bytesIn: number;
  /** URL of the target that was asked last; null: none was. */
  readonly target: string | null;
  /** Milliseconds that the upstream asked last took until its response head; null: there was none. */
  readonly upstreamMs: number | null;
  /** What the last attempt that failed has failed of, also when another one or a fallback answered; null: none failed. */
  readonly failure: FailureCause | null;
  /** The breaker of the route's upstream; null: no route. */
  readonly breaker: { readonly state: BreakerState } | null;
  /** Value of `Cache-Status`, whether or not the answer shows it; null: no cache was asked. */
  readonly cacheStatus: string | null;
  /** 32 hexadecimal digits; null: it is not traced here. */
  readonly traceId: string | null;
  /** Whether the trace is recorded. */
  readonly traceSampled: boolean;
}

/** The one thing that an exchange tells to whoever watches. It must not throw and must not wait. */
export interface ExchangeObserver {
  finished(record: ExchangeRecord): void;
}
