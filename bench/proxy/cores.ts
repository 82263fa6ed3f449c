import { availableParallelism } from 'node:os';

/** A number as taskset knows it. */
export type Core = number;

export interface Cores {
  /** What is measured has it alone. */
  readonly proxy: Core;
  readonly upstream: Core;
  readonly load: Core;
}

/** With two cores, upstream and load share the second; with more, each has its own. */
export function chooseCores(available = availableParallelism()): Cores {
  if (available < 2) throw new Error('The benchmark needs two cores: one for the proxy, one for the rest');
  return { proxy: 0, upstream: 1, load: available > 2 ? 2 : 1 };
}
