import type { FailedAttempt } from '../proxy/exchange-context.ts';
import { countingCells } from './counting-cells.ts';
import { HISTOGRAM_CELLS } from './request-layout.ts';

/** What attempts fail of, in the order of their cells. */
export const FAILURE_KINDS = [
  'connect',
  'connect_timeout',
  'reset',
  'headers_timeout',
  'body_timeout',
  'protocol',
  'status',
  'exhausted',
] as const satisfies readonly FailedAttempt['kind'][];

/** Where each of them is counted, from the start of an upstream: a cache line. */
export const FAILURE_CELLS: Readonly<Record<FailedAttempt['kind'], number>> = {
  connect: 0,
  connect_timeout: 1,
  reset: 2,
  headers_timeout: 3,
  body_timeout: 4,
  protocol: 5,
  status: 6,
  exhausted: 7,
};

/** Then two cache lines for its own times until response heads, as those of a series of requests. */
export const HEAD_CELLS = FAILURE_KINDS.length;
const UPSTREAM_CELLS = HEAD_CELLS + HISTOGRAM_CELLS;

/** Words that what one thread counts of upstreams takes: whole cache lines. @param upstreams how many there are */
export function upstreamMetricsWords(upstreams: number): number {
  return upstreams * UPSTREAM_CELLS * 2;
}

/** Where what is counted of each upstream: the same in all threads that have the same upstreams in the same order. */
export class UpstreamLayout {
  readonly names: readonly string[];
  readonly #cells: ReadonlyMap<string, number>;

  constructor(names: readonly string[]) {
    this.names = names;
    this.#cells = new Map(names.map((name, nth) => [name, nth * UPSTREAM_CELLS]));
  }

  /** Its first cell; undefined: it is not configured. */
  cellsOf(name: string): number | undefined {
    return this.#cells.get(name);
  }

  /** @throws InvalidOptionError too small for these upstreams, or not aligned */
  cells(memory: Int32Array): Float64Array {
    return countingCells(memory, upstreamMetricsWords(this.names.length));
  }

  /** Zeroed memory for one thread that shares it with no other. */
  privateMemory(): Int32Array {
    return new Int32Array(upstreamMetricsWords(this.names.length));
  }
}
