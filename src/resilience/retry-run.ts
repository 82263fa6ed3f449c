import type { RetryBudget } from './retry-budget.ts';

/** Why there is no further attempt. */
export type GiveUpReason = 'attempts' | 'not_retryable' | 'aborted' | 'retry_after' | 'deadline' | 'budget';

/** One call's attempts. */
export class RetryRun {
  readonly #decide: (run: RetryRun, error: unknown) => number | GiveUpReason;
  readonly #budget: RetryBudget | undefined;
  #attempt = 1;
  #previousDelayMs: number | undefined;
  #gaveUp: GiveUpReason | null = null;
  #holdsRetry = false;
  #ended = false;

  constructor(
    decide: (run: RetryRun, error: unknown) => number | GiveUpReason,
    budget: RetryBudget | undefined,
  ) {
    this.#decide = decide;
    this.#budget = budget;
    budget?.enter();
  }

  /** The attempt that is under way or waited for, 1 for the first. */
  get attempt(): number {
    return this.#attempt;
  }

  get previousDelayMs(): number | undefined {
    return this.#previousDelayMs;
  }

  /** Why `next` said no, or null. */
  get gaveUp(): GiveUpReason | null {
    return this.#gaveUp;
  }

  /**
   * The attempt failed.
   *
   * @returns milliseconds to wait before the next one, or null: no further attempt
   */
  next(error: unknown): number | null {
    this.#giveBack();
    const decision = this.#decide(this, error);
    if (typeof decision === 'string') {
      this.#gaveUp = decision;
      return null;
    }
    this.#holdsRetry = this.#budget !== undefined;
    this.#previousDelayMs = decision;
    this.#attempt++;
    return decision;
  }

  /** The call is over. A second time it does nothing. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#giveBack();
    this.#budget?.leave();
  }

  #giveBack(): void {
    if (this.#holdsRetry) this.#budget?.release();
    this.#holdsRetry = false;
  }
}
