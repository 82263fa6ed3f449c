import type { Registry } from 'prom-client';
import type { BulkheadSnapshot } from '../resilience/index.ts';
import { showMetric } from './show-metric.ts';

/** What the metrics need of a bulkhead. */
export interface BulkheadSource {
  snapshot(): BulkheadSnapshot;
}

type Read = (snapshot: BulkheadSnapshot) => number;

const METRICS: readonly [type: 'gauge' | 'counter', name: string, help: string, read: Read][] = [
  ['gauge', 'gateway_bulkhead_in_use', 'Slots of the bulkhead that are taken.', ({ inUse }) => inUse],
  ['gauge', 'gateway_bulkhead_limit', 'Slots that the bulkhead has.', ({ maxConcurrent }) => maxConcurrent],
  ['gauge', 'gateway_bulkhead_queued', 'Requests that wait for a slot.', ({ queued }) => queued],
  [
    'counter',
    'gateway_bulkhead_rejections_total',
    'Requests refused because the bulkhead and its queue were full.',
    ({ rejected }) => rejected,
  ],
  [
    'counter',
    'gateway_bulkhead_timeouts_total',
    'Requests that waited for a slot in vain.',
    ({ timedOut }) => timedOut,
  ],
];

/**
 * Shows bulkheads under their names.
 *
 * @param bulkheads asked at every scrape; one that is there twice, because it is shared, is shown once
 */
export function registerBulkheadMetrics(registry: Registry, bulkheads: () => Iterable<BulkheadSource>): void {
  for (const [type, name, help, read] of METRICS) {
    showMetric(registry, {
      type,
      name,
      help,
      labels: ['bulkhead'],
      *read() {
        for (const bulkhead of new Set(bulkheads())) {
          const snapshot = bulkhead.snapshot();
          yield [{ bulkhead: snapshot.name }, read(snapshot)];
        }
      },
    });
  }
}
