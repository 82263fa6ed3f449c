import type { Registry } from 'prom-client';
import type { TargetStatus } from '../upstream/target.ts';
import type { BulkheadSource } from './bulkhead-metrics.ts';
import { showMetric } from './show-metric.ts';

/** What the metrics need of an upstream. */
export interface TargetsSource {
  readonly name: string;
  readonly targets: readonly {
    readonly url: string;
    readonly status: TargetStatus;
    readonly inFlight: number;
    readonly requests: number;
    readonly failures: number;
  }[];
  readonly bulkhead: BulkheadSource | null;
}

type Read = (target: TargetsSource['targets'][number]) => number;

const METRICS: readonly [type: 'gauge' | 'counter', name: string, help: string, read: Read][] = [
  [
    'gauge',
    'gateway_target_up',
    'Whether the target is in rotation and its last request or health check was no failure: 1, else 0.',
    ({ status }) => Number(status === 'healthy' || status === 'unknown'),
  ],
  [
    'gauge',
    'gateway_target_in_flight',
    'Requests that are under way at the target.',
    ({ inFlight }) => inFlight,
  ],
  [
    'counter',
    'gateway_target_requests_total',
    'Attempts that were begun at the target.',
    ({ requests }) => requests,
  ],
  [
    'counter',
    'gateway_target_failures_total',
    'Attempts at the target that failed.',
    ({ failures }) => failures,
  ],
];

/** @param upstreams asked at every scrape: DNS may have changed their targets */
export function registerTargetMetrics(registry: Registry, upstreams: () => Iterable<TargetsSource>): void {
  for (const [type, name, help, read] of METRICS) {
    showMetric(registry, {
      type,
      name,
      help,
      labels: ['upstream', 'target'],
      *read() {
        for (const { name: upstream, targets } of upstreams()) {
          for (const target of targets) yield [{ upstream, target: target.url }, read(target)];
        }
      },
    });
  }
}
