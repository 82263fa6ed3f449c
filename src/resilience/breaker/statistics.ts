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
  TIMED,
  TIMEOUTS,
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

  /** @param durationMs not negative; what is longer than 35 minutes counts as 35 minutes */
  took(durationMs: number): void {
    const memory = this.#memory;
    const us = durationMs < 2_147_483 ? (durationMs * 1000) | 0 : GREATEST;
    memory.add(TIMED, 1);
    const low = memory.add(SUM_LOW, us);
    if ((low >>> 0) + us > 0xffffffff) memory.add(SUM_HIGH, 1);
    this.#raise(MAX, us);
    this.#raise(MIN_COMPLEMENT, GREATEST - us);
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
    const calls = this.#total(TIMED);
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
