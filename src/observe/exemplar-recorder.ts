import { InvalidOptionError } from '../resilience/index.ts';
import {
  AT_HIGH,
  AT_LOW,
  CELL,
  exemplarSlots,
  exemplarWords,
  MICROSECONDS,
  SEQUENCE,
  SLOT_WORDS,
  slotOf,
  TRACE_ID,
  TRACE_ID_WORDS,
} from './exemplar-layout.ts';

/** Scrapes are rarer; so a busy route pays for a look at the clock only. */
const AT_MOST_EVERY_MS = 1_000;
const DIGITS = 8;
const LONGEST_US = 2 ** 31 - 1;

/** Remembers traces of recent exchanges, by route and duration, of one thread. */
export class ExemplarRecorder {
  readonly #words: Int32Array;
  readonly #dueAt: Float64Array;
  readonly #wallNow: () => number;

  /**
   * @param routes how many the configuration has
   * @param memory `exemplarWords(routes)` words that no other thread writes
   * @param wallNow Unix milliseconds. @default Date.now
   * @throws InvalidOptionError `memory` is too small
   */
  constructor(routes: number, memory: Int32Array, wallNow: () => number = Date.now) {
    const needed = exemplarWords(routes);
    if (memory.length < needed) throw new InvalidOptionError('memory', memory, `${needed} words`);
    this.#words = memory;
    this.#dueAt = new Float64Array(exemplarSlots(routes));
    this.#wallNow = wallNow;
  }

  /**
   * @param cell that it was counted in, from the start of its place
   * @param traceId 32 hexadecimal digits
   */
  note(place: number, cell: number, seconds: number, traceId: string): void {
    const now = this.#wallNow();
    const slot = slotOf(place, cell);
    if (now < (this.#dueAt[slot] ?? 0)) return;
    this.#dueAt[slot] = now + AT_MOST_EVERY_MS;
    const words = this.#words;
    const at = slot * SLOT_WORDS;
    // One that died while writing has left it odd.
    const begun = Atomics.load(words, at + SEQUENCE) | 1;
    // All of them atomic: plain writes may be seen before the number that announces them.
    Atomics.store(words, at + SEQUENCE, begun);
    Atomics.store(words, at + CELL, cell);
    for (let nth = 0; nth < TRACE_ID_WORDS; nth++) {
      Atomics.store(
        words,
        at + TRACE_ID + nth,
        Number.parseInt(traceId.slice(nth * DIGITS, (nth + 1) * DIGITS), 16),
      );
    }
    // Rounded up, but for what a double adds: it stays within its bucket.
    Atomics.store(words, at + MICROSECONDS, Math.min(Math.ceil(seconds * 1e6 - 1e-6), LONGEST_US));
    Atomics.store(words, at + AT_LOW, now | 0);
    Atomics.store(words, at + AT_HIGH, Math.floor(now / 2 ** 32));
    Atomics.store(words, at + SEQUENCE, (begun + 1) | 0);
  }
}
