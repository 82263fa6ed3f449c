import { Counter, Histogram, type Registry } from 'prom-client';
import type { ExchangeObserver, ExchangeRecord } from '../proxy/exchange-record.ts';

const LABELS = ['route', 'upstream', 'method', 'status_class'] as const;

/** Seconds: finer where a healthy service answers, out to the default limit of a route. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** A method is any token a client likes; only these become labels, so that nobody can grow the metrics. */
const KNOWN_METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);

/** Counts finished exchanges and how long they took. */
export class RequestMetrics implements ExchangeObserver {
  readonly #requests: Counter<(typeof LABELS)[number]>;
  readonly #duration: Histogram<(typeof LABELS)[number]>;
  readonly #retries: Counter<'route' | 'upstream'>;
  readonly #fallbacks: Counter<'route' | 'upstream' | 'fallback'>;

  constructor(registry: Registry) {
    this.#requests = new Counter({
      name: 'gateway_requests_total',
      help: 'Requests that the gateway has finished with, however they ended.',
      labelNames: LABELS,
      registers: [registry],
    });
    this.#duration = new Histogram({
      name: 'gateway_request_duration_seconds',
      help: 'From the request head to the last byte of the answer.',
      labelNames: LABELS,
      buckets: DURATION_BUCKETS,
      registers: [registry],
    });
    this.#retries = new Counter({
      name: 'gateway_retries_total',
      help: 'Attempts at the route’s upstream beyond the first one.',
      labelNames: ['route', 'upstream'],
      registers: [registry],
    });
    this.#fallbacks = new Counter({
      name: 'gateway_fallbacks_total',
      help: 'Answers that a fallback gave in place of the route’s upstream, by its kind.',
      labelNames: ['route', 'upstream', 'fallback'],
      registers: [registry],
    });
  }

  finished(record: ExchangeRecord): void {
    const labels = {
      route: record.route ?? 'none',
      upstream: record.upstream ?? 'none',
      method: KNOWN_METHODS.has(record.method) ? record.method : 'other',
      status_class: statusClass(record.status),
    };
    this.#requests.inc(labels);
    this.#duration.observe(labels, record.durationMs / 1000);
    const { route, upstream } = labels;
    if (record.attempts > 1) this.#retries.inc({ route, upstream }, record.attempts - 1);
    if (record.fallback !== null) this.#fallbacks.inc({ route, upstream, fallback: record.fallback });
  }
}

/** `2xx` and so on; `none` when the client left, or was cut off, before it was told a status. */
function statusClass(status: number): string {
  return status >= 100 && status < 600 ? `${Math.floor(status / 100)}xx` : 'none';
}
