import { collectDefaultMetrics, Registry } from 'prom-client';

let registry: Registry | null = null;

/**
 * CPU, memory, event loop and garbage collection of this process. There is one for all gateways of a process:
 * collecting them takes observers that cannot be taken off again.
 */
export function processMetrics(): Registry {
  if (registry === null) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
  }
  return registry;
}
