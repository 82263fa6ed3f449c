import type { Registry } from 'prom-client';
import { DurationHistogram } from './duration-histogram.ts';
import type { RecentExemplars } from './recent-exemplars.ts';
import { type PolicyTotals, type RequestTotals, SERIES_LABELS } from './request-totals.ts';
import { showMetric } from './show-metric.ts';

const ROUTE_LABELS = ['route', 'upstream'] as const;

/** Metrics with one number for each route. */
const OF_ROUTES: readonly [name: string, help: string, read: (totals: PolicyTotals) => number | null][] = [
  [
    'gateway_request_body_bytes_total',
    'Bytes of request bodies that have come from clients.',
    ({ bytesIn }) => bytesIn,
  ],
  [
    'gateway_response_body_bytes_total',
    'Bytes of bodies that were handed to clients.',
    ({ bytesOut }) => bytesOut,
  ],
  [
    'gateway_retries_total',
    'Attempts at the route’s upstream beyond the first one.',
    ({ retries }) => (retries === 0 ? null : retries),
  ],
];

/**
 * Shows what has been counted of finished exchanges, as of the last reading.
 *
 * @param exemplars read together with the totals. @default none
 */
export function registerRequestMetrics(
  registry: Registry,
  totals: RequestTotals,
  exemplars: RecentExemplars | null = null,
): void {
  showMetric(registry, {
    type: 'counter',
    name: 'gateway_requests_total',
    help: 'Requests that the gateway has finished with, however they ended.',
    labels: SERIES_LABELS,
    read: () => totals.series.map(({ labels, count }) => [labels, count]),
  });
  new DurationHistogram(registry, {
    name: 'gateway_request_duration_seconds',
    help: 'From the request head to the last byte of the answer.',
    labels: SERIES_LABELS,
    read: () =>
      exemplars === null
        ? totals.series
        : totals.series.map((series) => ({
            ...series,
            exemplar: (bucket: number) => exemplars.of(series.place, series.at + bucket),
          })),
  });
  for (const [name, help, read] of OF_ROUTES) {
    showMetric(registry, {
      type: 'counter',
      name,
      help,
      labels: ROUTE_LABELS,
      *read() {
        for (const policies of totals.policies) {
          const value = read(policies);
          if (value !== null) yield [policies.labels, value];
        }
      },
    });
  }
  showMetric(registry, {
    type: 'counter',
    name: 'gateway_fallbacks_total',
    help: 'Answers that a fallback gave in place of the route’s upstream, by its kind.',
    labels: [...ROUTE_LABELS, 'fallback'],
    *read() {
      for (const { labels, fallbacks } of totals.policies) {
        for (const { fallback, count } of fallbacks) if (count > 0) yield [{ ...labels, fallback }, count];
      }
    },
  });
  showMetric(registry, {
    type: 'counter',
    name: 'gateway_cache_requests_total',
    help: 'Requests that the cache of the route was asked for, by what it did.',
    labels: [...ROUTE_LABELS, 'result'],
    *read() {
      for (const { labels, cache } of totals.policies) {
        if (cache.every(({ count }) => count === 0)) continue;
        for (const { result, count } of cache) yield [{ ...labels, result }, count];
      }
    },
  });
}
