import { collectDefaultMetrics, Registry } from 'prom-client';

/** Gauges that are named like counters, which promtool complains of: sums of those without `_total`, which stay. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

let registry: Registry | null = null;

/**
 * CPU and memory of this process; event loop, heap and garbage collection of this thread. There is one for all gateways
 * of a process: collecting them takes observers that cannot be taken off again.
 */
export function processMetrics(): Registry {
  if (registry === null) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
    for (const name of MISNAMED) registry.removeSingleMetric(name);
  }
  return registry;
}
