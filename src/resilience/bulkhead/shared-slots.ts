import { countOf, isInside, MOST_SHARE, Recount, STEP } from '../recount.ts';
import type { ThreadPlace } from '../thread-place.ts';

/** Slots that are taken: those of calls, those granted to a waiter that has not noticed yet. */
const USED = 0;
/** Calls in line in any thread. Never less than there are: raised before a call joins, lowered after it has left. */
const QUEUED = 1;
/** The thread that is asked first for a waiter when the next slot is free. */
const CURSOR = 2;
const REJECTED = 3;
const TIMED_OUT = 4;
/** Then for each thread HELD, the slots of its calls, a share in the sense of recount.ts, and LINE. */
const PLACES = 6;

/**
 * LINE: calls that wait in the thread, and above them grants: slots that another thread has handed to the thread's
 * first waiters. One word, so that a waiter turns into a grant in one step and nobody can lose it on the way.
 */
const WAITING_MASK = 0xf_ffff;
const GRANT_SHIFT = 20;
const GRANT = 1 << GRANT_SHIFT;
/** More are not granted to one thread until it has taken these. */
const MOST_GRANTS = 2047;

export const LONGEST_LINE = WAITING_MASK;
export const MOST_SLOTS = MOST_SHARE;

/** @returns how many 32-bit words a bulkhead takes that so many threads share; even, so that the next one is aligned */
export function bulkheadWords(threads: number): number {
  return PLACES + 2 * threads;
}

export interface SharedSlotsParts {
  readonly words: Int32Array;
  readonly thread: ThreadPlace;
  readonly maxConcurrent: number;
  readonly queueLimit: number;
  /** Lets the call in that waits longest in this thread. @returns false when none waits */
  readonly letIn: () => boolean;
}

/**
 * The slots and lines of a bulkhead that several threads share. No call ever waits for another thread.
 *
 * A slot or a place in line belongs to a thread from when a word of that thread says so until it no longer does; what
 * happens to a total comes before the one and after the other. So a thread that dies inside a step leaves totals that are
 * too high, never too low: too few slots until the recount, and never too many.
 */
export class SharedSlots {
  readonly #parts: SharedSlotsParts;
  readonly #words: Int32Array;
  readonly #max: number;
  readonly #held: number;
  readonly #line: number;
  readonly #recount: Recount;
  #listening = false;

