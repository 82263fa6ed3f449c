import type { BreakerTransition } from '../resilience/index.ts';

/** What is asked of a breaker here. */
export interface RecoverySource {
  readonly name: string;
  on(event: 'transition', listener: (transition: BreakerTransition) => void): () => void;
}

/** How long each breaker took from open to closed, the last time. */
export class RecoveryTimes {
  readonly #lastMs = new Map<string, number>();

  constructor(breakers: Iterable<RecoverySource>) {
    for (const breaker of breakers) {
      breaker.on('transition', ({ to, openForMs }) => {
        if (to === 'CLOSED' && openForMs !== undefined) this.#lastMs.set(breaker.name, openForMs);
      });
    }
  }

  /** Milliseconds; null: it has never recovered. */
  lastMs(breaker: string): number | null {
    return this.#lastMs.get(breaker) ?? null;
  }
}
