import { checkWhole } from './check-option.ts';
import { InvalidOptionError } from './errors.ts';

export interface RetryBudgetOptions {
  /** How many of the calls that are alive may be retries, in percent, over 0 to 100. @default 20 */
  readonly percent?: number | undefined;
  /** Retries that are always allowed at the same time, so that little traffic can retry too; 0 or more. @default 3 */
  readonly minConcurrent?: number | undefined;
}

export interface RetryBudgetSnapshot {
  /** Calls under way, those that wait for a retry included. */
  readonly live: number;
  /** Of these, the ones that wait for a retry or are one. */
  readonly retrying: number;
  /** Retries refused since the start. */
  readonly refused: number;
}

/**
 * Bounds retries to a share of the traffic that is alive right now, for everybody who shares the budget.
 *
 * Without it, a service that fails gets `attempts` times its load exactly when it can bear the least. A call that
 * waits out its backoff counts: it is a retry that will come, and not counting it lets them all come at once.
 */
export class RetryBudget {
  readonly #basisPoints: number;
  readonly #minConcurrent: number;
  #live = 0;
  #retrying = 0;
  #refused = 0;

  /** @throws InvalidOptionError */
  constructor(options: RetryBudgetOptions = {}) {
    const { percent = 20, minConcurrent = 3 } = options;
    if (!(percent > 0 && percent <= 100)) {
      throw new InvalidOptionError('percent', percent, 'over 0, up to 100');
    }
    checkWhole('minConcurrent', minConcurrent, 0);
    this.#basisPoints = Math.round(percent * 100);
    this.#minConcurrent = minConcurrent;
  }

  /** A call begins. `leave()` exactly once when it ends, whatever came of it. */
  enter(): void {
    this.#live++;
  }

  leave(): void {
    this.#live--;
  }

  /** Asks for a retry, before its backoff. `true`: `release()` exactly once, when that retry is over. */
  tryAcquire(): boolean {
    const next = this.#retrying + 1;
    // Compared as integers: no rounding decides.
    if (next > this.#minConcurrent && next * 10_000 > this.#live * this.#basisPoints) {
      this.#refused++;
      return false;
    }
    this.#retrying = next;
    return true;
  }

  release(): void {
    this.#retrying--;
  }

  snapshot(): RetryBudgetSnapshot {
    return { live: this.#live, retrying: this.#retrying, refused: this.#refused };
  }
}
