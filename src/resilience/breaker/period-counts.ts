import type { CallCounts, CallWindow } from './call-counts.ts';
import { CLOSED, FAILURES, PERIOD_FAILURES, PERIOD_SUCCESSES, STATE_MASK, SUCCESSES } from './layout.ts';
import type { Memory } from './memory.ts';

/**
 * Stands in where there is no window: failures in a row are judged, and the calls since the breaker closed are the
 * totals less what they were then. Recording costs nothing.
 */
export class PeriodCounts implements CallWindow {
  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  record(): void {}

  sum(_word: number, counts: CallCounts): void {
    const failures = (this.#memory.load(FAILURES) - this.#memory.load(PERIOD_FAILURES)) >>> 0;
    counts.successes = (this.#memory.load(SUCCESSES) - this.#memory.load(PERIOD_SUCCESSES)) >>> 0;
    counts.failures = counts.streak;
    counts.requests = counts.successes + failures;
    counts.slow = 0;
  }

  begin(word: number): void {
    if ((word & STATE_MASK) !== CLOSED) return;
    this.#memory.store(PERIOD_SUCCESSES, this.#memory.load(SUCCESSES));
    this.#memory.store(PERIOD_FAILURES, this.#memory.load(FAILURES));
  }
}
