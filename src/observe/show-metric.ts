import { Counter, Gauge, type Registry } from 'prom-client';

/** One metric whose values stand elsewhere. */
export interface ShownMetric<Label extends string> {
  readonly type: 'gauge' | 'counter';
  /** A counter's ends in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
  /** Asked at every scrape. Of a gauge the last one with the same labels holds; those of a counter are added up. */
  readonly read: () => Iterable<readonly [labels: Readonly<Record<Label, string>>, value: number]>;
}

/** Shows what `read` says when somebody scrapes; what it leaves out is not shown any more. */
export function showMetric<Label extends string>(
  registry: Registry,
  { type, name, help, labels, read }: ShownMetric<Label>,
): void {
  const config = { name, help, labelNames: labels, registers: [registry] };
  if (type === 'gauge') {
    new Gauge({
      ...config,
      collect() {
        this.reset();
        for (const [of, value] of read()) this.set(of, value);
      },
    });
  } else {
    new Counter({
      ...config,
      collect() {
        this.reset();
        for (const [of, value] of read()) this.inc(of, value);
      },
    });
  }
}
