import { type Metric, type MetricObject, Registry } from 'prom-client';

type OpenMetrics = typeof Registry.OPENMETRICS_CONTENT_TYPE;

/** What the registry asks its metrics for, in one way or the other. */
interface Printed extends Omit<MetricObject, 'type'> {
  readonly type: string;
  readonly values?: readonly { readonly labels?: { readonly le?: unknown } }[] | undefined;
}

interface Printable {
  readonly name: string;
  readonly type: string;
  get(): Promise<Printed>;
  getForPromString?(): Promise<Printed>;
}

/**
 * The same metrics to be printed as OpenMetrics. Prom-client's own way to do that renames the counters for good, so that
 * the text format would lack their suffix from then on: here it gets to see stand-ins.
 */
export function openMetricsRegistry(registries: readonly Registry[]): Registry<OpenMetrics> {
  const open = new Registry<OpenMetrics>();
  open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const metrics = registries.flatMap((registry) => registry.getMetricsAsArray() as unknown as Printable[]);
  const names = new Set(metrics.map(({ name }) => name));
  for (const metric of metrics) open.registerMetric(standIn(metric, names) as unknown as Metric);
  return open;
}

function standIn(metric: Printable, names: ReadonlySet<string>): Printable {
  const { name, type } = family(metric, names);
  return {
    name,
    type,
    async get() {
      const printed = await (metric.getForPromString?.() ?? metric.get());
      const values = type === 'histogram' ? printed.values?.map(canonicalBound) : printed.values;
      return { ...printed, name, type, values };
    },
  };
}

/** A counter is called without its suffix; one whose name would then be that of another metric is no counter there. */
function family({ name, type }: Printable, names: ReadonlySet<string>): Pick<Printable, 'name' | 'type'> {
  if (type !== 'counter') return { name, type };
  const base = name.replace(/_total$/, '');
  return names.has(base) ? { name, type: 'unknown' } : { name: base, type };
}

/** `le` is a number with a fraction: "1.0" for 1 (OpenMetrics 1.0, "Canonical Numbers"). */
function canonicalBound<Value extends { readonly labels?: { readonly le?: unknown } }>(value: Value): Value {
  const le = value.labels?.le;
  if (!Number.isInteger(le)) return value;
  return { ...value, labels: { ...value.labels, le: `${le}.0` } };
}
