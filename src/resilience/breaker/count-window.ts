import type { CallCounts, CallWindow } from './call-counts.ts';
import { GenerationCount } from './generation-count.ts';
import { generationOf, RING_CALLS, RING_FAILURES, RING_NEXT, RING_SLOW, STATE } from './layout.ts';
import type { Memory } from './memory.ts';

const FAILED = 1;
const SLOW = 2;
const RESULT_BITS = 2;

/**
 * The newest `size` calls, in a ring of one word per call: its generation and its result. What a call replaces is
 * taken off the counts, so that judging costs the same for ten calls and for ten thousand.
 */
export class CountWindow implements CallWindow {
  readonly #memory: Memory;
  readonly #size: number;
  readonly #next: GenerationCount;
  readonly #failures: GenerationCount;
  readonly #slow: GenerationCount;

  constructor(memory: Memory, size: number) {
    this.#memory = memory;
    this.#size = size;
    this.#next = new GenerationCount(memory, RING_NEXT);
    this.#failures = new GenerationCount(memory, RING_FAILURES);
    this.#slow = new GenerationCount(memory, RING_SLOW);
  }

  record(word: number, failed: boolean, slow: boolean): void {
    const position = this.#next.advance(word, this.#size);
    if (position < 0) return;
    const generation = generationOf(word);
    const result = (failed ? FAILED : 0) | (slow ? SLOW : 0);
    const replaced = this.#put(RING_CALLS + position, (generation << RESULT_BITS) | result, word);
    if (replaced < 0) return;
    const failures = (result & FAILED) - (replaced & FAILED);
    const slowCalls = ((result & SLOW) - (replaced & SLOW)) >> 1;
    if (failures !== 0) this.#failures.add(word, failures);
    if (slowCalls !== 0) this.#slow.add(word, slowCalls);
  }

  sum(word: number, counts: CallCounts): void {
    counts.failures = Math.max(0, this.#failures.read(word));
    counts.slow = Math.max(0, this.#slow.read(word));
    counts.requests = Math.min(this.#next.read(word), this.#size);
    counts.successes = counts.requests - counts.failures;
  }

  begin(word: number): void {
    this.#next.begin(word);
    this.#failures.begin(word);
    this.#slow.begin(word);
  }

  /** @returns the result that stood there, 0 if it was another generation's, or -1 when this generation is over */
  #put(index: number, entry: number, word: number): number {
    for (;;) {
      const before = this.#memory.load(index);
      if (this.#memory.load(STATE) !== word) return -1;
      // Read while the generation still held: a later one's entry is never replaced without being taken off.
      if (!this.#memory.replace(index, before, entry)) continue;
      const same = before >>> RESULT_BITS === entry >>> RESULT_BITS;
      return same ? before & (FAILED | SLOW) : 0;
    }
  }
}
