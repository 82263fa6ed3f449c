import type { BreakerEventMap, BreakerListener } from './breaker/breaker-events.ts';
import type { CircuitBreakerOptions, ResolvedBreakerOptions } from './breaker/breaker-options.ts';
import { type BreakerParts, makeParts } from './breaker/breaker-parts.ts';
import { Executor } from './breaker/executor.ts';
import { Gate, type Permit, REFUSED } from './breaker/gate.ts';
import { HALF_OPEN, OPEN, STATE, STATE_MASK } from './breaker/layout.ts';
import { lastReason } from './breaker/reason.ts';
import { restoreBreaker, type SavedBreaker, saveBreaker } from './breaker/saved-breaker.ts';
import { retryAfterMs, takeSnapshot } from './breaker/take-snapshot.ts';
import { forcedName, Transitions } from './breaker/transitions.ts';
import type {
  BreakerReason,
  BreakerSnapshot,
  BreakerState,
  ForcedState,
  Outcome,
} from './breaker-snapshot.ts';
import { checkOther } from './thread-place.ts';
import type { CallOptions, Layer, Work } from './work.ts';

export type { CircuitBreakerOptions } from './breaker/breaker-options.ts';

/**
 * Stops calling what does not work, and finds out with few calls when it works again.
 *
 * The primitive is a permit in two steps: `tryAcquire`, then `settle` exactly once, on every way out. `execute`
 * does both around a function. Nothing happens by timer: a state changes when somebody asks for a permit or
 * settles one, never because somebody looks.
 */
export class CircuitBreaker implements Layer {
  readonly name: string;
  /** What holds after the defaults. */
  readonly options: ResolvedBreakerOptions;
  readonly #parts: BreakerParts;
  readonly #transitions: Transitions;
  readonly #gate: Gate;
  readonly #executor: Executor;
  /** The generation in which `canExecute` gave probes away, and how many have no result yet. */
  #probesOf: Permit = REFUSED;
  #probesOwed = 0;

  /** @throws InvalidOptionError an option that cannot be meant */
  constructor(options: CircuitBreakerOptions) {
    this.#parts = makeParts(options);
    this.#transitions = new Transitions(this.#parts);
    this.#gate = new Gate(this.#parts, this.#transitions);
    this.#executor = new Executor(this, options, this.#parts);
    this.options = this.#parts.options;
    this.name = this.options.name;
  }

  /**
   * Asks for a permit. Allocates nothing while closed.
   *
   * @returns REFUSED (0), or a permit that must be settled exactly once
   */
  tryAcquire(): Permit {
    return this.#gate.tryAcquire();
  }

  /**
   * Gives a permit back with the result of its call.
   *
   * @param outcome `timeout` is a failure that the totals also show as a timeout
   * @param durationMs milliseconds that the call took; without it, it is neither timed nor slow
   * @returns false when the result did not count: the breaker has changed its state or was reset since, a probe's
   *   lease is over, or nothing is judged (mode `disabled`; calls that `observe` would have refused)
   */
  settle(permit: Permit, outcome: Outcome | 'timeout', durationMs?: number): boolean {
    const counted = this.#gate.settle(permit, outcome, durationMs);
    const { events } = this.#parts;
    if (events.wanted('call')) events.emit('call', { breaker: this.name, outcome, durationMs, counted });
    return counted;
  }

  /**
   * Calls `work` if the breaker lets it, and judges the result.
   *
   * An aborted caller is answered at once with its reason, and counts as `excluded`. Errors are failures, unless
   * `isFailure` or `isExcluded` say otherwise. Looking at the clock twice costs as much as all the rest, so calls
   * without limit and signal are timed always only if there is a slow-call rule or a listener for `call`; else the
   * first 100 and one in 16 are.
   *
   * @throws BreakerOpenError not let through; TimeoutError after `requestTimeoutMs`; the signal's reason; otherwise
   *   what `work` throws. With `failFast: false` only the signal's reason: all else becomes `fallbackValue`.
   */
  execute<T>(work: Work<T>, options?: CallOptions): Promise<T> {
    return this.#executor.execute(work, options?.signal);
  }

