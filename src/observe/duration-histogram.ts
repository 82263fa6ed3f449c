import { Histogram, type Registry } from 'prom-client';
import type { Exemplar } from './recent-exemplars.ts';
import { DURATION_BUCKETS } from './request-layout.ts';

/** Durations that have the same labels. */
export interface Durations<Label extends string> {
  /** Rendered once per object and remembered. */
  readonly labels: Readonly<Record<Label, string>>;
  /** 1 or more. */
  readonly count: number;
  /** In each bucket of DURATION_BUCKETS, not cumulative; those above all of them come last. */
  readonly buckets: Float64Array;
  readonly seconds: number;
  /** An example of a bucket. @default there is none */
  readonly exemplar?: ((bucket: number) => Exemplar | undefined) | undefined;
}

export interface ShownDurations<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
  /** Asked at every scrape. */
  readonly read: () => Iterable<Durations<Label>>;
}

interface Sample {
  readonly metricName: string;
  readonly labels: { le?: number | '+Inf' };
  readonly sharedLabels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Printed in the OpenMetrics format only. */
  readonly exemplar?: object | undefined;
}

/**
 * A histogram whose buckets are counted elsewhere. The only way that prom-client has in for that is the method that its
 * registry asks for the samples to print, which is not in its types.
 */
export class DurationHistogram<Label extends string> extends Histogram<Label> {
  readonly #shown: ShownDurations<Label>;

  constructor(registry: Registry, shown: ShownDurations<Label>) {
    const { name, help, labels } = shown;
    super({ name, help, labelNames: labels, buckets: [...DURATION_BUCKETS], registers: [registry] });
    this.#shown = shown;
  }

  async getForPromString(): Promise<{ name: string; help: string; type: 'histogram'; values: Sample[] }> {
    const { name, help, read } = this.#shown;
    const values: Sample[] = [];
    for (const durations of read()) values.push(...samples(name, durations));
    return { name, help, type: 'histogram', values };
  }
}

/** In the order of prom-client. */
function samples(name: string, { labels, buckets, count, seconds, exemplar }: Durations<string>): Sample[] {
  let upTo = 0;
  const bucketSample = (le: number | '+Inf', bucket: number): Sample => {
    upTo += buckets[bucket] ?? 0;
    const sample = { metricName: `${name}_bucket`, labels: { le }, sharedLabels: labels, value: upTo };
    const example = exemplar?.(bucket);
    return example === undefined ? sample : { ...sample, exemplar: rendered(example) };
  };
  return [
    ...DURATION_BUCKETS.map(bucketSample),
    bucketSample('+Inf', DURATION_BUCKETS.length),
    { metricName: `${name}_sum`, labels: {}, sharedLabels: labels, value: seconds },
    { metricName: `${name}_count`, labels: {}, sharedLabels: labels, value: count },
  ];
}

/** As prom-client has them: the time in seconds. */
function rendered({ traceId, seconds, at }: Exemplar): object {
  return { labelSet: { trace_id: traceId }, value: seconds, timestamp: at / 1000 };
}
