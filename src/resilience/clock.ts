/** Where the library takes its time from. Injected, so that tests set it instead of sleeping. */
export interface Clock {
  /** Monotonic milliseconds, with fractions. All threads that share a breaker must share the origin too. */
  now(): number;
  /** Unix milliseconds: shown to people, never used to decide anything. */
  wallNow(): number;
}

/**
 * The machine's clock. `process.hrtime` counts from one origin for all threads of the process, whereas
 * `performance.now()` starts anew in every worker thread.
 */
export const systemClock: Clock = {
  now(): number {
    const time = process.hrtime();
    return time[0] * 1000 + time[1] / 1e6;
  },
  wallNow(): number {
    return Date.now();
  },
};

/** A clock that stands still until it is told otherwise; for tests. */
export class ManualClock implements Clock {
  #now: number;
  #wallOffset: number;

  /**
   * @param now where the monotonic time begins, in milliseconds
   * @param wallNow what the wall clock shows then, in Unix milliseconds
   */
  constructor(now = 0, wallNow = 1_700_000_000_000) {
    this.#now = now;
    this.#wallOffset = wallNow - now;
  }

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return this.#now + this.#wallOffset;
  }

  /** Lets both clocks go on. @param ms not negative */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`Monotonic time cannot go on by ${ms} ms.`);
    this.#now += ms;
  }

  /** Sets the wall clock as an administrator or NTP would; the monotonic time is not touched. */
  setWall(unixMs: number): void {
    this.#wallOffset = unixMs - this.#now;
  }
}
