import { performance } from 'node:perf_hooks';
import type { BreakerState, BreakerTransition } from '../resilience/index.ts';

/** What is asked of a breaker here. */
export interface DegradedSource {
  readonly state: BreakerState;
  on(event: 'transition', listener: (transition: BreakerTransition) => void): () => void;
}

/** So many are asked each time. With more of them that would cost every answer more than all its other fields. */
const ALWAYS_ASKED = 8;
/** How old an answer may be. Only what another thread has brought about is seen later than at once. */
const FRESH_MS = 10;

/** Whether any breaker is not closed. */
export class DegradedWatch {
  readonly #breakers: readonly DegradedSource[];
  #askedAt = Number.NEGATIVE_INFINITY;
  #degraded = false;

  constructor(breakers: readonly DegradedSource[]) {
    this.#breakers = breakers;
    if (breakers.length <= ALWAYS_ASKED) return;
    for (const breaker of breakers) {
      breaker.on('transition', () => {
        this.#askedAt = Number.NEGATIVE_INFINITY;
      });
    }
  }

  now(): boolean {
    if (this.#breakers.length <= ALWAYS_ASKED) return this.#ask();
    const now = performance.now();
    if (now - this.#askedAt < FRESH_MS) return this.#degraded;
    this.#askedAt = now;
    this.#degraded = this.#ask();
    return this.#degraded;
  }

  #ask(): boolean {
    for (const { state } of this.#breakers) if (state !== 'CLOSED') return true;
    return false;
  }
}
