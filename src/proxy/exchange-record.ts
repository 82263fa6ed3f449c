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
}

/** The one thing that an exchange tells to whoever watches. It must not throw and must not wait. */
export interface ExchangeObserver {
  finished(record: ExchangeRecord): void;
}
