import type { StoredEntry } from '../../../../src/proxy/cache/response-cache.ts';
import { type CacheStore, MemoryStore, type StoredValue } from '../../../../src/resilience/index.ts';
import { settled } from '../../../helpers/fake-time.ts';

/** Answers in a later turn, as a store behind a network does. */
export class SlowStore implements CacheStore<StoredEntry> {
  readonly #store = new MemoryStore<StoredEntry>();

  async get(key: string): Promise<StoredValue<StoredEntry> | undefined> {
    await settled();
    return this.#store.get(key);
  }

  async set(key: string, entry: StoredEntry, keepMs: number): Promise<void> {
    await settled();
    this.#store.set(key, entry, keepMs);
  }

  async delete(key: string): Promise<void> {
    await settled();
    this.#store.delete(key);
  }
}
