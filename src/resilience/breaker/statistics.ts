import type { BreakerTotals } from '../breaker-snapshot.ts';
import {
  EXCLUDED,
  FAILURES,
  MAX,
  MIN_COMPLEMENT,
  REJECTIONS,
  SLOW,
  SUCCESSES,
  SUM_HIGH,
  SUM_LOW,
  TIMEOUTS,
  UNTIMED,
} from './layout.ts';
import type { Memory } from './memory.ts';

const GREATEST = 0x7fffffff;

/** What is counted from the start on and never judged: totals and durations. */
export class Statistics {
  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  succeeded(): void {
    this.#memory.add(SUCCESSES, 1);
  }

  failed(timeout: boolean): void {
    this.#memory.add(FAILURES, 1);
    if (timeout) this.#memory.add(TIMEOUTS, 1);
  }

  slow(): void {
    this.#memory.add(SLOW, 1);
  }

  excluded(): void {
    this.#memory.add(EXCLUDED, 1);
  }

  rejected(): void {
    this.#memory.add(REJECTIONS, 1);
  }

  /** Once for each call that succeeded or failed. @param durationMs more than 35 minutes count as 35 minutes */
  took(durationMs: number | undefined): void {
    if (durationMs === undefined || !(durationMs >= 0)) {
      this.#memory.add(UNTIMED, 1);
      return;
    }
    const memory = this.#memory;
    const us = durationMs < 2_147_483 ? (durationMs * 1000) | 0 : GREATEST;
    if (memory.shared) this.#tookShared(us);
    else {
      // The same once more without a call for each word: that halves what a timed call costs a private breaker.
      const { words } = memory;
      const low = words[SUM_LOW]!;
      words[SUM_LOW] = low + us;
      if (carries(low, us)) words[SUM_HIGH] = words[SUM_HIGH]! + 1;
      if (us > words[MAX]!) words[MAX] = us;
      if (GREATEST - us > words[MIN_COMPLEMENT]!) words[MIN_COMPLEMENT] = GREATEST - us;
    }
  }

  #tookShared(us: number): void {
    const memory = this.#memory;
    if (carries(memory.add(SUM_LOW, us), us)) memory.add(SUM_HIGH, 1);
    if (us > memory.peek(MAX)) this.#raise(MAX, us);
    if (GREATEST - us > memory.peek(MIN_COMPLEMENT)) this.#raise(MIN_COMPLEMENT, GREATEST - us);
  }

  /** For a breaker that has not counted anything yet. */
  restore(totals: BreakerTotals): void {
    const memory = this.#memory;
    memory.store(SUCCESSES, totals.successes | 0);
    memory.store(FAILURES, totals.failures | 0);
    memory.store(TIMEOUTS, totals.timeouts | 0);
    memory.store(REJECTIONS, totals.rejections | 0);
    memory.store(EXCLUDED, totals.excluded | 0);
    memory.store(SLOW, totals.slow | 0);
    memory.store(UNTIMED, (totals.successes + totals.failures) | 0);
    for (const index of [SUM_LOW, SUM_HIGH, MIN_COMPLEMENT, MAX]) memory.store(index, 0);
  }

  totals(observing: boolean): BreakerTotals {
    const rejections = this.#total(REJECTIONS);
    return {
      successes: this.#total(SUCCESSES),
      failures: this.#total(FAILURES),
      timeouts: this.#total(TIMEOUTS),
      rejections: observing ? 0 : rejections,
      ...(observing && { wouldReject: rejections }),
      excluded: this.#total(EXCLUDED),
      slow: this.#total(SLOW),
    };
  }

  times(): { minMs: number | null; avgMs: number | null; maxMs: number | null } {
    const calls = (this.#total(SUCCESSES) + this.#total(FAILURES) - this.#total(UNTIMED)) >>> 0;
    if (calls === 0) return { minMs: null, avgMs: null, maxMs: null };
    const sumUs = this.#total(SUM_HIGH) * 2 ** 32 + this.#total(SUM_LOW);
    return {
      minMs: (GREATEST - this.#memory.load(MIN_COMPLEMENT)) / 1000,
      avgMs: sumUs / calls / 1000,
      maxMs: this.#memory.load(MAX) / 1000,
    };
  }

  #total(index: number): number {
    return this.#memory.load(index) >>> 0;
  }

  #raise(index: number, value: number): void {
    for (;;) {
      const before = this.#memory.load(index);
      if (value <= before || this.#memory.replace(index, before, value)) return;
    }
  }
}

/** Whether adding to the low word of a sum wraps it around: only from its upper half, which is negative. */
const carries = (low: number, us: number): boolean => low < 0 && low + us >= 0;
