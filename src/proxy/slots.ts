import type { Bulkhead } from '../resilience/index.ts';

/**
 * The slots of one call: of the route's pool and of the upstream's bulkhead, in this order, so that a call that waits
 * for its route's pool takes nothing from the other routes to the same upstream. Two named pools are taken in the order
 * of their names: calls that name them the other way round could otherwise wait for each other.
 */
export class Slots {
  readonly #bulkheads: readonly Bulkhead[];
  #held = 0;
  #waiting: AbortController | null = null;
  #released = false;

  /** @param named `own` is a named pool, which routes and other upstreams may share */
  constructor(pool: Bulkhead | null, own: Bulkhead | null, named: boolean) {
    this.#bulkheads = bulkheadsOf(pool, own, named);
  }

  /** Takes those that are free, up to the first that is not. Returns true when it has them all. */
  takeFree(): boolean {
    for (let bulkhead = this.#next(); bulkhead !== undefined; bulkhead = this.#next()) {
      if (!bulkhead.tryAcquire()) return false;
      this.#held++;
    }
    return true;
  }

  /**
   * Takes them, waiting in line where need be.
   *
   * @param onTaken called at once when all are free, else when they have become so
   * @param onRefused called with the error of the bulkhead that is full, or in whose line the time was over
   * @returns true when neither has been called yet
   */
  take(onTaken: () => void, onRefused: (error: unknown) => void): boolean {
    if (this.takeFree()) {
      onTaken();
      return false;
    }
    void this.#wait(this.#next() as Bulkhead, onTaken, onRefused);
    return true;
  }

  /** Gives back what is held and leaves the line. A second time it does nothing. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#waiting?.abort();
    while (this.#held > 0) this.#bulkheads[--this.#held]?.release();
  }

  #next(): Bulkhead | undefined {
    return this.#bulkheads[this.#held];
  }

  async #wait(bulkhead: Bulkhead, onTaken: () => void, onRefused: (error: unknown) => void): Promise<void> {
    const waiting = new AbortController();
    this.#waiting = waiting;
    try {
      await bulkhead.acquire({ signal: waiting.signal });
    } catch (error) {
      if (!this.#released) onRefused(error);
      return;
    }
    // Between the grant of the slot and this line the call may have been given up.
    if (this.#released) {
      bulkhead.release();
      return;
    }
    this.#held++;
    this.take(onTaken, onRefused);
  }
}

const NONE: readonly Bulkhead[] = [];

function bulkheadsOf(pool: Bulkhead | null, own: Bulkhead | null, named: boolean): readonly Bulkhead[] {
  if (pool === null) return own === null ? NONE : [own];
  // An upstream may have named the same pool: one request takes one slot of it.
  if (own === null || own === pool) return [pool];
  return named && own.name < pool.name ? [own, pool] : [pool, own];
}
