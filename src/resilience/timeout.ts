import { checkPositive } from './check-option.ts';
import type { Clock } from './clock.ts';
import { Deadline, type DeadlineOptions } from './deadline.ts';
import { type Timer, waitingTimer } from './timer.ts';
import type { CallOptions, Layer, Work } from './work.ts';

export interface TimeoutOptions {
  /** Milliseconds that one call may take, over 0. */
  readonly ms: number;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** @default waitingTimer */
  readonly timer?: Timer | undefined;
}

/** `withTimeout` as a layer of a composition. */
export class Timeout implements Layer {
  readonly #ms: number;
  readonly #options: DeadlineOptions;

  /** @throws InvalidOptionError */
  constructor({ ms, clock, timer }: TimeoutOptions) {
    checkPositive('ms', ms);
    this.#ms = ms;
    this.#options = { clock, timer };
  }

  /** @throws TimeoutError when the time is up; the caller's reason when it gives up; what `work` throws */
  execute<T>(work: Work<T>, options: CallOptions = {}): Promise<T> {
    return withTimeout(work, this.#ms, { ...this.#options, signal: options.signal });
  }
}

/**
 * Waits for `work` until its time is up.
 *
 * The signal that `work` gets is aborted then, and also when the caller's is. Work that ignores it is not waited
 * for: what it answers later is dropped, also when that is an error.
 *
 * @param ms milliseconds; 0 or less: the time is up already and `work` is not called; Infinity: no limit
 * @throws TimeoutError when the time is up; the caller's reason when its signal is aborted; otherwise what `work` throws
 */
export async function withTimeout<T>(work: Work<T>, ms: number, options: DeadlineOptions = {}): Promise<T> {
  using deadline = Deadline.after(ms, { ...options, timer: options.timer ?? waitingTimer });
  return await orAborted(work, deadline.signal);
}

/**
 * The result of `work`, or the signal's reason as soon as it is aborted.
 *
 * @throws the signal's reason, without calling `work` when it is aborted already; otherwise what `work` throws
 */
export function orAborted<T>(work: Work<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const leave = (): void => signal.removeEventListener('abort', giveUp);
    const giveUp = (): void => reject(signal.reason);
    const succeed = (value: T): void => {
      leave();
      resolve(value);
    };
    const fail = (error: unknown): void => {
      leave();
      reject(error);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      Promise.resolve(work(signal)).then(succeed, fail);
    } catch (error) {
      fail(error);
    }
  });
}
