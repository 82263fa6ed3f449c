import type { Memory } from './memory.ts';

/** Milliseconds from open to closed, plus one: 0 is "never". */
const RECOVERY = 0;
const WOULD_OPENS = 1;
const RECOVERIES = 2;
/** Milliseconds from open to closed of all recoveries, two words. */
const RECOVERY_SUM = 4;

const GREATEST = 2 ** 32 - 1;

/**
 * What is told by events in one thread and asked for in another. It stands in the breaker's memory only if its threads
 * know of each other: a breaker by itself stays within its 256 bytes.
 */
export class BreakerRecords {
  readonly #memory: Memory;
  readonly #from: number;

  constructor(memory: Memory, from: number) {
    this.#memory = memory;
    this.#from = from;
  }

  /** It has closed. */
  closed(openForMs: number): void {
    this.#memory.store(this.#from + RECOVERY, Math.min(openForMs + 1, GREATEST) | 0);
  }

  /** It has closed because its probes succeeded. */
  recovered(openForMs: number): void {
    this.#memory.addToPair(this.#from + RECOVERY_SUM, openForMs);
    this.#memory.add(this.#from + RECOVERIES, 1);
  }

  recoveries(): number {
    return this.#memory.load(this.#from + RECOVERIES) >>> 0;
  }

  /** From open to closed, of all recoveries together. */
  recoveryMs(): number {
    return this.#memory.loadPair(this.#from + RECOVERY_SUM);
  }

  /** Null: it never has. */
  lastRecoveryMs(): number | null {
    const stored = this.#memory.load(this.#from + RECOVERY) >>> 0;
    return stored === 0 ? null : stored - 1;
  }

  wouldHaveOpened(): void {
    this.#memory.add(this.#from + WOULD_OPENS, 1);
  }

  wouldOpens(): number {
    return this.#memory.load(this.#from + WOULD_OPENS) >>> 0;
  }
}
