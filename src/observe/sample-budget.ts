import { type Clock, systemClock } from '../resilience/index.ts';

/** Samples of one upstream that a thread may send within a second; only the last five are kept anyway. */
const PER_SECOND = 5;

interface Second {
  readonly since: number;
  sent: number;
}

/** Bounds what a thread tells another of an upstream that fails ten thousand times a second. */
export class SampleBudget {
  readonly #clock: Clock;
  readonly #seconds = new Map<string, Second>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** @returns whether one more may go, which is then counted */
  allows(upstream: string): boolean {
    const now = this.#clock.now();
    const second = this.#seconds.get(upstream);
    if (second === undefined || now - second.since >= 1000) {
      this.#seconds.set(upstream, { since: now, sent: 1 });
      return true;
    }
    if (second.sent >= PER_SECOND) return false;
    second.sent++;
    return true;
  }
}
