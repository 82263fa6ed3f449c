import type { Clock } from '../../src/resilience/clock.ts';
import type { StopTimer, Timer } from '../../src/resilience/timer.ts';

interface Due {
  readonly at: number;
  readonly fire: () => void;
}

/** A clock and the timers that go by it, both moved by hand. */
export class FakeTime implements Clock, Timer {
  #now = 1000;
  readonly #due = new Set<Due>();

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return 1_700_000_000_000 + this.#now;
  }

  start(delayMs: number, fire: () => void): StopTimer {
    const due: Due = { at: this.#now + delayMs, fire };
    this.#due.add(due);
    return () => this.#due.delete(due);
  }

  /** Timers that would still fire. */
  get pending(): number {
    return this.#due.size;
  }

  /** Moves time on, fires what is due in its order and lets everything that follows from it happen. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settled();
    for (;;) {
      const [next] = [...this.#due].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#due.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.fire();
      await settled();
    }
    this.#now = until;
  }
}

/** Lets all promise reactions run that need nothing but other promises. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
