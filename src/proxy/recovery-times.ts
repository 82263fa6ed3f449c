import type { BreakerTransition } from '../resilience/index.ts';

/** What is asked of a breaker here. */
export interface RecoverySource {
  readonly name: string;
  on(event: 'transition', listener: (transition: BreakerTransition) => void): () => void;
}

const LONGEST_MS = 2 ** 31 - 2;

/** How long each breaker took from open to closed, the last time. */
export class RecoveryTimes {
  readonly #places: ReadonlyMap<string, number>;
  /** A word for each breaker: milliseconds plus one, so that 0 means never. */
  readonly #words: Int32Array;

  /**
   * @param words one for each breaker, all zero at first; those of several threads may be the same, for each transition
   *   is told in one thread only. @default private ones
   */
  constructor(breakers: Iterable<RecoverySource>, words?: Int32Array) {
    const all = [...breakers];
    this.#words = words ?? new Int32Array(all.length);
    this.#places = new Map(all.map(({ name }, place) => [name, place]));
    for (const [place, breaker] of all.entries()) {
      breaker.on('transition', ({ to, openForMs }) => {
        if (to === 'CLOSED' && openForMs !== undefined) this.#note(place, openForMs);
      });
    }
  }

  /** Whole milliseconds; null: it has never recovered. */
  lastMs(breaker: string): number | null {
    const place = this.#places.get(breaker);
    const word = place === undefined ? 0 : Atomics.load(this.#words, place);
    return word === 0 ? null : word - 1;
  }

  #note(place: number, ms: number): void {
    Atomics.store(this.#words, place, Math.min(Math.round(ms), LONGEST_MS) + 1);
  }
}
