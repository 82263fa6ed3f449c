/** What a store gives back. */
export interface StoredValue<V> {
  readonly value: V;
  /** Milliseconds since it was stored. */
  readonly ageMs: number;
}

/**
 * Where a cache keeps its values: in memory (MemoryStore), or in Redis (`breakwater/redis`).
 *
 * A store that fails throws; the cache then goes on without it. It must answer in bounded time: the cache waits.
 */
export interface CacheStore<V> {
  get(key: string): StoredValue<V> | undefined | Promise<StoredValue<V> | undefined>;
  /** @param keepMs milliseconds after which it may be forgotten */
  set(key: string, value: V, keepMs: number): void | Promise<void>;
  delete(key: string): void | Promise<void>;
}

/** A key, or its parts: `['course', id, language]`. */
export type CacheKey = string | readonly string[];

/**
 * One string for a key's parts, in which each is preceded by its length. Joined by a separator alone,
 * `['a:b', 'c']` and `['a', 'b:c']` would be the same key and show one user's data to another.
 */
export function cacheKey(key: CacheKey): string {
  const parts = typeof key === 'string' ? [key] : key;
  return parts.map((part) => `${part.length}:${part}`).join('');
}
