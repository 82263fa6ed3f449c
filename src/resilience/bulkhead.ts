import { bulkheadWords, LONGEST_LINE, MOST_SLOTS, SharedSlots } from './bulkhead/shared-slots.ts';
import { checkPositive, checkWhole } from './check-option.ts';
import { BulkheadFullError, BulkheadQueueTimeoutError, InvalidOptionError } from './errors.ts';
import { checkMemory, checkOther, checkThread, type ThreadPlace } from './thread-place.ts';
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
  /**
   * `bulkheadWords(thread.count)` words: zero, or those of a bulkhead with equal options. A slice of a
   * SharedArrayBuffer, 8-byte aligned, makes one bulkhead of all that are built on it, one in each thread.
   * @default private memory
   */
  readonly memory?: Int32Array | undefined;
  /** Which of the threads that share `memory` this one is. @default the only one */
  readonly thread?: ThreadPlace | undefined;
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
 * Slots for calls that run at the same time, and a bounded line before them, first come, first served. Threads that
 * share one have a line each and are served in turn.
 *
 * The two-step use: `tryAcquire()`, or `await acquire()`, then `release()` exactly once on every way out.
 * Nobody overtakes the line: while somebody waits, in whatever thread, `tryAcquire()` is refused.
 */
export class Bulkhead implements Layer {
  readonly name: string;
  readonly #maxConcurrent: number;
  readonly #queueLimit: number;
  readonly #queueTimeoutMs: number;
  readonly #timer: Timer;
  // A Set keeps the order of arrival and lets one in the middle leave without moving the others.
  readonly #line = new Set<Waiter>();
  readonly #thread: ThreadPlace;
  /** Null: nobody else has a part in it, and plain numbers do. */
  readonly #shared: SharedSlots | null;
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
    this.#thread = checkThread(options.thread);
    this.#shared = options.memory === undefined ? null : this.#share(options.memory);
  }

  get inUse(): number {
    return this.#shared === null ? this.#inUse : this.#shared.used;
  }

  get queued(): number {
    return this.#shared === null ? this.#line.size : this.#shared.queued;
  }

  /** Takes a slot if one is free. `true`: call `release()` exactly once. */
  tryAcquire(): boolean {
    if (this.#shared !== null) return this.#shared.tryTake();
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
    if (!this.#tryJoin()) return Promise.reject(new BulkheadFullError(this.name));
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        waiter.stopTimer();
        signal?.removeEventListener('abort', onAbort);
        this.#line.delete(waiter);
      };
      const onAbort = (): void => {
        leave();
        this.#shared?.leaveLine(false);
        reject(signal?.reason);
      };
      const onTimeout = (): void => {
        leave();
        if (this.#shared === null) this.#timedOut++;
        else this.#shared.leaveLine(true);
        reject(new BulkheadQueueTimeoutError(this.name, this.#queueTimeoutMs));
      };
      const enter = (): void => {
        leave();
        resolve();
      };
      const waiter: Waiter = { enter, stopTimer: this.#timer.start(this.#queueTimeoutMs, onTimeout) };
      this.#line.add(waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#shared?.handOver();
    });
  }

  /**
   * Gives a slot back: to the call that waits longest, if any.
   *
   * @throws Error when no slot is held, in this thread: something released twice
   */
  release(): void {
    if (this.#shared !== null) {
      if (!this.#shared.release()) this.#releasedTwice();
      return;
    }
    if (this.#inUse === 0) this.#releasedTwice();
    if (!this.#letIn()) this.#inUse--;
  }

  /**
   * Gives back what a thread held that is certainly gone, its slots and its places in line, to whoever waits; what comes a
   * second time finds nothing. Before another takes its index, and always from the same thread, which waits, some
   * 20 ms at most, when the other died between two words: for a moment at which the rest can be counted. It goes on trying
   * in the background when there was none; until then there can be a slot too few, never one too many.
   *
   * @throws InvalidOptionError there is no such thread, or it is this one
   */
  forgetThread(index: number): void {
    checkOther(index, this.#thread);
    this.#shared?.forgetThread(index);
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
      inUse: this.inUse,
      queueLimit: this.#queueLimit,
      queued: this.queued,
      rejected: this.#shared === null ? this.#rejected : this.#shared.rejected,
      timedOut: this.#shared === null ? this.#timedOut : this.#shared.timedOut,
    };
  }

  /** @returns false when the line is full, which is counted */
  #tryJoin(): boolean {
    if (this.#shared !== null) return this.#shared.tryJoin();
    if (this.#line.size < this.#queueLimit) return true;
    this.#rejected++;
    return false;
  }

  /** Lets the call in that waits longest. @returns false when none waits */
  #letIn(): boolean {
    const [first] = this.#line;
    first?.enter();
    return first !== undefined;
  }

  #releasedTwice(): never {
    throw new Error(`Bulkhead "${this.name}": release() without a slot; release once for each acquire`);
  }

  #share(memory: Int32Array): SharedSlots {
    const thread = this.#thread;
    const words = checkMemory(memory, bulkheadWords(thread.count));
    if (!(words.buffer instanceof SharedArrayBuffer)) {
      throw new InvalidOptionError('memory', words, 'a slice of a SharedArrayBuffer');
    }
    if (this.#maxConcurrent > MOST_SLOTS) {
      throw new InvalidOptionError(
        'maxConcurrent',
        this.#maxConcurrent,
        `${MOST_SLOTS} or less, with shared memory`,
      );
    }
    if (this.#queueLimit > LONGEST_LINE) {
      throw new InvalidOptionError('queue', this.#queueLimit, `${LONGEST_LINE} or less, with shared memory`);
    }
    const [maxConcurrent, queueLimit] = [this.#maxConcurrent, this.#queueLimit];
    return new SharedSlots({ words, thread, maxConcurrent, queueLimit, letIn: () => this.#letIn() });
  }
}
