import type { Clock } from '../clock.ts';
import type { ResolvedBreakerOptions } from './breaker-options.ts';
import { CAUSE, DEADLINE, GROWTH_STEP, RULE_MASK } from './layout.ts';
import type { Memory } from './memory.ts';

/** 2^20 openings in a row without evidence of health; any factor above 1 has long reached its cap. */
const MAX_GROWTH = 1 << 20;

/** How long it stays open: longer each time, until what is called has shown that it is healthy. */
export class OpenTime {
  readonly #memory: Memory;
  readonly #options: ResolvedBreakerOptions['openTimeoutMs'];
  readonly #random: () => number;
  readonly #grows: boolean;

  constructor(memory: Memory, options: ResolvedBreakerOptions['openTimeoutMs'], random: () => number) {
    this.#memory = memory;
    this.#options = options;
    this.#random = random;
    this.#grows = options.factor > 1;
  }

  get initialMs(): number {
    return this.#options.initialMs;
  }

  get longestMs(): number {
    return Math.ceil(this.#options.maxMs);
  }

  /** Whole milliseconds of the next opening, at least 1. */
  nextMs(): number {
    const { jitter } = this.#options;
    const ms = this.#baseMs(this.#growth());
    return Math.max(1, Math.round(jitter === 0 ? ms : ms * (1 - jitter * this.#random())));
  }

  /** Milliseconds of the last opening, before jitter: for so long it must be closed to have shown its health. */
  lastMs(): number {
    return this.#baseMs(Math.max(0, this.#growth() - 1));
  }

  /** Notes why it opened and, unless that was by force, that the next opening is to be longer. */
  opened(ruleNumber: number, grow: boolean): void {
    const step = grow && this.#grows ? GROWTH_STEP : 0;
    this.#change((cause) => Math.min((cause & ~RULE_MASK) + step, MAX_GROWTH) | ruleNumber);
  }

  /** A success while closed. It is evidence once the breaker has been closed as long as it had been open. */
  succeeded(clock: Clock): void {
    if (!this.#grows || this.#growth() === 0) return;
    if ((((clock.now() | 0) - this.#memory.load(DEADLINE)) | 0) >= 0)
      this.#change((cause) => cause & RULE_MASK);
  }

  /** How often it has grown; a saved breaker carries it along. */
  get growth(): number {
    return this.#growth();
  }

  restore(ruleNumber: number, growth: number): void {
    this.#memory.store(CAUSE, Math.min(growth * GROWTH_STEP, MAX_GROWTH) | ruleNumber);
  }

  #growth(): number {
    return (this.#memory.load(CAUSE) & ~RULE_MASK) / GROWTH_STEP;
  }

  #baseMs(growth: number): number {
    const { initialMs, factor, maxMs } = this.#options;
    return Math.min(maxMs, initialMs * factor ** growth);
  }

  #change(next: (cause: number) => number): void {
    for (;;) {
      const cause = this.#memory.load(CAUSE);
      if (this.#memory.replace(CAUSE, cause, next(cause))) return;
    }
  }
}
