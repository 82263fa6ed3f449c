import { checkPositive, checkWhole } from './check-option.ts';
import { BulkheadFullError, BulkheadQueueTimeoutError } from './errors.ts';
import { orAborted } from './timeout.ts';
import { type StopTimer, type Timer, waitingTimer } from './timer.ts';
import { type CallOptions, type Layer, signalOf, type Work } from './work.ts';

export interface BulkheadOptions {
  /** In errors and snapshots. */
  readonly name: string;
  /** Calls that run at the same time, 1 or more. */
  readonly maxConcurrent: number;
  /** Calls that may wait for a slot, 0 or more. @default 0: refused at once */
  readonly queue?: number | undefined;
  /** Milliseconds that a call waits for a slot at most, over 0; Infinity: as long as it takes. @default 1000 */
  readonly queueTimeoutMs?: number | undefined;
  /** @default waitingTimer */
  readonly timer?: Timer | undefined;
}

export interface BulkheadSnapshot {
  readonly name: string;
  readonly maxConcurrent: number;
  readonly inUse: number;
  readonly queueLimit: number;
  readonly queued: number;
  /** Calls refused because the queue was full, since the start. */
  readonly rejected: number;
  /** Calls that waited in vain, since the start. */
  readonly timedOut: number;
}

interface Waiter {
  readonly enter: () => void;
  readonly stopTimer: StopTimer;
}

/**
 * Slots for calls that run at the same time, and a bounded line before them, first come, first served.
 *
 * The two-step use: `tryAcquire()`, or `await acquire()`, then `release()` exactly once on every way out.
 * Nobody overtakes the line: while somebody waits, `tryAcquire()` is refused.
 */
export class Bulkhead implements Layer {
  readonly name: string;
  readonly #maxConcurrent: number;
  readonly #queueLimit: number;
  readonly #queueTimeoutMs: number;
  readonly #timer: Timer;
  // A Set keeps the order of arrival and lets one in the middle leave without moving the others.
  readonly #line = new Set<Waiter>();
  #inUse = 0;
  #rejected = 0;
  #timedOut = 0;

  /** @throws InvalidOptionError */
  constructor(options: BulkheadOptions) {
    const { name, maxConcurrent, queue = 0, queueTimeoutMs = 1000, timer = waitingTimer } = options;
    checkWhole('maxConcurrent', maxConcurrent, 1);
    checkWhole('queue', queue, 0);
    checkPositive('queueTimeoutMs', queueTimeoutMs);
    this.name = name;
    this.#maxConcurrent = maxConcurrent;
    this.#queueLimit = queue;
    this.#queueTimeoutMs = queueTimeoutMs;
    this.#timer = timer;
  }

  get inUse(): number {
    return this.#inUse;
  }

  get queued(): number {
    return this.#line.size;
  }

  /** Takes a slot if one is free. `true`: call `release()` exactly once. */
  tryAcquire(): boolean {
    // A free slot means an empty line: release() hands slots over, it does not free them while somebody waits.
    if (this.#inUse >= this.#maxConcurrent) return false;
    this.#inUse++;
    return true;
  }

  /**
   * Takes a slot, waiting in line for one if need be. When it resolves, call `release()` exactly once.
   *
   * @throws BulkheadFullError the line is full; BulkheadQueueTimeoutError; the signal's reason when it is aborted,
   *   which takes the call out of the line
   */
  acquire({ signal }: CallOptions = {}): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.tryAcquire()) return Promise.resolve();
    if (this.#line.size >= this.#queueLimit) {
      this.#rejected++;
      return Promise.reject(new BulkheadFullError(this.name));
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        waiter.stopTimer();
        signal?.removeEventListener('abort', onAbort);
        this.#line.delete(waiter);
      };
      const onAbort = (): void => {
        leave();
        reject(signal?.reason);
      };
      const onTimeout = (): void => {
        leave();
        this.#timedOut++;
        reject(new BulkheadQueueTimeoutError(this.name, this.#queueTimeoutMs));
      };
      const enter = (): void => {
        leave();
        resolve();
      };
      const waiter: Waiter = { enter, stopTimer: this.#timer.start(this.#queueTimeoutMs, onTimeout) };
      this.#line.add(waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /**
   * Gives a slot back: to the call that waits longest, if any.
   *
   * @throws Error when no slot is held: something released twice
   */
  release(): void {
    if (this.#inUse === 0) {
      throw new Error(`Bulkhead "${this.name}": release() without a slot; release once for each acquire`);
    }
    const [first] = this.#line;
    if (first === undefined) this.#inUse--;
    else first.enter();
  }

  /**
   * Runs `work` in a slot. A caller that gives up is answered at once; the slot stays taken until the work has ended,
   * because work that ignores its signal goes on using what the slots stand for.
   *
   * @throws what `acquire` throws, what `work` throws, and the signal's reason when it is aborted
   */
  async execute<T>(work: Work<T>, options: CallOptions = {}): Promise<T> {
    const signal = signalOf(options);
    await this.acquire(options);
    // Between the grant of a slot and this line the caller may have given up.
    if (signal.aborted) {
      this.release();
      throw signal.reason;
    }
    return await orAborted(() => this.#run(work, signal), signal);
  }

  async #run<T>(work: Work<T>, signal: AbortSignal): Promise<T> {
    try {
      return await work(signal);
    } finally {
      this.release();
    }
  }

  snapshot(): BulkheadSnapshot {
    return {
      name: this.name,
      maxConcurrent: this.#maxConcurrent,
      inUse: this.#inUse,
      queueLimit: this.#queueLimit,
      queued: this.#line.size,
      rejected: this.#rejected,
      timedOut: this.#timedOut,
    };
  }
}
