import { Gauge, type Registry } from 'prom-client';
import type { TargetStatus } from '../upstream/target.ts';
import type { BulkheadSource } from './bulkhead-metrics.ts';

/** What the metrics need of an upstream. */
export interface TargetsSource {
  readonly name: string;
  readonly targets: readonly {
    readonly url: string;
    readonly status: TargetStatus;
    readonly inFlight: number;
  }[];
  readonly bulkhead: BulkheadSource | null;
}

/** @param upstreams asked at every scrape: DNS may have changed their targets */
export function registerTargetMetrics(registry: Registry, upstreams: () => Iterable<TargetsSource>): void {
  const shown: readonly [
    name: string,
    help: string,
    read: (target: TargetsSource['targets'][number]) => number,
  ][] = [
    [
      'gateway_target_up',
      'Whether the target is in rotation and its last request or health check was no failure: 1, else 0.',
      ({ status }) => Number(status === 'healthy' || status === 'unknown'),
    ],
    ['gateway_target_in_flight', 'Requests that are under way at the target.', ({ inFlight }) => inFlight],
  ];
  for (const [name, help, read] of shown) {
    new Gauge({
      name,
      help,
      labelNames: ['upstream', 'target'],
      registers: [registry],
      collect() {
        this.reset();
        for (const { name: upstream, targets } of upstreams()) {
          for (const target of targets) this.set({ upstream, target: target.url }, read(target));
        }
      },
    });
  }
}