  /**
   * For callers who cannot carry a permit: may the next call go? Whoever hears yes calls `recordSuccess` or
   * `recordFailure` afterwards.
   */
  canExecute(): boolean {
    const permit = this.tryAcquire();
    if ((permit & STATE_MASK) === HALF_OPEN) {
      if (this.#probesOf !== permit) this.#probesOwed = 0;
      this.#probesOf = permit;
      this.#probesOwed++;
    }
    return permit !== REFUSED;
  }

  /**
   * The result of a call that `canExecute` let through. Without a permit it counts for the present state: closed,
   * every result; half-open, as many as this object let through as probes; open, none.
   *
   * @returns whether it counted
   */
  recordSuccess(durationMs?: number): boolean {
    return this.#record('success', durationMs);
  }

  /** See recordSuccess. */
  recordFailure(durationMs?: number): boolean {
    return this.#record('failure', durationMs);
  }

  /** Looking never changes it: an open breaker whose time is over says OPEN until somebody asks for a permit. */
  get state(): BreakerState {
    return this.#transitions.visible(this.#parts.memory.load(STATE));
  }

  get forced(): ForcedState | null {
    return forcedName(this.#parts.memory.load(STATE));
  }

  /** Whole milliseconds until it permits a probe; 0 unless open. Forced open it has no end: the configured time. */
  retryAfterMs(): number {
    return retryAfterMs(this.#parts, this.#transitions);
  }

  /** Why it opened last; null if it never did, or since a reset. */
  lastReason(): BreakerReason | null {
    return lastReason(this.#parts.memory, this.options);
  }

  /** Milliseconds that it took from open to closed, the last time, in whatever thread; null if it never closed again. */
  lastRecoveryMs(): number | null {
    return this.#parts.records.lastRecoveryMs();
  }

  snapshot(): BreakerSnapshot {
    return takeSnapshot(this.#parts, this.#transitions);
  }

  /**
   * Closes it and forgets counts, window, growth and reason, and ends a forced state; totals stay. Calls under way
   * no longer count. A closed breaker tells nobody.
   */
  reset(): void {
    this.#transitions.reset();
  }

  /**
   * Ends an open time early, so that the next call is a probe. Only open and not forced; never closes. For those who have
   * found out by themselves that what is called answers again.
   *
   * @returns whether there was time left that this call ended
   */
  permitProbe(): boolean {
    return this.#transitions.endOpenTime();
  }

  /** Refuses everything until `release`, `forceClose` or `reset`, in every mode. */
  forceOpen(): void {
    this.#transitions.forceOpen();
  }

  /** Lets everything through and judges nothing until `release`, `forceOpen` or `reset`. */
  forceClose(): void {
    this.#transitions.forceClose();
  }

  /** Ends a forced state: from open it asks for a probe, from closed it is judged again from nothing. */
  release(): void {
    this.#transitions.release();
  }

  /**
   * Gives back, as `excluded`, the probes that a thread had under way which is certainly gone; what comes a second time
   * finds none. Before another takes its index.
   *
   * @throws InvalidOptionError there is no such thread, or it is this one
   */
  forgetThread(index: number): void {
    checkOther(index, this.#parts.thread);
    this.#gate.forgetThread(index);
  }

  /**
   * Listens. Transitions are told in the thread that brought them about, after they were committed. A listener that
   * throws, or whose promise rejects, harms nobody and is told as `listener_error`.
   *
   * @returns ends it
   */
  on<Event extends keyof BreakerEventMap>(event: Event, listener: BreakerListener<Event>): () => void {
    return this.#parts.events.on(event, listener);
  }

  /** What another process needs to go on, as plain JSON in remaining durations. */
  save(): SavedBreaker {
    return saveBreaker(this.#parts, this.#transitions);
  }

  /**
   * Goes on where another process stopped; for the start, before traffic.
   *
   * @throws InvalidOptionError not what `save` gives
   */
  restore(saved: SavedBreaker): void {
    restoreBreaker(this.#parts, this.#transitions, saved);
  }

  #record(outcome: 'success' | 'failure', durationMs: number | undefined): boolean {
    const word = this.#parts.memory.load(STATE);
    if ((word & STATE_MASK) === OPEN) return false;
    if ((word & STATE_MASK) === HALF_OPEN) {
      if (this.#probesOf !== word || this.#probesOwed === 0) return false;
      this.#probesOwed--;
    }
    return this.settle(word, outcome, durationMs);
  }
}
