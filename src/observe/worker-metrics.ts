import type { Registry } from 'prom-client';
import { showMetric } from './show-metric.ts';
import {
  HEAP_BYTES,
  LOOP_ACTIVE_SECONDS,
  LOOP_DELAY_SECONDS,
  SAMPLED,
  WORKER_METRICS_WORDS,
} from './worker-sampler.ts';

const METRICS: readonly [type: 'gauge' | 'counter', name: string, help: string, cell: number][] = [
  [
    'gauge',
    'gateway_worker_event_loop_delay_p99_seconds',
    'By how much the event loop of the worker was late, within its last five seconds.',
    LOOP_DELAY_SECONDS,
  ],
  ['gauge', 'gateway_worker_heap_used_bytes', 'JavaScript heap of the worker that is in use.', HEAP_BYTES],
  [
    'counter',
    'gateway_worker_event_loop_active_seconds_total',
    'Time that the event loop of the worker has not been waiting; its rate is 1 when the worker can do no more.',
    LOOP_ACTIVE_SECONDS,
  ],
];

/**
 * Shows what the WorkerSampler of each worker has noted, under the worker's index, which starts with 1.
 *
 * @param memories one of each worker; one without a sample yet is left out
 */
export function registerWorkerMetrics(registry: Registry, memories: readonly Int32Array[]): void {
  const workers = memories.map(
    (memory) => new Float64Array(memory.buffer, memory.byteOffset, WORKER_METRICS_WORDS / 2),
  );
  for (const [type, name, help, cell] of METRICS) {
    showMetric(registry, {
      type,
      name,
      help,
      labels: ['worker'],
      *read() {
        for (const [index, cells] of workers.entries()) {
          if (cells[SAMPLED] === 1) yield [{ worker: String(index + 1) }, cells[cell] ?? 0];
        }
      },
    });
  }
}
