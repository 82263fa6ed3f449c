import { type CacheKey, type CacheStore, cacheKey, type StoredValue } from './cache-store.ts';
import { checkAtLeast, checkPositive } from './check-option.ts';
import { MemoryStore } from './memory-store.ts';
import { SingleFlight } from './single-flight.ts';
import { tell } from './tell.ts';
import { orAborted } from './timeout.ts';
import { type Timer, waitingTimer } from './timer.ts';
import { type CallOptions, signalOf, type Work } from './work.ts';

export interface CacheOptions<V> {
  /** Milliseconds for which a value is fresh, over 0. */
  readonly ttlMs: number;
  /** Milliseconds beyond `ttlMs` for which a value may still answer when a load fails, 0 or more. @default 0 */
  readonly staleIfErrorMs?: number | undefined;
  /** Whether an error is one that a stale value may stand in for. @default every error */
  readonly isStaleAllowed?: ((error: unknown) => boolean) | undefined;
  /**
   * Milliseconds that a load may take, over 0. Callers of a key share one load, so a load that hangs would hold
   * the key for ever.
   * @default 30000
   */
  readonly loadTimeoutMs?: number | undefined;
  /** @default a MemoryStore of 1000 entries */
  readonly store?: CacheStore<V> | undefined;
  /** Told when the store fails; the cache goes on without it. What it throws is dropped. */
  readonly onStoreError?: ((error: unknown) => void) | undefined;
  /** @default waitingTimer */
  readonly timer?: Timer | undefined;
}

export interface CacheAnswer<V> {
  readonly value: V;
  /** `cache`: fresh from the store · `load`: just loaded · `stale`: too old, but the load failed. */
  readonly source: 'cache' | 'load' | 'stale';
  /** Milliseconds since it was loaded. */
  readonly ageMs: number;
  /** Why it is stale; undefined otherwise. */
  readonly error?: unknown;
}

export interface CacheSnapshot {
  readonly hits: number;
  readonly loads: number;
  /** Callers that waited for a load that another one had begun. */
  readonly shared: number;
  readonly stale: number;
  readonly loadErrors: number;
  readonly storeErrors: number;
}

/**
 * Values that are loaded once and answer until they are too old.
 *
 * All callers of a key share one load (single flight). A caller that gives up leaves the others their load; when
 * the last one has, the load is aborted. `undefined` is never kept: it means that there is nothing.
 */
export class Cache<V> {
  readonly #ttlMs: number;
  readonly #keepMs: number;
  readonly #isStaleAllowed: (error: unknown) => boolean;
  readonly #store: CacheStore<V>;
  readonly #onStoreError: ((error: unknown) => void) | undefined;
  readonly #flights: SingleFlight<CacheAnswer<V>>;
  readonly #counts = { hits: 0, loads: 0, shared: 0, stale: 0, loadErrors: 0, storeErrors: 0 };

  /** @throws InvalidOptionError */
  constructor(options: CacheOptions<V>) {
    const { ttlMs, staleIfErrorMs = 0, loadTimeoutMs = 30_000, timer = waitingTimer } = options;
    checkPositive('ttlMs', ttlMs);
    checkAtLeast('staleIfErrorMs', staleIfErrorMs, 0);
    checkPositive('loadTimeoutMs', loadTimeoutMs);
    this.#ttlMs = ttlMs;
    this.#keepMs = ttlMs + staleIfErrorMs;
    this.#isStaleAllowed = options.isStaleAllowed ?? (() => true);
    this.#store = options.store ?? new MemoryStore<V>();
    this.#onStoreError = options.onStoreError;
    this.#flights = new SingleFlight(loadTimeoutMs, timer);
  }

  /**
   * The value from the store when it is fresh, otherwise what `load` gives.
   *
   * @param load runs once for all that ask meanwhile; its signal is aborted when nobody waits any more
   * @throws what `load` throws, when no stale value may stand in; TimeoutError when it takes too long; the
   *   signal's reason when this caller gives up
   */
  async get(key: CacheKey, load: Work<V>, options: CallOptions = {}): Promise<CacheAnswer<V>> {
    const id = cacheKey(key);
    const signal = signalOf(options);
    signal.throwIfAborted();
    if (this.#flights.has(id)) {
      this.#counts.shared++;
      return this.#flights.join(id, signal);
    }
    // Looking into the store is part of the flight: a crowd asks a remote store once, too.
    return this.#flights.start(id, signal, (flight, isCurrent) => this.#answer(id, load, flight, isCurrent));
  }

  /** The value if it is fresh, or stale but still kept; never loads. A store that fails has nothing. */
  async peek(key: CacheKey): Promise<CacheAnswer<V> | undefined> {
    const found = await this.#read(cacheKey(key));
    if (found === undefined) return undefined;
    return { ...found, source: found.ageMs < this.#ttlMs ? 'cache' : 'stale' };
  }

  async set(key: CacheKey, value: V): Promise<void> {
    const id = cacheKey(key);
    // A load that is under way began before this and knows less.
    this.#flights.detach(id);
    await this.#write(id, value);
  }

  /** Forgets the value. A load that is under way still answers its callers, but is not kept. */
  async delete(key: CacheKey): Promise<void> {
    const id = cacheKey(key);
    this.#flights.detach(id);
    await this.#guarded(() => this.#store.delete(id));
  }

  snapshot(): CacheSnapshot {
    return { ...this.#counts };
  }

  async #answer(
    id: string,
    load: Work<V>,
    signal: AbortSignal,
    isCurrent: () => boolean,
  ): Promise<CacheAnswer<V>> {
    const found = await this.#read(id);
    if (found !== undefined && found.ageMs < this.#ttlMs) {
      this.#counts.hits++;
      return { ...found, source: 'cache' };
    }
    try {
      this.#counts.loads++;
      const value = await orAborted(load, signal);
      if (value !== undefined && isCurrent()) await this.#write(id, value);
      return { value, source: 'load', ageMs: 0 };
    } catch (error) {
      this.#counts.loadErrors++;
      if (found === undefined || !this.#isStaleAllowed(error)) throw error;
      this.#counts.stale++;
      return { ...found, source: 'stale', error };
    }
  }

  #read(id: string): Promise<StoredValue<V> | undefined> {
    return this.#guarded(() => this.#store.get(id));
  }

  async #write(id: string, value: V): Promise<void> {
    await this.#guarded(() => this.#store.set(id, value, this.#keepMs));
  }

  /** The store helps; it must never be the reason why there is no answer. */
  async #guarded<T>(use: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await use();
    } catch (error) {
      this.#counts.storeErrors++;
      tell(this.#onStoreError, error);
      return undefined;
    }
  }
}