  constructor(parts: SharedSlotsParts) {
    this.#parts = parts;
    this.#words = parts.words;
    this.#max = parts.maxConcurrent;
    this.#held = heldOf(parts.thread.index);
    this.#line = this.#held + 1;
    const threads = Array.from({ length: parts.thread.count }, (_, thread) => thread);
    const sum = (of: (thread: number) => number): number =>
      threads.reduce((total, thread) => total + of(thread), 0);
    this.#recount = new Recount({
      words: parts.words,
      shares: threads.map(heldOf),
      totals: [
        {
          word: USED,
          truth: () => sum((thread) => this.#heldBy(thread) + (this.#lineOf(thread) >> GRANT_SHIFT)),
        },
        { word: QUEUED, truth: () => sum((thread) => this.#lineOf(thread) & WAITING_MASK) },
      ],
      onCorrected: () => this.handOver(),
    });
  }

  get used(): number {
    return Atomics.load(this.#words, USED);
  }

  get queued(): number {
    return Atomics.load(this.#words, QUEUED);
  }

  get rejected(): number {
    return Atomics.load(this.#words, REJECTED) >>> 0;
  }

  get timedOut(): number {
    return Atomics.load(this.#words, TIMED_OUT) >>> 0;
  }

  tryTake(): boolean {
    const words = this.#words;
    // Whoever waits here and has been granted a slot goes first, though the news of it is still on its way.
    if (this.#listening) this.#takeGrants();
    for (;;) {
      const used = Atomics.load(words, USED);
      if (used >= this.#max || Atomics.load(words, QUEUED) !== 0) return false;
      if (this.#take(used)) return true;
    }
  }

  /** @returns false when this thread holds none */
  release(): boolean {
    const words = this.#words;
    if (countOf(words[this.#held]!) === 0) return false;
    this.#free();
    if (Atomics.load(words, QUEUED) !== 0) this.handOver();
    return true;
  }

  /** Takes a place in line, if there is one. After it has a waiter to show for, the caller must call `handOver`. */
  tryJoin(): boolean {
    const words = this.#words;
    const held = this.#held;
    for (;;) {
      const queued = Atomics.load(words, QUEUED);
      if (queued >= this.#parts.queueLimit) {
        Atomics.add(words, REJECTED, 1);
        return false;
      }
      words[held]! += STEP;
      const joins = Atomics.compareExchange(words, QUEUED, queued, queued + 1) === queued;
      if (joins) Atomics.add(words, this.#line, 1);
      words[held]! += STEP;
      if (joins) return true;
    }
  }

  /** A call has left the line of this thread without a slot. */
  leaveLine(timedOut: boolean): void {
    const words = this.#words;
    if (timedOut) Atomics.add(words, TIMED_OUT, 1);
    words[this.#held]! += STEP;
    for (;;) {
      const line = Atomics.load(words, this.#line);
      if ((line & WAITING_MASK) === 0) {
        // All that wait here have been granted a slot, and one more: that of the call that left.
        Atomics.sub(words, this.#line, GRANT);
        Atomics.sub(words, USED, 1);
        break;
      }
      if (Atomics.compareExchange(words, this.#line, line, line - 1) === line) {
        Atomics.sub(words, QUEUED, 1);
        break;
      }
    }
    words[this.#held]! += STEP;
    this.handOver();
  }

  /**
   * Grants free slots to those who wait, to one thread after the other, and lets in whom this thread has a grant for.
   * Called after everything that can leave a free slot beside a waiter; of two threads that do so at the same time the
   * later one sees both.
   */
  handOver(): void {
    const words = this.#words;
    for (;;) {
      const used = Atomics.load(words, USED);
      if (used >= this.#max || Atomics.load(words, QUEUED) === 0) break;
      if (!this.#take(used) || this.#grant()) continue;
      this.#free();
      // Whoever joined while the slot was taken here has found none free; whoever joins from now on will find it.
      if (!this.#someoneWaits()) break;
    }
    this.#listen();
  }

  /** Gives back what a thread held that is gone: slots, grants and places in line. */
  forgetThread(index: number): void {
    const words = this.#words;
    const held = Atomics.exchange(words, heldOf(index), 0);
    const line = Atomics.exchange(words, lineOf(index), 0);
    Atomics.sub(words, USED, countOf(held) + (line >> GRANT_SHIFT));
    Atomics.sub(words, QUEUED, line & WAITING_MASK);
    // It may have died before it told of a grant.
    for (let thread = 0; thread < this.#parts.thread.count; thread++) Atomics.notify(words, lineOf(thread));
    this.handOver();
    if (isInside(held)) this.#recount.run();
  }

  /** @returns false when it is no longer so that this many are used */
  #take(used: number): boolean {
    const words = this.#words;
    const held = this.#held;
    words[held]! += STEP;
    const taken = Atomics.compareExchange(words, USED, used, used + 1) === used;
    words[held]! += taken ? STEP + 1 : STEP;
    return taken;
  }

  #free(): void {
    const words = this.#words;
    const held = this.#held;
    words[held]! += STEP - 1;
    Atomics.sub(words, USED, 1);
    words[held]! += STEP;
  }

  /** Turns a slot that this thread has taken into a grant. @returns false when nobody was found who waits */
  #grant(): boolean {
    const words = this.#words;
    const held = this.#held;
    const { count, index } = this.#parts.thread;
    const first = Atomics.load(words, CURSOR);
    for (let step = 0; step < count; step++) {
      const thread = (first + step) % count;
      const place = lineOf(thread);
      for (let line = Atomics.load(words, place); mayBeGranted(line); line = Atomics.load(words, place)) {
        words[held]! += STEP - 1;
        if (Atomics.compareExchange(words, place, line, line - 1 + GRANT) !== line) {
          words[held]! += STEP + 1;
          continue;
        }
        Atomics.sub(words, QUEUED, 1);
        words[held]! += STEP;
        if (thread !== index) Atomics.notify(words, place);
        Atomics.store(words, CURSOR, (thread + 1) % count);
        if (thread === index) this.#takeGrants();
        return true;
      }
    }
    return false;
  }

  #someoneWaits(): boolean {
    const { count } = this.#parts.thread;
    for (let thread = 0; thread < count; thread++) {
      if (mayBeGranted(this.#lineOf(thread))) return true;
    }
    return false;
  }

  #heldBy(thread: number): number {
    return countOf(Atomics.load(this.#words, heldOf(thread)));
  }

  #lineOf(thread: number): number {
    return Atomics.load(this.#words, lineOf(thread));
  }

  #takeGrants(): void {
    const words = this.#words;
    const held = this.#held;
    while (Atomics.load(words, this.#line) >= GRANT) {
      words[held]! += STEP;
      Atomics.sub(words, this.#line, GRANT);
      words[held]! += STEP + 1;
      if (!this.#parts.letIn()) this.release();
    }
  }

  /**
   * Has the grants of other threads noticed while somebody waits in this one. One promise at a time, which keeps no
   * thread alive: it stays when the line runs empty, and is there for the next call that waits.
   */
  #listen(): void {
    const words = this.#words;
    for (;;) {
      // Once more after the promise was made: the news of these came before it.
      this.#takeGrants();
      if (this.#listening) return;
      const line = Atomics.load(words, this.#line);
      if (line === 0) return;
      const { async, value } = Atomics.waitAsync(words, this.#line, line);
      if (!async) continue;
      this.#listening = true;
      void value.then(this.#noticed);
    }
  }

  readonly #noticed = (): void => {
    this.#listening = false;
    // First this: a thread with very many grants gets further ones only when it has taken these.
    this.#takeGrants();
    this.handOver();
  };
}

const heldOf = (thread: number): number => PLACES + 2 * thread;

const lineOf = (thread: number): number => heldOf(thread) + 1;

const mayBeGranted = (line: number): boolean => (line & WAITING_MASK) !== 0 && line < MOST_GRANTS * GRANT;
