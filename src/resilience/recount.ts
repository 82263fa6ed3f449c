import { backgroundTimer } from './timer.ts';

/**
 * A thread's share of a total that threads have together: one word that only that thread writes. Its low 20 bits are the
 * count; above them stands how many times the thread has begun or ended a step, odd inside of one. The total and the share
 * are two words, which do not change as one, and a thread can be terminated between them, in whatever way they are
 * written. So a step changes one after the other, and the mark tells of a thread that did not come to its end.
 */
export const STEP = 1 << 20;
const COUNT_MASK = STEP - 1;

/** The most that one thread can have a share of. */
export const MOST_SHARE = COUNT_MASK;

export const countOf = (share: number): number => share & COUNT_MASK;

export const isInside = (share: number): boolean => (share & STEP) !== 0;

/** Looks of about a microsecond each, and naps of a millisecond after them, before a recount is put off. */
const LOOKS = 1000;
const NAPS = 20;
const AGAIN_MS = 50;
const NAP = new Int32Array(new SharedArrayBuffer(4));

export interface RecountParts {
  readonly words: Int32Array;
  /** Where the share words of all threads stand. */
  readonly shares: readonly number[];
  /** Where the totals stand, and what each ought to be, by what the threads have. Changed in steps only. */
  readonly totals: readonly { readonly word: number; readonly truth: () => number }[];
  /** Called after totals were put right. @default nothing */
  readonly onCorrected?: () => void;
}

/**
 * Puts totals right after a thread died inside a step. They are compared with what the threads have at a moment at which
 * no thread is inside a step, so that nothing under way is taken for a loss: a total is never set below the truth.
 */
export class Recount {
  readonly #parts: RecountParts;
  readonly #seen: Int32Array;
  #putOff = false;

  constructor(parts: RecountParts) {
    this.#parts = parts;
    this.#seen = new Int32Array(parts.shares.length);
  }

  /**
   * Waits for such a moment, some 20 ms at most, or twice that where the processors are busy. When there was none, because
   * a thread was stopped inside a step or is dead and not forgotten yet, it is tried again, in the background, until there
   * is one.
   */
  run(): void {
    for (let nap = 0; nap < NAPS; nap++) {
      const excess = this.#look();
      Atomics.wait(NAP, 0, 0, 1);
      // A loss stays. Twice, because some processors make the end of a step known before what was done in it: a few
      // nanoseconds before.
      if (excess === null || this.#look()?.join() !== excess.join()) continue;
      for (const [nth, { word }] of this.#parts.totals.entries()) {
        Atomics.sub(this.#parts.words, word, excess[nth]!);
      }
      this.#parts.onCorrected?.();
      return;
    }
    if (this.#putOff) return;
    this.#putOff = true;
    backgroundTimer.start(AGAIN_MS, () => {
      this.#putOff = false;
      this.run();
    });
  }

  /** @returns by how much each total is above the truth; null: whenever it looked, some thread was inside a step */
  #look(): number[] | null {
    const { words, totals } = this.#parts;
    for (let look = 0; look < LOOKS; look++) {
      if (!this.#allOutside()) continue;
      const excess = totals.map(({ word, truth }) => Atomics.load(words, word) - truth());
      if (this.#unchanged()) return excess;
    }
    return null;
  }

  #allOutside(): boolean {
    const { words, shares } = this.#parts;
    for (let thread = 0; thread < shares.length; thread++) {
      const share = Atomics.load(words, shares[thread]!);
      if (isInside(share)) return false;
      this.#seen[thread] = share;
    }
    return true;
  }

  #unchanged(): boolean {
    const { words, shares } = this.#parts;
    for (let thread = 0; thread < shares.length; thread++) {
      if (Atomics.load(words, shares[thread]!) !== this.#seen[thread]) return false;
    }
    return true;
  }
}
