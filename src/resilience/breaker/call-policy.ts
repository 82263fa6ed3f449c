import type { Outcome } from '../breaker-snapshot.ts';
import type { Clock } from '../clock.ts';
import { BreakerOpenError, BulkheadFullError, BulkheadQueueTimeoutError, TimeoutError } from '../errors.ts';
import { orAborted, withTimeout } from '../timeout.ts';
import type { Timer } from '../timer.ts';
import { signalOf, type Work } from '../work.ts';
import type { CircuitBreakerOptions } from './breaker-options.ts';
import type { BreakerParts } from './breaker-parts.ts';

/** How `execute` makes a call and what it makes of an error. */
export class CallPolicy {
  readonly failFast: boolean;
  readonly #timeoutMs: number | null;
  readonly #isFailure: ((error: unknown) => boolean) | undefined;
  readonly #isExcluded: (error: unknown) => boolean;
  readonly #fallbackValue: unknown;
  readonly #clock: Clock;
  readonly #timer: Timer | undefined;

  constructor(given: CircuitBreakerOptions, { options, clock }: BreakerParts) {
    this.failFast = options.failFast;
    this.#timeoutMs = options.requestTimeoutMs;
    this.#isFailure = given.isFailure;
    this.#isExcluded = given.isExcluded ?? isRefusal;
    this.#fallbackValue = given.fallbackValue;
    this.#clock = clock;
    this.#timer = given.timer;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Without limit and signal there is nothing to wait for but the work itself. */
  run<T>(work: Work<T>, signal: AbortSignal | undefined): T | PromiseLike<T> {
    if (this.#timeoutMs !== null) {
      return withTimeout(work, this.#timeoutMs, { signal, clock: this.#clock, timer: this.#timer });
    }
    if (signal !== undefined) return orAborted(work, signal);
    // Work that does not look at a signal needs none made: 60 % of what a call costs.
    return work.length === 0 ? (work as () => T | PromiseLike<T>)() : work(signalOf(undefined));
  }

  /** A predicate that throws has not said that the error is harmless. */
  outcomeOf(error: unknown, signal: AbortSignal | undefined): Outcome | 'timeout' {
    if (signal?.aborted) return 'excluded';
    try {
      if (this.#isExcluded(error)) return 'excluded';
      if (this.#isFailure !== undefined && !this.#isFailure(error)) return 'success';
    } catch {
      return 'failure';
    }
    return error instanceof TimeoutError ? 'timeout' : 'failure';
  }

  fallback(): unknown {
    return typeof this.#fallbackValue === 'function' ? this.#fallbackValue() : this.#fallbackValue;
  }
}

/** A policy inside did not let the call through: the service was not asked, so it has not failed. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof BreakerOpenError ||
    error instanceof BulkheadFullError ||
    error instanceof BulkheadQueueTimeoutError
  );
}
