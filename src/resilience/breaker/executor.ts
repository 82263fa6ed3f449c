import type { Outcome } from '../breaker-snapshot.ts';
import type { Clock } from '../clock.ts';
import { BreakerOpenError, BulkheadFullError, BulkheadQueueTimeoutError, TimeoutError } from '../errors.ts';
import { orAborted, withTimeout } from '../timeout.ts';
import type { Timer } from '../timer.ts';
import { signalOf, type Work } from '../work.ts';
import type { BreakerEvents } from './breaker-events.ts';
import type { CircuitBreakerOptions } from './breaker-options.ts';
import type { BreakerParts } from './breaker-parts.ts';
import { type Permit, REFUSED } from './gate.ts';

/** What it needs of its breaker: the two steps around which it is sugar. */
interface TwoStep {
  readonly name: string;
  tryAcquire(): Permit;
  settle(permit: Permit, outcome: Outcome | 'timeout', durationMs?: number): boolean;
  retryAfterMs(): number;
}

/** What happens to the result of an untimed call. The same for all calls of one generation, so made once for it. */
interface Settlers {
  readonly permit: Permit;
  readonly succeeded: (value: unknown) => unknown;
  readonly failed: (error: unknown) => never;
}

const ALWAYS_TIMED = 100;
/** One call in so many is timed after that. A power of two. */
const TIMED_SHARE = 16;

/** Makes a call under a permit and settles it on every way out. */
export class Executor {
  readonly #breaker: TwoStep;
  readonly #events: BreakerEvents;
  readonly #clock: Clock;
  readonly #timer: Timer | undefined;
  readonly #timeoutMs: number | null;
  readonly #timesAll: boolean;
  readonly #failFast: boolean;
  readonly #fallbackValue: unknown;
  readonly #isFailure: ((error: unknown) => boolean) | undefined;
  readonly #isExcluded: (error: unknown) => boolean;
  #settlers: Settlers | null = null;
  #calls = 0;

  constructor(breaker: TwoStep, given: CircuitBreakerOptions, { options, clock, events }: BreakerParts) {
    this.#breaker = breaker;
    this.#events = events;
    this.#clock = clock;
    this.#timer = given.timer;
    this.#timeoutMs = options.requestTimeoutMs;
    this.#timesAll = options.slowCall !== null;
    this.#failFast = options.failFast;
    this.#fallbackValue = given.fallbackValue;
    this.#isFailure = given.isFailure;
    this.#isExcluded = given.isExcluded ?? isRefusal;
  }

  execute<T>(work: Work<T>, signal: AbortSignal | undefined): Promise<T> {
    if (signal !== undefined || this.#timeoutMs !== null || !this.#failFast) {
      return this.#executeGuarded(work, signal);
    }
    const permit = this.#breaker.tryAcquire();
    if (permit === REFUSED) return Promise.reject(this.#refusal());
    const timed = this.#isTimed();
    const startedAt = timed ? this.#clock.now() : 0;
    let result: T | PromiseLike<T>;
    try {
      // Work that does not look at a signal needs none made, which would cost more than the whole call.
      result = work.length === 0 ? (work as () => T | PromiseLike<T>)() : work(signalOf(undefined));
    } catch (error) {
      this.#breaker.settle(permit, this.#outcomeOf(error), timed ? this.#clock.now() - startedAt : undefined);
      return Promise.reject(error);
    }
    const promise = result instanceof Promise ? (result as Promise<T>) : Promise.resolve(result);
    if (timed) return this.#settleTimed(promise, permit, startedAt);
    const settlers = this.#settlers?.permit === permit ? this.#settlers : this.#makeSettlers(permit);
    return promise.then(settlers.succeeded as (value: T) => T, settlers.failed);
  }

  /** Waits for the caller and the clock too, and knows what to answer instead of an error. */
  async #executeGuarded<T>(work: Work<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    const breaker = this.#breaker;
    const permit = breaker.tryAcquire();
    if (permit === REFUSED) {
      if (this.#failFast) throw this.#refusal();
      return this.#fallback() as T;
    }
    const startedAt = this.#clock.now();
    try {
      const value = await this.#run(work, signal);
      breaker.settle(permit, 'success', this.#clock.now() - startedAt);
      return value;
    } catch (error) {
      const outcome = signal?.aborted ? 'excluded' : this.#outcomeOf(error);
      breaker.settle(permit, outcome, this.#clock.now() - startedAt);
      if (this.#failFast || signal?.aborted) throw error;
      return this.#fallback() as T;
    }
  }

  #run<T>(work: Work<T>, signal: AbortSignal | undefined): T | PromiseLike<T> {
    if (this.#timeoutMs !== null) {
      return withTimeout(work, this.#timeoutMs, { signal, clock: this.#clock, timer: this.#timer });
    }
    return signal === undefined ? work(signalOf(undefined)) : orAborted(work, signal);
  }

  #settleTimed<T>(promise: Promise<T>, permit: Permit, startedAt: number): Promise<T> {
    return promise.then(
      (value) => {
        this.#breaker.settle(permit, 'success', this.#clock.now() - startedAt);
        return value;
      },
      (error) => {
        this.#breaker.settle(permit, this.#outcomeOf(error), this.#clock.now() - startedAt);
        throw error;
      },
    );
  }

  #makeSettlers(permit: Permit): Settlers {
    this.#settlers = {
      permit,
      succeeded: (value) => {
        this.#breaker.settle(permit, 'success');
        return value;
      },
      failed: (error) => {
        this.#breaker.settle(permit, this.#outcomeOf(error));
        throw error;
      },
    };
    return this.#settlers;
  }

  #isTimed(): boolean {
    const calls = this.#calls;
    this.#calls = (calls + 1) & 0x3fffffff;
    return (
      calls < ALWAYS_TIMED ||
      (calls & (TIMED_SHARE - 1)) === 0 ||
      this.#timesAll ||
      this.#events.wanted('call')
    );
  }

  /** A predicate that throws has not said that the error is harmless. */
  #outcomeOf(error: unknown): Outcome | 'timeout' {
    try {
      if (this.#isExcluded(error)) return 'excluded';
      if (this.#isFailure !== undefined && !this.#isFailure(error)) return 'success';
    } catch {
      return 'failure';
    }
    return error instanceof TimeoutError ? 'timeout' : 'failure';
  }

  #refusal(): BreakerOpenError {
    return new BreakerOpenError(this.#breaker.name, this.#breaker.retryAfterMs());
  }

  #fallback(): unknown {
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
