import type { CacheStore, StoredValue } from '../../resilience/index.ts';
import type { ChangeMarks } from './change-marks.ts';

interface Marked<V> {
  readonly value: V;
  readonly mark: number;
}

/** A thread's own store that gives back nothing which was stored before a change, whichever thread saw the change. */
export class MarkedStore<V> implements CacheStore<V> {
  readonly #store: CacheStore<Marked<V>>;
  readonly #marks: ChangeMarks;

  constructor(store: CacheStore<Marked<V>>, marks: ChangeMarks) {
    this.#store = store;
    this.#marks = marks;
  }

  async get(key: string): Promise<StoredValue<V> | undefined> {
    const stored = await this.#store.get(key);
    if (stored === undefined) return undefined;
    if (stored.value.mark !== this.#marks.of(key)) {
      await this.#store.delete(key);
      return undefined;
    }
    return { value: stored.value.value, ageMs: stored.ageMs };
  }

  set(key: string, value: V, keepMs: number): void | Promise<void> {
    return this.#store.set(key, { value, mark: this.#marks.of(key) }, keepMs);
  }

  delete(key: string): void | Promise<void> {
    return this.#store.delete(key);
  }
}
