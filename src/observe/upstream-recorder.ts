import type { FailedAttempt } from '../proxy/exchange-context.ts';
import { count } from './counting-cells.ts';
import { bucketOf } from './duration-bucket.ts';
import { SUM_CELL } from './request-layout.ts';
import { FAILURE_CELLS, HEAD_CELLS, UpstreamLayout } from './upstream-layout.ts';

/** Counts what upstreams do with attempts, of one thread, into memory that it writes alone. */
export class UpstreamRecorder {
  readonly memory: Int32Array;
  readonly #layout: UpstreamLayout;
  readonly #cells: Float64Array;

  /**
   * @param names of the upstreams as configured, in the same order in all threads
   * @param memory `upstreamMetricsWords(names.length)` words, aligned to 8 bytes, that no other thread writes.
   *   @default private memory
   * @throws InvalidOptionError `memory` is too small or not aligned
   */
  constructor(names: readonly string[], memory?: Int32Array) {
    this.#layout = new UpstreamLayout(names);
    this.memory = memory ?? this.#layout.privateMemory();
    this.#cells = this.#layout.cells(this.memory);
  }

  attemptFailed(upstream: string, kind: FailedAttempt['kind']): void {
    const at = this.#layout.cellsOf(upstream);
    if (at !== undefined) count(this.#cells, at + FAILURE_CELLS[kind], 1);
  }

  /** An attempt has got its response head. @param ms of the upstream's own time until it */
  answered(upstream: string, ms: number): void {
    const at = this.#layout.cellsOf(upstream);
    if (at === undefined) return;
    const seconds = ms / 1000;
    count(this.#cells, at + HEAD_CELLS + bucketOf(seconds), 1);
    count(this.#cells, at + HEAD_CELLS + SUM_CELL, seconds);
  }
}
