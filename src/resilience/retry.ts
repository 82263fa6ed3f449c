import { Backoff, type BackoffOptions } from './backoff.ts';
import { checkAtLeast, checkWhole } from './check-option.ts';
import { deadlineOf } from './deadline.ts';
import { BreakerOpenError, BulkheadFullError, BulkheadQueueTimeoutError } from './errors.ts';
import type { RetryBudget } from './retry-budget.ts';
import { type GiveUpReason, RetryRun } from './retry-run.ts';
import { sleep } from './sleep.ts';
import { tell } from './tell.ts';
import { orAborted } from './timeout.ts';
import { type Timer, waitingTimer } from './timer.ts';
import { type CallOptions, type Layer, signalOf, type Work } from './work.ts';

export interface RetryOptions {
  /** Attempts in all, the first included, 1 or more. @default 3 */
  readonly attempts?: number | undefined;
  /** @default 50 ms, doubled each time up to 1 s, full jitter */
  readonly backoff?: Backoff | BackoffOptions | undefined;
  /** Shared by everybody who loads the same service. @default none */
  readonly budget?: RetryBudget | undefined;
  /**
   * Whether another attempt may help and may not harm: only work that is safe to repeat belongs in here. What it
   * throws means no.
   * @default isWorthRetrying
   */
  readonly isRetryable?: ((error: unknown, attempt: number) => boolean) | undefined;
  /**
   * Milliseconds that the service asks to wait (`Retry-After`), or undefined. The delay is never shorter. NaN, or
   * throwing, is undefined: a field that cannot be read asks for nothing.
   * @default the error's `retryAfterMs` if it is a number
   */
  readonly retryAfterMs?: ((error: unknown) => number | undefined) | undefined;
  /** A service that asks for a longer wait, in milliseconds, is not tried again. @default 30000 */
  readonly maxRetryAfterMs?: number | undefined;
  /** Told before each wait. What it throws is dropped. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
  /** @default waitingTimer */
  readonly timer?: Timer | undefined;
}

export interface RetryEvent {
  /** The attempt that failed, 1 for the first. */
  readonly attempt: number;
  readonly error: unknown;
  /** Milliseconds until the next one. */
  readonly delayMs: number;
}

/** Everything but refusals that would be repeated: an open breaker and a full bulkhead say so before any work. */
export function isWorthRetrying(error: unknown): boolean {
  return !(
    error instanceof BreakerOpenError ||
    error instanceof BulkheadFullError ||
    error instanceof BulkheadQueueTimeoutError
  );
}

/**
 * Repeats work that failed.
 *
 * It never waits beyond the caller's deadline: when the next attempt would begin after it, the error of the last
 * one is thrown at once. It throws what the work threw, never an error of its own; or the signal's reason, as soon
 * as the caller gives up.
 */
export class Retry implements Layer {
  readonly #attempts: number;
  readonly #backoff: Backoff;
  readonly #budget: RetryBudget | undefined;
  readonly #isRetryable: (error: unknown, attempt: number) => boolean;
  readonly #retryAfterMs: (error: unknown) => number | undefined;
  readonly #maxRetryAfterMs: number;
  readonly #onRetry: ((event: RetryEvent) => void) | undefined;
  readonly #timer: Timer;

  /** @throws InvalidOptionError */
  constructor(options: RetryOptions = {}) {
    const { attempts = 3, backoff, maxRetryAfterMs = 30_000, timer = waitingTimer } = options;
    checkWhole('attempts', attempts, 1);
    checkAtLeast('maxRetryAfterMs', maxRetryAfterMs, 0);
    this.#attempts = attempts;
    this.#backoff = backoff instanceof Backoff ? backoff : new Backoff(backoff);
    this.#budget = options.budget;
    this.#isRetryable = options.isRetryable ?? isWorthRetrying;
    this.#retryAfterMs = options.retryAfterMs ?? retryAfterOf;
    this.#maxRetryAfterMs = maxRetryAfterMs;
    this.#onRetry = options.onRetry;
    this.#timer = timer;
  }

  /**
   * The two-step form, for whoever waits in another way than with promises: `begin()`, after each failure
   * `next(error)`, and `end()` exactly once on every way out.
   *
   * @param signal the caller's; that of a Deadline bounds the waits
   */
  begin(signal?: AbortSignal): RetryRun {
    return new RetryRun((run, error) => this.#decide(run, error, signal), this.#budget);
  }

  /** @throws what the last attempt threw; the signal's reason as soon as it is aborted */
  async execute<T>(work: Work<T>, options: CallOptions = {}): Promise<T> {
    const signal = signalOf(options);
    const run = this.begin(signal);
    try {
      for (;;) {
        try {
          return await orAborted(work, signal);
        } catch (error) {
          const delayMs = run.next(error);
          if (delayMs === null) throw error;
          await sleep(delayMs, this.#timer, signal);
        }
      }
    } finally {
      run.end();
    }
  }

  #decide(run: RetryRun, error: unknown, signal: AbortSignal | undefined): number | GiveUpReason {
    if (signal?.aborted) return 'aborted';
    if (run.attempt >= this.#attempts) return 'attempts';
    if (!this.#isAllowed(error, run.attempt)) return 'not_retryable';
    const askedMs = this.#askedMs(error);
    if (askedMs > this.#maxRetryAfterMs) return 'retry_after';
    const delayMs = Math.max(askedMs, this.#backoff.delayMs(run.attempt, run.previousDelayMs));
    if (delayMs >= (deadlineOf(signal)?.remainingMs() ?? Number.POSITIVE_INFINITY)) return 'deadline';
    // Last, because it takes something: nothing after it may refuse.
    if (this.#budget !== undefined && !this.#budget.tryAcquire()) return 'budget';
    tell(this.#onRetry, { attempt: run.attempt, error, delayMs });
    return delayMs;
  }

  #isAllowed(error: unknown, attempt: number): boolean {
    try {
      return this.#isRetryable(error, attempt);
    } catch {
      // The caller must hear of the error of the work, not of a predicate that did not expect it.
      return false;
    }
  }

  #askedMs(error: unknown): number {
    try {
      const ms = this.#retryAfterMs(error) ?? 0;
      // NaN, from a field that is no number, would make a delay of nothing out of every backoff.
      return ms > 0 ? ms : 0;
    } catch {
      return 0;
    }
  }
}

/** The error's own `retryAfterMs`, if it has one. */
function retryAfterOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('retryAfterMs' in error)) return undefined;
  return typeof error.retryAfterMs === 'number' ? error.retryAfterMs : undefined;
}
