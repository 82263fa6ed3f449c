import type { StopTimer, Timer } from '../../resilience/index.ts';
import type { StoredResponse } from './stored-entry.ts';

/**
 * How a fetch ended for those who waited. `private`: the answer is for nobody else. `abandoned`: there was none.
 * `overdue`: it takes too long to be waited for.
 */
export type Landing = StoredLanding | { readonly kind: 'private' | 'abandoned' | 'overdue' };

export interface StoredLanding {
  readonly kind: 'stored';
  readonly entry: StoredResponse;
  readonly vary: readonly string[];
  /** The values of the fetcher's fields that the answer varies by, as a key. */
  readonly variant: string;
  /** When, on the monotonic clock. */
  readonly at: number;
  /** Settles when the store has it, or has failed; never rejects. */
  readonly written: Promise<void>;
}

/** One fetch for all that ask for the same meanwhile. Each waits under its own signal, and leaves nothing behind. */
export class Flight {
  readonly #waiting = new Set<(landing: Landing) => void>();
  readonly #timer: Timer;
  #maxWaitMs: number;
  #late: 'overdue' | 'abandoned' = 'overdue';
  readonly #onOverdue: () => void;
  #stopTimer: StopTimer | null = null;
  #landing: Landing | null = null;

  /** @param onOverdue nobody should come and wait any more */
  constructor(timer: Timer, maxWaitMs: number, onOverdue: () => void) {
    this.#timer = timer;
    this.#maxWaitMs = maxWaitMs;
    this.#onOverdue = onOverdue;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** @throws the signal's reason when it is aborted before */
  landed(signal: AbortSignal): Promise<Landing> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      if (this.#landing !== null) {
        resolve(this.#landing);
        return;
      }
      const land = (landing: Landing): void => {
        signal.removeEventListener('abort', leave);
        resolve(landing);
      };
      const leave = (): void => {
        this.#waiting.delete(land);
        reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.add(land);
      // One timer for all, and none for the many fetches that nobody waits for.
      this.#stopTimer ??= this.#startTimer();
    });
  }

  /** From now on it is waited for no longer than this, in milliseconds; then another fetch is. */
  hurry(maxWaitMs: number): void {
    this.#maxWaitMs = maxWaitMs;
    this.#late = 'abandoned';
    if (this.#stopTimer === null || this.#landing !== null) return;
    this.#stopTimer();
    this.#stopTimer = this.#startTimer();
  }

  /** The first landing counts. */
  land(landing: Landing): void {
    if (this.#landing !== null) return;
    this.#landing = landing;
    this.#stopTimer?.();
    for (const land of this.#waiting) land(landing);
    this.#waiting.clear();
  }

  #startTimer(): StopTimer {
    return this.#timer.start(this.#maxWaitMs, () => {
      this.#onOverdue();
      this.land({ kind: this.#late });
    });
  }
}
