import { CACHE_BREAKER } from './config/cache-breaker.ts';
import type { CacheConfig, RedisConfig } from './config/gateway-config.ts';
import { type EncodedEntry, EncodedStore } from './proxy/cache/encoded-store.ts';
import { type StoredEntry, sizeOfEntry } from './proxy/cache/stored-entry.ts';
import { type CacheStore, CircuitBreaker, GuardedStore, MemoryStore } from './resilience/index.ts';

export interface BuiltCacheStore {
  readonly store: CacheStore<StoredEntry>;
  /** Of the store, for logs and metrics: open while the cache goes on without it. Null: the store is memory. */
  readonly breaker: CircuitBreaker | null;
  /** Closes its connection; what is under way fails, and the requests go on without. */
  close(): void;
}

export interface CacheStoreOptions {
  /** Told of every error of the connection to Redis, which is restored by itself. */
  readonly onConnectionError?: ((error: Error) => void) | undefined;
}

/** Bytes are what bounds the memory; each entry counts for 1 KiB at least. */
const MAX_ENTRIES = 1_000_000;

/** How long the start waits for Redis, in milliseconds: without it the first requests would open the breaker. */
const READY_MS = 2_000;

/**
 * The store of the gateway's cache: this process's memory, or Redis behind a breaker that absorbs its errors.
 *
 * @throws Error Redis is configured, and @redis/client, which only then is needed, is not installed
 */
export async function buildCacheStore(
  config: CacheConfig,
  options: CacheStoreOptions = {},
): Promise<BuiltCacheStore> {
  if (config.redis !== null) return redisStore(config.redis, options);
  const { maxBytes } = config;
  const store = new MemoryStore<StoredEntry>({ maxEntries: MAX_ENTRIES, maxBytes, sizeOf: sizeOfEntry });
  return { store, breaker: null, close: () => {} };
}

async function redisStore(config: RedisConfig, options: CacheStoreOptions): Promise<BuiltCacheStore> {
  const { RedisConnection, RedisStore } = await importRedis();
  const connection = new RedisConnection({ url: config.url, onError: options.onConnectionError });
  await connection.ready(AbortSignal.timeout(READY_MS)).catch(() => {});
  const breaker = new CircuitBreaker({
    name: CACHE_BREAKER,
    failFast: false,
    fallbackValue: undefined,
    failureThreshold: config.failureThreshold,
    openTimeoutMs: config.openTimeoutMs,
  });
  const { prefix, commandTimeoutMs } = config;
  const redis = new RedisStore<EncodedEntry>({ client: connection.client, prefix, commandTimeoutMs });
  // The breaker around the decoding too: a store full of what is no answer is no better than none.
  const store = new GuardedStore(new EncodedStore(redis), breaker);
  return { store, breaker, close: () => connection.close() };
}

async function importRedis(): Promise<typeof import('./redis/index.ts')> {
  try {
    return await import('./redis/index.ts');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes('@redis/client')) throw error;
    throw new Error(
      'The cache is configured to use Redis, which needs a package that is not installed: npm install @redis/client',
      { cause: error },
    );
  }
}
