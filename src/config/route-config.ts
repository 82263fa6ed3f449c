import type { FailureKind, StatusRange } from './breaker-config.ts';

export interface RouteConfig {
  /** Segments are literal, `:name`, or a last `*`; canonical percent-encoding. */
  readonly path: string;
  /** Lower case; exact, or `*.example.com`. Null: every host. */
  readonly host: string | null;
  /** Null: every method. */
  readonly methods: readonly string[] | null;
  readonly upstream: string;
  /** Bounds the whole exchange, body included, but not an open tunnel. */
  readonly timeoutMs: number;
  readonly stripPrefix: string | null;
  readonly rewrite: string | null;
  /** Null: exactly one attempt per request. */
  readonly retry: RetryConfig | null;
  /** In the order in which they are tried; `mock` steps are here only in the profile `development`. */
  readonly fallback: readonly FallbackStepConfig[];
  /** How many `mock` steps the file has that are not in `fallback`, for whoever explains it. Absent: none. */
  readonly idleMocks?: number | undefined;
  /** Null: nothing is answered from the cache. A `stale` fallback stores answers all the same. */
  readonly cache: RouteCacheConfig | null;
  /** Names of pools: for the safe methods (RFC 9110 §9.2.1), and for all others. Null: no pool. */
  readonly bulkhead: { readonly read: string | null; readonly write: string | null };
  /** Upgrades to WebSocket are passed on. */
  readonly webSocket: boolean;
  /** How long a tunnel may be silent in both directions. */
  readonly tunnelIdleTimeoutMs: number;
  /** Line of the file where the route stands. */
  readonly line: number;
}

/** What an attempt can fail with that makes another one worth while. */
export type RetryCondition = FailureKind | 'status';

export interface RetryConfig {
  /** In all, the first included. */
  readonly attempts: number;
  readonly backoff: {
    readonly initialMs: number;
    readonly factor: number;
    readonly maxMs: number;
    readonly jitter: 'none' | 'full' | 'equal' | 'decorrelated';
  };
  /** Percent of the upstream's live requests that may be retries; null: unlimited. */
  readonly budget: number | null;
  /** Methods whose requests may be sent again after they may have been carried out. */
  readonly methods: readonly string[];
  /** A failed `connect` is tried again whatever the method: nothing was sent. */
  readonly on: readonly RetryCondition[];
  readonly statuses: readonly StatusRange[];
  /** Largest request body, in bytes, that is kept to be sent again. */
  readonly maxBodyBytes: number;
  /** An upstream's `Retry-After` that is longer is not waited for. */
  readonly maxRetryAfterMs: number;
}

/** What the routes' own answer can have failed with. `open`: the breaker refused. `full`: the bulkhead refused. */
export type FallbackCondition = FailureKind | 'status' | 'open' | 'full';

interface FallbackStepCommon {
  /**
   * Null, in a step to another upstream: the idempotent methods (RFC 9110 §9.2.2), and every method after `connect`,
   * `open` and `full`, when nothing was sent.
   */
  readonly methods: readonly string[] | null;
  readonly on: readonly FallbackCondition[];
}

export type FallbackStepConfig =
  | (FallbackStepCommon & { readonly type: 'upstream'; readonly upstream: string })
  | (FallbackStepCommon & {
      readonly type: 'stale';
      /** Age (RFC 9111 §4.2.3) up to which a stored answer may stand in. */
      readonly maxAgeMs: number;
    })
  | (FallbackStepCommon & { readonly type: 'static' | 'mock'; readonly answer: FixedAnswerConfig });

export interface FixedAnswerConfig {
  readonly status: number;
  /** Name, value, name, value, …; Content-Type is among them. */
  readonly headers: readonly string[];
  readonly body: string;
}

export interface RouteCacheConfig {
  /** How long an answer is fresh that does not say so itself; null: by the heuristics of RFC 9111 §4.2.2. */
  readonly ttlMs: number | null;
}
