/** Ends a timer that has not fired; afterwards it does nothing. */
export type StopTimer = () => void;

/** What the policies wait with. Tests give their own, and nothing ever sleeps. */
export interface Timer {
  /** @param delayMs 0 or more; Infinity never fires */
  start(delayMs: number, fire: () => void): StopTimer;
}

/** setTimeout takes a signed 32-bit number of milliseconds (24.8 days) and fires at once beyond it. */
const LONGEST_MS = 2 ** 31 - 1;

const NOTHING: StopTimer = () => {};

class SystemTimer implements Timer {
  readonly #holdsProcess: boolean;

  constructor(holdsProcess: boolean) {
    this.#holdsProcess = holdsProcess;
  }

  start(delayMs: number, fire: () => void): StopTimer {
    if (delayMs === Number.POSITIVE_INFINITY) return NOTHING;
    let leftMs = delayMs;
    let timeout: NodeJS.Timeout;
    const next = (): void => {
      const stepMs = Math.min(leftMs, LONGEST_MS);
      leftMs -= stepMs;
      timeout = setTimeout(leftMs > 0 ? next : fire, stepMs);
      if (!this.#holdsProcess) timeout.unref();
    };
    next();
    return () => clearTimeout(timeout);
  }
}

/**
 * For a wait that somebody awaits: a backoff, a call with a timeout, a place in a queue. The process stays until
 * it is over, because ending in the middle of an `await` loses the work without a word.
 */
export const waitingTimer: Timer = new SystemTimer(true);

/** For what goes on beside the work: never keeps a process alive. */
export const backgroundTimer: Timer = new SystemTimer(false);
