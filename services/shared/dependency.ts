import type { Logger } from 'pino';
import { CircuitBreaker, type Outcome, TimeoutError, withTimeout } from '../../src/resilience/index.ts';
import { logBreaker } from './breaker-log.ts';
import { ServiceError } from './service-error.ts';

/** What a failed call says: the dependency gave an answer we do not like, was too slow, or is broken. */
export type FailureKind = 'answer' | 'timeout' | 'failure';

export interface DependencyOptions {
  /** Of the breaker, in logs and health. */
  readonly name: string;
  /** Begins the codes of failed calls: `DATABASE` makes DATABASE_FAILED and DATABASE_TIMEOUT. */
  readonly code: string;
  /** What clients read while the breaker is open. */
  readonly unavailable: string;
  /** Failures in a row that open the breaker. */
  readonly failureThreshold: number;
  /** Milliseconds that the breaker stays open. */
  readonly openTimeoutMs: number;
  /** Milliseconds that one call may take. */
  readonly timeoutMs: number;
  readonly classify: (error: unknown) => FailureKind;
}

export interface Caller {
  /** Aborted when the caller has gone. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that the caller still waits; only ever shortens the call. */
  readonly timeoutMs?: number | undefined;
}

/**
 * The shortest deadline in milliseconds that a dependency is judged by. A caller may ask for less, but a
 * timeout then says nothing about the dependency: otherwise three requests that allow it one millisecond
 * would open the breaker for everybody.
 */
const JUDGED_FROM_MS = 250;

type Judgement = Outcome | 'timeout';

/** Another process that this one calls: each call has a deadline and goes through the circuit breaker. */
export class Dependency {
  readonly breaker: CircuitBreaker;
  readonly #options: DependencyOptions;

  constructor(options: DependencyOptions, log: Logger) {
    this.#options = options;
    this.breaker = new CircuitBreaker({
      name: options.name,
      failureThreshold: options.failureThreshold,
      openTimeoutMs: options.openTimeoutMs,
      // Every call settles by its deadline; the lease only has to be longer.
      halfOpenTimeoutMs: options.timeoutMs + 5_000,
    });
    logBreaker(this.breaker, log);
  }

  /**
   * @param work must not outlive its signal for long, but is not waited for beyond the deadline
   * @throws ServiceError 503 CIRCUIT_BREAKER_OPEN, 504 …_TIMEOUT, 502 …_FAILED; an error that is classified
   *   as an answer is thrown as it is
   */
  async call<T>(
    work: (signal: AbortSignal, timeoutMs: number) => Promise<T>,
    caller: Caller = {},
  ): Promise<T> {
    const permit = this.breaker.tryAcquire();
    if (permit === 0) throw this.#refusal();
    const timeoutMs = Math.min(this.#options.timeoutMs, caller.timeoutMs ?? Number.POSITIVE_INFINITY);
    const startedAt = performance.now();
    let judgement: Judgement = 'success';
    try {
      return await withTimeout((signal) => work(signal, timeoutMs), timeoutMs, { signal: caller.signal });
    } catch (error) {
      const kind = error instanceof TimeoutError ? 'timeout' : this.#options.classify(error);
      if (kind === 'answer') throw error;
      const tellsNothing = caller.signal?.aborted || (kind === 'timeout' && timeoutMs < JUDGED_FROM_MS);
      judgement = tellsNothing ? 'excluded' : kind;
      throw this.#failure(kind, error);
    } finally {
      this.breaker.settle(permit, judgement, performance.now() - startedAt);
    }
  }

  #failure(kind: 'timeout' | 'failure', cause: unknown): ServiceError {
    const { code, name } = this.#options;
    return kind === 'timeout'
      ? new ServiceError(504, `${code}_TIMEOUT`, `${name} did not answer in time`, { cause })
      : new ServiceError(502, `${code}_FAILED`, `${name} failed`, { cause });
  }

  #refusal(): ServiceError {
    const { name, state, retryAfterMs, openedAt, reason } = this.breaker.snapshot();
    return new ServiceError(503, 'CIRCUIT_BREAKER_OPEN', this.#options.unavailable, {
      headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) },
      details: {
        service: name,
        state,
        opened_at: openedAt === null ? null : new Date(openedAt).toISOString(),
        retry_after_ms: retryAfterMs,
        reason,
      },
    });
  }
}
