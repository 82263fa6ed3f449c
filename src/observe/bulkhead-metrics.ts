import { Counter, Gauge, type Registry } from 'prom-client';
import type { BulkheadSnapshot } from '../resilience/index.ts';

/** What the metrics need of a bulkhead. */
export interface BulkheadSource {
  snapshot(): BulkheadSnapshot;
}

type Read = (snapshot: BulkheadSnapshot) => number;

const GAUGES: readonly [name: string, help: string, read: Read][] = [
  ['gateway_bulkhead_in_use', 'Slots of the bulkhead that are taken.', ({ inUse }) => inUse],
  ['gateway_bulkhead_limit', 'Slots that the bulkhead has.', ({ maxConcurrent }) => maxConcurrent],
  ['gateway_bulkhead_queued', 'Requests that wait for a slot.', ({ queued }) => queued],
];

const COUNTERS: typeof GAUGES = [
  [
    'gateway_bulkhead_rejections_total',
    'Requests refused because the bulkhead and its queue were full.',
    ({ rejected }) => rejected,
  ],
  ['gateway_bulkhead_timeouts_total', 'Requests that waited for a slot in vain.', ({ timedOut }) => timedOut],
];

/**
 * Shows bulkheads under their names.
 *
 * @param bulkheads asked at every scrape; one that is there twice, because it is shared, is shown once
 */
export function registerBulkheadMetrics(registry: Registry, bulkheads: () => Iterable<BulkheadSource>): void {
  const snapshots = (): BulkheadSnapshot[] => [...new Set(bulkheads())].map((one) => one.snapshot());
  for (const [name, help, read] of GAUGES) {
    new Gauge({
      name,
      help,
      labelNames: ['bulkhead'],
      registers: [registry],
      collect() {
        this.reset();
        for (const snapshot of snapshots()) this.set({ bulkhead: snapshot.name }, read(snapshot));
      },
    });
  }
  for (const [name, help, read] of COUNTERS) {
    new Counter({
      name,
      help,
      labelNames: ['bulkhead'],
      registers: [registry],
      collect() {
        this.reset();
        for (const snapshot of snapshots()) this.inc({ bulkhead: snapshot.name }, read(snapshot));
      },
    });
  }
}
