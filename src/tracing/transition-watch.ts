import type { BreakerTransition } from '../resilience/index.ts';

/** What it needs of a circuit breaker. */
export interface TransitionSource {
  readonly name: string;
  on(event: 'transition', listener: (transition: BreakerTransition) => void): () => void;
}

/**
 * Finds out which call has changed a breaker's state. A transition is told while a permit is asked for or settled, and the
 * call's trace hears of either right after it, in the same turn; what nobody has taken by the end of the turn was the doing
 * of somebody else, such as an operator.
 */
export class TransitionWatch {
  readonly #stops: readonly (() => void)[];
  #fresh: BreakerTransition[] = [];

  constructor(breakers: Iterable<TransitionSource>) {
    this.#stops = [...breakers].map((breaker) =>
      breaker.on('transition', (transition) => {
        if (this.#fresh.length === 0) queueMicrotask(() => this.#forget());
        this.#fresh.push(transition);
      }),
    );
  }

  /** The transitions of this breaker in this turn that nobody has taken yet. */
  take(breaker: string): readonly BreakerTransition[] {
    if (this.#fresh.length === 0) return NONE;
    const taken = this.#fresh.filter((one) => one.breaker === breaker);
    this.#fresh = this.#fresh.filter((one) => one.breaker !== breaker);
    return taken;
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #forget(): void {
    this.#fresh = [];
  }
}

const NONE: readonly BreakerTransition[] = [];
