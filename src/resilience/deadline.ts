import { type Clock, systemClock } from './clock.ts';
import { InvalidOptionError, TimeoutError } from './errors.ts';
import { backgroundTimer, type StopTimer, type Timer } from './timer.ts';

export interface DeadlineOptions {
  /** The caller's signal: its abort is passed on, and when it belongs to a deadline, that one is never exceeded. */
  readonly signal?: AbortSignal | undefined;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** @default backgroundTimer: a deadline that is never disposed of keeps no process alive */
  readonly timer?: Timer | undefined;
}

// So that a policy which is only given a signal still knows how long its caller waits.
const deadlines = new WeakMap<AbortSignal, Deadline>();

/** The deadline that a signal belongs to, or undefined: the signal has no time limit that could be known. */
export function deadlineOf(signal: AbortSignal | undefined): Deadline | undefined {
  return signal === undefined ? undefined : deadlines.get(signal);
}

/**
 * A point in time after which nobody waits for an answer any more, as one AbortSignal for everything below.
 *
 * A deadline within a deadline only ever shortens it. Dispose of it when the work is done (`using`): that stops the
 * timer and takes the listener off the caller's signal, which may live much longer than the work.
 */
export class Deadline {
  /** Aborted with a TimeoutError when the time is up, or with the caller's reason when the caller gave up. */
  readonly signal: AbortSignal;
  readonly #clock: Clock;
  readonly #endsAt: number;
  readonly #ms: number;
  readonly #outer: Deadline | undefined;
  readonly #end: (reason: unknown) => void;
  readonly #stopTimer: StopTimer;
  readonly #leaveCaller: () => void;
  /** Ended, or disposed of: nothing will end it any more. */
  #settled = false;

  /**
   * @param ms milliseconds from now; 0 or less: it is over already; Infinity: only the caller's signal ends it
   * @throws InvalidOptionError `ms` is not a number
   */
  static after(ms: number, options: DeadlineOptions = {}): Deadline {
    if (typeof ms !== 'number' || Number.isNaN(ms)) {
      throw new InvalidOptionError('ms', ms, 'a number of milliseconds');
    }
    return new Deadline(ms, options);
  }

  private constructor(ms: number, { signal, clock = systemClock, timer = backgroundTimer }: DeadlineOptions) {
    const controller = new AbortController();
    const outer = deadlineOf(signal);
    // An optional chain cannot reach a private method.
    if (outer !== undefined) outer.#endIfOver();
    const allowedMs = Math.min(ms, outer?.remainingMs() ?? Number.POSITIVE_INFINITY);
    this.signal = controller.signal;
    this.#clock = clock;
    this.#endsAt = clock.now() + allowedMs;
    this.#ms = Math.round(Math.max(0, allowedMs));
    this.#outer = outer;
    deadlines.set(controller.signal, this);

    this.#end = (reason) => {
      this[Symbol.dispose]();
      controller.abort(reason);
    };
    const onCaller = (): void => this.#end(signal?.reason);
    this.#leaveCaller = () => signal?.removeEventListener('abort', onCaller);
    if (signal?.aborted) {
      this.#stopTimer = () => {};
      controller.abort(signal.reason);
    } else if (allowedMs <= 0) {
      this.#stopTimer = () => {};
      controller.abort(new TimeoutError(this.#ms));
    } else {
      signal?.addEventListener('abort', onCaller, { once: true });
      // A shorter end is the caller's, and comes through its signal. A timer here could fire before the caller's (both
      // round to whole milliseconds), and then it would look as if the work had been too slow for its own limit.
      this.#stopTimer = timer.start(ms, () => this.#end(new TimeoutError(this.#ms)));
    }
  }

  /** Milliseconds left: 0 when it is over, Infinity when there is no limit. */
  remainingMs(): number {
    return this.signal.aborted ? 0 : Math.max(0, this.#endsAt - this.#clock.now());
  }

  /** Stops the timer and forgets the caller. The signal stays as it is. */
  [Symbol.dispose](): void {
    this.#settled = true;
    this.#stopTimer();
    this.#leaveCaller();
  }

  /** A process that was busy gives the timer its turn late; whoever asks in between must find it ended already. */
  #endIfOver(): void {
    if (this.#outer !== undefined) this.#outer.#endIfOver();
    if (this.#settled || this.#clock.now() < this.#endsAt) return;
    this.#end(new TimeoutError(this.#ms));
  }
}
