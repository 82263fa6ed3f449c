import type { Registry } from 'prom-client';
import { DurationHistogram, type Durations } from './duration-histogram.ts';
import { DURATION_BUCKETS, SUM_CELL } from './request-layout.ts';
import { showMetric } from './show-metric.ts';
import { FAILURE_KINDS, HEAD_CELLS, UpstreamLayout } from './upstream-layout.ts';

const BUCKET_CELLS = DURATION_BUCKETS.length + 1;

/**
 * Shows what the UpstreamRecorders of all threads have counted.
 *
 * @param names of the upstreams as the recorders have them
 * @param memories one of each thread
 * @throws InvalidOptionError one is too small or not aligned
 */
export function registerUpstreamMetrics(
  registry: Registry,
  names: readonly string[],
  memories: readonly Int32Array[],
): void {
  const layout = new UpstreamLayout(names);
  const regions = memories.map((memory) => layout.cells(memory));
  const labelsOf = names.map((upstream) => ({ upstream }));
  const sum = (cell: number): number => regions.reduce((total, cells) => total + (cells[cell] ?? 0), 0);
  const placed = function* (): Generator<[labels: { upstream: string }, at: number]> {
    for (const labels of labelsOf) yield [labels, layout.cellsOf(labels.upstream) ?? 0];
  };
  showMetric(registry, {
    type: 'counter',
    name: 'gateway_upstream_failures_total',
    help: 'Attempts at the upstream that failed, by what they failed of.',
    labels: ['upstream', 'kind'],
    *read() {
      for (const [{ upstream }, at] of placed()) {
        for (const [nth, kind] of FAILURE_KINDS.entries()) yield [{ upstream, kind }, sum(at + nth)];
      }
    },
  });
  new DurationHistogram(registry, {
    name: 'gateway_upstream_duration_seconds',
    help: 'The upstream’s own time until its response head, of each attempt that got one.',
    labels: ['upstream'],
    *read(): Generator<Durations<'upstream'>> {
      for (const [labels, at] of placed()) {
        const buckets = Float64Array.from({ length: BUCKET_CELLS }, (_, nth) => sum(at + HEAD_CELLS + nth));
        const count = buckets.reduce((total, one) => total + one, 0);
        if (count > 0) yield { labels, count, buckets, seconds: sum(at + HEAD_CELLS + SUM_CELL) };
      }
    },
  });
}
