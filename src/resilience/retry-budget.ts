import { Memory } from './breaker/memory.ts';
import { checkWhole } from './check-option.ts';
import { InvalidOptionError } from './errors.ts';
import { countOf, isInside, Recount, STEP } from './recount.ts';
import { checkMemory, checkOther, checkThread, type ThreadPlace } from './thread-place.ts';

export interface RetryBudgetOptions {
  /** How many of the calls that are alive may be retries, in percent, over 0 to 100. @default 20 */
  readonly percent?: number | undefined;
  /** Retries that are always allowed at the same time, so that little traffic can retry too; 0 or more. @default 3 */
  readonly minConcurrent?: number | undefined;
  /**
   * `retryBudgetWords(thread.count)` words: zero, or those of a budget with equal options. A slice of a
   * SharedArrayBuffer, 8-byte aligned, makes one budget of all that are built on it, one in each thread.
   * @default private memory
   */
  readonly memory?: Int32Array | undefined;
  /** Which of the threads that share `memory` this one is. @default the only one */
  readonly thread?: ThreadPlace | undefined;
}

export interface RetryBudgetSnapshot {
  /** Calls under way, those that wait for a retry included. */
  readonly live: number;
  /** Of these, the ones that wait for a retry or are one. */
  readonly retrying: number;
  /** Retries refused since the start. */
  readonly refused: number;
}

/** LIVE and RETRYING are one 64-bit word for whoever asks for a retry: neither can change while it decides. */
const LIVE = 0;
const RETRYING = 1;
const REFUSED = 2;
/** Then each thread's shares of the two, in the sense of recount.ts: for `forgetThread`. */
const SHARES = 4;

/** @returns how many 32-bit words a budget takes that so many threads share; even, so that the next one is aligned */
export function retryBudgetWords(threads: number): number {
  return SHARES + 2 * threads;
}

/**
 * Bounds retries to a share of the traffic that is alive right now, for everybody who shares the budget.
 *
 * Without it, a service that fails gets `attempts` times its load exactly when it can bear the least. A call that
 * waits out its backoff counts: it is a retry that will come, and not counting it lets them all come at once.
 */
export class RetryBudget {
  readonly #basisPoints: number;
  readonly #minConcurrent: number;
  readonly #thread: ThreadPlace;
  readonly #memory: Memory;
  readonly #words: Int32Array;
  readonly #shared: boolean;
  readonly #ownLive: number;
  readonly #ownRetrying: number;
  readonly #recount: Recount;

  /** @throws InvalidOptionError */
  constructor(options: RetryBudgetOptions = {}) {
    const { percent = 20, minConcurrent = 3 } = options;
    if (!(percent > 0 && percent <= 100)) {
      throw new InvalidOptionError('percent', percent, 'over 0, up to 100');
    }
    checkWhole('minConcurrent', minConcurrent, 0);
    this.#basisPoints = Math.round(percent * 100);
    this.#minConcurrent = minConcurrent;
    this.#thread = checkThread(options.thread);
    const needed = retryBudgetWords(this.#thread.count);
    this.#memory = new Memory(checkMemory(options.memory ?? new Int32Array(needed), needed));
    this.#words = this.#memory.words;
    this.#shared = this.#memory.shared;
    this.#ownLive = shareOf(this.#thread.index);
    this.#ownRetrying = this.#ownLive + 1;
    const shares = Array.from({ length: this.#thread.count }, (_, thread) => shareOf(thread));
    const sum = (offset: number): number =>
      shares.reduce((total, share) => total + countOf(this.#memory.load(share + offset)), 0);
    this.#recount = new Recount({
      words: this.#words,
      shares: shares.flatMap((share) => [share, share + 1]),
      totals: [
        { word: LIVE, truth: () => sum(0) },
        { word: RETRYING, truth: () => sum(1) },
      ],
    });
  }

  /** A call begins. `leave()` exactly once when it ends, whatever came of it. */
  enter(): void {
    const words = this.#words;
    if (this.#shared) {
      words[this.#ownLive]! += STEP;
      Atomics.add(words, LIVE, 1);
      words[this.#ownLive]! += STEP + 1;
    } else words[LIVE]!++;
  }

  leave(): void {
    const words = this.#words;
    if (this.#shared) {
      words[this.#ownLive]! += STEP - 1;
      Atomics.sub(words, LIVE, 1);
      words[this.#ownLive]! += STEP;
    } else words[LIVE]!--;
  }

  /** Asks for a retry, before its backoff. `true`: `release()` exactly once, when that retry is over. */
  tryAcquire(): boolean {
    const memory = this.#memory;
    for (;;) {
      const live = memory.load(LIVE);
      const retrying = memory.load(RETRYING);
      if (!this.#allows(retrying + 1, live)) {
        // What was read is the truth of one moment only if it did not change in between.
        if (memory.load(LIVE) !== live) continue;
        memory.add(REFUSED, 1);
        return false;
      }
      if (!this.#shared) {
        this.#words[RETRYING] = retrying + 1;
        return true;
      }
      this.#words[this.#ownRetrying]! += STEP;
      const taken = memory.replacePair(live, retrying, live, retrying + 1);
      this.#words[this.#ownRetrying]! += taken ? STEP + 1 : STEP;
      if (taken) return true;
    }
  }

  release(): void {
    const words = this.#words;
    if (this.#shared) {
      words[this.#ownRetrying]! += STEP - 1;
      Atomics.sub(words, RETRYING, 1);
      words[this.#ownRetrying]! += STEP;
    } else words[RETRYING]!--;
  }

  /**
   * Takes out what a thread held that is certainly gone; what comes a second time finds nothing. Before another takes its
   * index, and always from the same thread, which waits, some 20 ms at most, when the other died between two words: for a
   * moment at which the rest can be counted. It goes on trying in the background when there was none.
   *
   * @throws InvalidOptionError there is no such thread, or it is this one
   */
  forgetThread(index: number): void {
    checkOther(index, this.#thread);
    const words = this.#words;
    const share = shareOf(index);
    const retrying = Atomics.exchange(words, share + 1, 0);
    const live = Atomics.exchange(words, share, 0);
    Atomics.sub(words, RETRYING, countOf(retrying));
    Atomics.sub(words, LIVE, countOf(live));
    if (isInside(retrying) || isInside(live)) this.#recount.run();
  }

  snapshot(): RetryBudgetSnapshot {
    const memory = this.#memory;
    return {
      live: memory.load(LIVE),
      retrying: memory.load(RETRYING),
      refused: memory.load(REFUSED) >>> 0,
    };
  }

  #allows(retrying: number, live: number): boolean {
    // Compared as integers: no rounding decides.
    return retrying <= this.#minConcurrent || retrying * 10_000 <= live * this.#basisPoints;
  }
}

const shareOf = (index: number): number => SHARES + 2 * index;
