import { Counter, Histogram, type Registry } from 'prom-client';
import { DURATION_BUCKETS } from './request-layout.ts';
import { type RequestTotals, SERIES_LABELS, type SeriesTotals } from './request-totals.ts';

/** Shows what has been counted of finished exchanges, as of the last reading. */
export function registerRequestMetrics(registry: Registry, totals: RequestTotals): void {
  new Counter({
    name: 'gateway_requests_total',
    help: 'Requests that the gateway has finished with, however they ended.',
    labelNames: SERIES_LABELS,
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, count } of totals.series) this.inc(labels, count);
    },
  });
  new DurationHistogram(registry, totals);
  new Counter({
    name: 'gateway_retries_total',
    help: 'Attempts at the route’s upstream beyond the first one.',
    labelNames: ['route', 'upstream'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, retries } of totals.policies) if (retries > 0) this.inc(labels, retries);
    },
  });
  new Counter({
    name: 'gateway_fallbacks_total',
    help: 'Answers that a fallback gave in place of the route’s upstream, by its kind.',
    labelNames: ['route', 'upstream', 'fallback'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, fallbacks } of totals.policies) {
        for (const { fallback, count } of fallbacks) if (count > 0) this.inc({ ...labels, fallback }, count);
      }
    },
  });
}

const DURATION = {
  name: 'gateway_request_duration_seconds',
  help: 'From the request head to the last byte of the answer.',
};

interface Sample {
  readonly metricName: string;
  readonly labels: { le?: number | '+Inf' };
  /** Rendered once per object and remembered. */
  readonly sharedLabels: SeriesTotals['labels'];
  readonly value: number;
}

/**
 * A histogram whose buckets are counted elsewhere. The only way that prom-client has in for that is the method that its
 * registry asks for the samples to print, which is not in its types.
 */
class DurationHistogram extends Histogram<(typeof SERIES_LABELS)[number]> {
  readonly #totals: RequestTotals;

  constructor(registry: Registry, totals: RequestTotals) {
    super({ ...DURATION, labelNames: SERIES_LABELS, buckets: [...DURATION_BUCKETS], registers: [registry] });
    this.#totals = totals;
  }

  async getForPromString(): Promise<{ name: string; help: string; type: 'histogram'; values: Sample[] }> {
    return { ...DURATION, type: 'histogram', values: this.#totals.series.flatMap(samples) };
  }
}

/** In the order of prom-client. */
function samples({ labels: sharedLabels, buckets, count, seconds }: SeriesTotals): Sample[] {
  const { name } = DURATION;
  let upTo = 0;
  return [
    ...DURATION_BUCKETS.map((le, bucket) => {
      upTo += buckets[bucket] ?? 0;
      return { metricName: `${name}_bucket`, labels: { le }, sharedLabels, value: upTo };
    }),
    { metricName: `${name}_bucket`, labels: { le: '+Inf' }, sharedLabels, value: count },
    { metricName: `${name}_sum`, labels: {}, sharedLabels, value: seconds },
    { metricName: `${name}_count`, labels: {}, sharedLabels, value: count },
  ];
}
