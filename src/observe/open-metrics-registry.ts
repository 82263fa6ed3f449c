import { type Metric, type MetricObject, Registry } from 'prom-client';

type OpenMetrics = typeof Registry.OPENMETRICS_CONTENT_TYPE;

/** What the registry asks its metrics for, in one way or the other. */
interface Printed extends MetricObject {
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
  for (const registry of registries) {
    const metrics = registry.getMetricsAsArray() as unknown as Printable[];
    for (const metric of metrics) open.registerMetric(standIn(metric) as unknown as Metric);
  }
  return open;
}

function standIn(metric: Printable): Printable {
  const { type } = metric;
  const name = type === 'counter' ? metric.name.replace(/_total$/, '') : metric.name;
  return {
    name,
    type,
    async get() {
      const printed = await (metric.getForPromString?.() ?? metric.get());
      const values = type === 'histogram' ? printed.values?.map(canonicalBound) : printed.values;
      return { ...printed, name, values };
    },
  };
}

/** `le` is a number with a fraction: "1.0" for 1 (OpenMetrics 1.0, "Canonical Numbers"). */
function canonicalBound<Value extends { readonly labels?: { readonly le?: unknown } }>(value: Value): Value {
  const le = value.labels?.le;
  if (!Number.isInteger(le)) return value;
  return { ...value, labels: { ...value.labels, le: `${le}.0` } };
}
