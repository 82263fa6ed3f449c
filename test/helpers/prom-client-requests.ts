import { Counter, Histogram, Registry } from 'prom-client';
import type { ExchangeObserver, ExchangeRecord } from '../../src/proxy/exchange-record.ts';

const LABELS = ['route', 'upstream', 'method', 'status_class'] as const;
/** Values of `Cache-Status` and what they mean; the tests use no others. */
export const CACHE_STATUSES = {
  'breakwater; hit; ttl=3': 'hit',
  'breakwater; fwd=uri-miss; collapsed; ttl=60': 'hit',
  '"; fwd=bypass"; hit; ttl=0': 'hit',
  'breakwater; hit; ttl=-1': 'stale',
  'breakwater; fwd=stale; fwd-status=304; ttl=60': 'revalidated',
  'breakwater; fwd=request; fwd-status=304; ttl=60': 'revalidated',
  'breakwater; fwd=stale': 'miss',
  'breakwater; fwd=vary-miss': 'miss',
  '"a\\"; hit; ttl=1"; fwd=uri-miss': 'miss',
  'breakwater; fwd=bypass': 'bypass',
  'breakwater; fwd=request': 'bypass',
} as const;
const CACHE_RESULTS = ['hit', 'stale', 'revalidated', 'miss', 'bypass'];

const KNOWN_METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);

/** The metrics of requests as prom-client itself counts and prints them: what the gateway's are measured against. */
export class PromClientRequests implements ExchangeObserver {
  readonly registry = new Registry();
  readonly #requests = new Counter({
    name: 'gateway_requests_total',
    help: 'Requests that the gateway has finished with, however they ended.',
    labelNames: LABELS,
    registers: [this.registry],
  });
  readonly #duration = new Histogram({
    name: 'gateway_request_duration_seconds',
    help: 'From the request head to the last byte of the answer.',
    labelNames: LABELS,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [this.registry],
  });
  readonly #bytesIn = new Counter({
    name: 'gateway_request_body_bytes_total',
    help: 'Bytes of request bodies that have come from clients.',
    labelNames: ['route', 'upstream'],
    registers: [this.registry],
  });
  readonly #bytesOut = new Counter({
    name: 'gateway_response_body_bytes_total',
    help: 'Bytes of bodies that were handed to clients.',
    labelNames: ['route', 'upstream'],
    registers: [this.registry],
  });
  readonly #retries = new Counter({
    name: 'gateway_retries_total',
    help: 'Attempts at the route’s upstream beyond the first one.',
    labelNames: ['route', 'upstream'],
    registers: [this.registry],
  });
  readonly #fallbacks = new Counter({
    name: 'gateway_fallbacks_total',
    help: 'Answers that a fallback gave in place of the route’s upstream, by its kind.',
    labelNames: ['route', 'upstream', 'fallback'],
    registers: [this.registry],
  });
  readonly #cache = new Counter({
    name: 'gateway_cache_requests_total',
    help: 'Requests that the cache of the route was asked for, by what it did.',
    labelNames: ['route', 'upstream', 'result'],
    registers: [this.registry],
  });

  finished(record: ExchangeRecord): void {
    const { status, attempts, fallback, cacheStatus } = record;
    const labels = {
      route: record.route ?? 'none',
      upstream: record.upstream ?? 'none',
      method: KNOWN_METHODS.has(record.method) ? record.method : 'other',
      status_class: status >= 100 && status < 600 ? `${Math.floor(status / 100)}xx` : 'none',
    };
    this.#requests.inc(labels);
    this.#duration.observe(labels, record.durationMs / 1000);
    const { route, upstream } = labels;
    this.#bytesIn.inc({ route, upstream }, record.bytesIn);
    this.#bytesOut.inc({ route, upstream }, record.bytesOut);
    if (attempts > 1) this.#retries.inc({ route, upstream }, attempts - 1);
    if (fallback !== null) this.#fallbacks.inc({ route, upstream, fallback });
    if (cacheStatus === null) return;
    const said = CACHE_STATUSES[cacheStatus as keyof typeof CACHE_STATUSES];
    for (const result of CACHE_RESULTS) this.#cache.inc({ route, upstream, result }, Number(result === said));
  }
}
