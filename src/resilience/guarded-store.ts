import type { CacheStore, StoredValue } from './cache-store.ts';
import type { Layer } from './work.ts';

/**
 * A cache's store behind a breaker, a timeout or a composition of both. A Cache goes on without a store that fails;
 * this is where the failures are counted, and what spares a broken store its calls and the callers its timeouts.
 */
export class GuardedStore<V> implements CacheStore<V> {
  readonly #store: CacheStore<V>;
  readonly #guard: Layer;

  constructor(store: CacheStore<V>, guard: Layer) {
    this.#store = store;
    this.#guard = guard;
  }

  get(key: string): Promise<StoredValue<V> | undefined> {
    return this.#guard.execute(() => this.#store.get(key));
  }

  set(key: string, value: V, keepMs: number): Promise<void> {
    return this.#guard.execute(() => this.#store.set(key, value, keepMs));
  }

  delete(key: string): Promise<void> {
    return this.#guard.execute(() => this.#store.delete(key));
  }
}
