/**
 * Counted since the start; rates are differences of two readings. Of requests that had a route: the gateway's own pages
 * and unknown paths are not among them. Routes that have both path and upstream in common are counted together.
 */
export interface TrafficTotals {
  readonly requests: number;
  /** By status class; `none`: the client left before it was told a status. */
  readonly classes: { readonly [status in '1xx' | '2xx' | '3xx' | '4xx' | '5xx' | 'none']: number };
  /** Refused by a breaker or a bulkhead, and not saved by a fallback. */
  readonly rejected: number;
  readonly retries: number;
  /** Answers that a fallback gave, by its kind. */
  readonly fallbacks: { readonly [source in 'secondary' | 'stale' | 'static' | 'mock']: number };
}

/** One reading of the traffic, as `GET /history` lists them and `sample` messages of `GET /events` bring them. */
export interface TrafficSample {
  /** Unix milliseconds of its end. */
  readonly at: number;
  /** What it is about: so many milliseconds before `at`. */
  readonly spanMs: number;
  /** Requests that ended within it, a second. */
  readonly rates: {
    readonly requests: number;
    readonly ok: number;
    readonly clientErrors: number;
    readonly serverErrors: number;
    /**
     * Calls that breakers and bulkheads refused: also those of a retry, and those for which a fallback answered. So it
     * may be more than requests.
     */
    readonly rejected: number;
    readonly fallbacks: number;
    readonly retries: number;
  };
  /** Milliseconds, interpolated within the buckets of the histogram; null: no request ended. */
  readonly latency: { readonly p50: number | null; readonly p95: number | null; readonly p99: number | null };
  /** Requests a second for each upstream, in the order of the overview, and the failed ones among them (5xx and `none`). */
  readonly upstreams: readonly { readonly requests: number; readonly failures: number }[];
}
