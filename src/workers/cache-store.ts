import { CACHE_BREAKER } from '../config/cache-breaker.ts';
import type { CacheConfig, RedisConfig, RouteConfig } from '../config/gateway-config.ts';
import type { ChangeMarks } from '../proxy/cache/change-marks.ts';
import type { EncodedEntry } from '../proxy/cache/encoded-store.ts';
import { MarkedStore } from '../proxy/cache/marked-store.ts';
import { type StoredEntry, sizeOfEntry } from '../proxy/cache/stored-entry.ts';
import { type CacheStore, CircuitBreaker, GuardedStore, MemoryStore } from '../resilience/index.ts';
import type { Share } from '../upstream/build-breaker.ts';

export interface BuiltCacheStore {
  readonly store: CacheStore<StoredEntry>;
  /** Closes its connection; what is under way fails, and the requests go on without. */
  close(): void;
}

export interface CacheStoreOptions {
  /** Of Redis; memory needs none. @default one of its own */
  readonly breaker?: CircuitBreaker | undefined;
  /** Among how many threads the memory is divided, where that is the store. @default 1 */
  readonly shares?: number;
  /** What other threads change, where the store is this thread's memory. @default nothing */
  readonly marks?: ChangeMarks | undefined;
  /** Told of every error of the connection to Redis, which is restored by itself. */
  readonly onConnectionError?: ((error: Error) => void) | undefined;
}

/** Bytes are what bounds the memory; each entry counts for 1 KiB at least. */
const MAX_ENTRIES = 1_000_000;

/** How long the start waits for Redis, in milliseconds: without it the first requests would open the breaker. */
const READY_MS = 2_000;

/** Of a store that is Redis: open while the cache goes on without it. */
export function buildCacheBreaker(
  redis: Pick<RedisConfig, 'failureThreshold' | 'openTimeoutMs'>,
  shared?: Share,
): CircuitBreaker {
  return new CircuitBreaker({
    name: CACHE_BREAKER,
    failFast: false,
    fallbackValue: undefined,
    failureThreshold: redis.failureThreshold,
    openTimeoutMs: redis.openTimeoutMs,
    ...shared,
  });
}

/** When it opens and for how long, in plain words. */
export function describeCacheBreaker({ options }: CircuitBreaker): string {
  const { failureThreshold, openTimeoutMs } = options;
  const seconds = openTimeoutMs.initialMs / 1000;
  return `leaves the Redis of the cache alone after ${failureThreshold} failures in a row, for ${seconds}s`;
}

/** Whether a route has use for a store. */
export function keepsAnswers({ cache, fallback }: RouteConfig): boolean {
  return cache !== null || fallback.some(({ type }) => type === 'stale');
}

/**
 * The store of the gateway's cache: this thread's memory, or Redis behind a breaker that absorbs its errors.
 *
 * @throws Error Redis is configured, and @redis/client, which only then is needed, is not installed
 */
export async function buildCacheStore(
  config: CacheConfig,
  options: CacheStoreOptions = {},
): Promise<BuiltCacheStore> {
  if (config.redis !== null) return redisStore(config.redis, options);
  return { store: memoryStore(config.maxBytes, options), close: () => {} };
}

function memoryStore(maxBytes: number, { shares = 1, marks }: CacheStoreOptions): CacheStore<StoredEntry> {
  const limits = { maxEntries: MAX_ENTRIES, maxBytes: Math.max(1, Math.floor(maxBytes / shares)) };
  if (marks === undefined) return new MemoryStore<StoredEntry>({ ...limits, sizeOf: sizeOfEntry });
  return new MarkedStore(new MemoryStore({ ...limits, sizeOf: ({ value }) => sizeOfEntry(value) }), marks);
}

async function redisStore(
  config: RedisConfig,
  { breaker = buildCacheBreaker(config), onConnectionError }: CacheStoreOptions,
): Promise<BuiltCacheStore> {
  const { RedisConnection, RedisStore } = await importRedis();
  const { EncodedStore } = await import('../proxy/cache/encoded-store.ts');
  const connection = new RedisConnection({ url: config.url, onError: onConnectionError });
  await connection.ready(AbortSignal.timeout(READY_MS)).catch(() => {});
  const { prefix, commandTimeoutMs } = config;
  const redis = new RedisStore<EncodedEntry>({ client: connection.client, prefix, commandTimeoutMs });
  // The breaker around the decoding too: a store full of what is no answer is no better than none.
  const store = new GuardedStore(new EncodedStore(redis), breaker);
  return { store, close: () => connection.close() };
}

async function importRedis(): Promise<typeof import('../redis/index.ts')> {
  try {
    return await import('../redis/index.ts');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes('@redis/client')) throw error;
    throw new Error(
      'The cache is configured to use Redis, which needs a package that is not installed: npm install @redis/client',
      { cause: error },
    );
  }
}
