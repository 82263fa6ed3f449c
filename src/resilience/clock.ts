import { performance } from 'node:perf_hooks';
/** Where the library takes its time from. Injected, so that tests set it instead of sleeping. */
export interface Clock {
  /** Monotonic milliseconds, with fractions. All threads that share a breaker must share the origin too. */
  now(): number;
  /** Unix milliseconds: shown to people, never used to decide anything. */
  wallNow(): number;
}

/**
 * Where this thread's `performance.now()` begins on the clock of `process.hrtime()`, which has one origin for all
 * threads of the machine. Read once, because hrtime allocates at each call; the closest of some readings is good to
 * a microsecond, also when the thread is interrupted between two of them.
 */
const ORIGIN_MS = ((): number => {
  let closest = Number.POSITIVE_INFINITY;
  let origin = 0;
  for (let reading = 0; reading < 16; reading++) {
    const before = hrtimeMs();
    const now = performance.now();
    const took = hrtimeMs() - before;
    if (took >= closest) continue;
    closest = took;
    origin = before + took / 2 - now;
  }
  return origin;
})();

function hrtimeMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** The machine's clock, the same in all threads. */
export const systemClock: Clock = {
  now(): number {
    return performance.now() + ORIGIN_MS;
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
