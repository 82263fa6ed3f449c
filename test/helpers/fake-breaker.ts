import type { AdminBreaker } from '../../src/admin/admin-backend.ts';
import type { BreakerSnapshot } from '../../src/resilience/index.ts';
import { breakerSnapshot } from './breaker-snapshot.ts';

/** A breaker that an operator can turn, without one's rules: it notes what was asked of it. */
export class FakeBreaker implements AdminBreaker {
  readonly name: string;
  readonly asked: string[] = [];
  #state: Partial<BreakerSnapshot>;

  constructor(name: string, state: Partial<BreakerSnapshot> = {}) {
    this.name = name;
    this.#state = state;
  }

  snapshot(): BreakerSnapshot {
    return breakerSnapshot(this.name, this.#state);
  }

  reset(): void {
    this.asked.push('reset');
    this.#state = {};
  }

  forceOpen(): void {
    this.asked.push('forceOpen');
    this.#state = { state: 'OPEN', forced: 'open' };
  }

  forceClose(): void {
    this.asked.push('forceClose');
    this.#state = { forced: 'closed' };
  }

  release(): void {
    this.asked.push('release');
    this.#state = {};
  }
}
