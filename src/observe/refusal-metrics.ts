import type { Registry } from 'prom-client';
import { countingCells } from './counting-cells.ts';
import { REFUSAL_CODES, REFUSAL_WORDS } from './refusal-recorder.ts';
import { showMetric } from './show-metric.ts';

/**
 * Shows what the RefusalRecorders of all threads have counted.
 *
 * @param memories one of each thread
 * @throws InvalidOptionError one is too small or not aligned
 */
export function registerRefusalMetrics(registry: Registry, memories: readonly Int32Array[]): void {
  const regions = memories.map((memory) => countingCells(memory, REFUSAL_WORDS));
  showMetric(registry, {
    type: 'counter',
    name: 'gateway_refusals_total',
    help: 'Errors that the gateway itself has answered with, by their code.',
    labels: ['code'],
    read: () =>
      REFUSAL_CODES.map((code, cell) => [
        { code },
        regions.reduce((sum, cells) => sum + (cells[cell] ?? 0), 0),
      ]),
  });
}
