import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { backgroundTimer, type StopTimer, type Timer } from '../resilience/index.ts';

/** Words that a WorkerSampler writes: a cache line. */
export const WORKER_METRICS_WORDS = 16;

/** Indexes into the words as doubles. */
export const SAMPLED = 0;
export const LOOP_ACTIVE_SECONDS = 1;
export const LOOP_DELAY_SECONDS = 2;
export const HEAP_BYTES = 3;

/** Scrapes are rarer; a delay is remembered until the next sample. */
const INTERVAL_MS = 5_000;
/** How often the loop's delay is looked at. */
const RESOLUTION_MS = 20;

/**
 * Notes how busy this thread is, where the thread that is scraped can read it: what Node tells of the event loop and the
 * heap is told of the own thread only.
 */
export class WorkerSampler {
  readonly #cells: Float64Array;
  readonly #timer: Timer;
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #stopTimer: StopTimer;

  /** @param memory WORKER_METRICS_WORDS words, aligned to 8 bytes, that no other thread writes */
  constructor(memory: Int32Array, timer: Timer = backgroundTimer) {
    this.#cells = new Float64Array(memory.buffer, memory.byteOffset, WORKER_METRICS_WORDS / 2);
    this.#timer = timer;
    this.#delay.enable();
    this.#stopTimer = () => {};
    this.#sample();
  }

  /** Takes no further samples. */
  stop(): void {
    this.#stopTimer();
    this.#delay.disable();
  }

  #sample(): void {
    const delay = this.#delay;
    // What is recorded is the time between two looks, which is the resolution when nothing delays them.
    const delayMs = Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS);
    delay.reset();
    this.#cells[LOOP_ACTIVE_SECONDS] = performance.eventLoopUtilization().active / 1000;
    this.#cells[LOOP_DELAY_SECONDS] = delayMs / 1000;
    this.#cells[HEAP_BYTES] = getHeapStatistics().used_heap_size;
    this.#cells[SAMPLED] = 1;
    this.#stopTimer = this.#timer.start(INTERVAL_MS, () => this.#sample());
  }
}
