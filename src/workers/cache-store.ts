import { CACHE_BREAKER } from '../config/cache-breaker.ts';
import type { CacheConfig, GatewayConfig, RedisConfig, RouteConfig } from '../config/gateway-config.ts';
import type { ChangeMarks } from '../proxy/cache/change-marks.ts';
import type { EncodedEntry } from '../proxy/cache/encoded-store.ts';
import { type StoredEntry, sizeOfEntry } from '../proxy/cache/stored-entry.ts';
import { type CacheStore, CircuitBreaker, GuardedStore, MemoryStore } from '../resilience/index.ts';
import type { Share } from '../upstream/build-breaker.ts';
import type { StorePort } from './store/store-calls.ts';
import type { StoreKeeper } from './store/store-keeper.ts';

export interface BuiltCacheStore {
  readonly store: CacheStore<StoredEntry>;
  /** Closes its connection; what is under way fails, and the requests go on without. */
  close(): void;
}

/** How a worker comes to the store in the main thread. */
export interface WayToMainStore extends StoreMarks {
  readonly port: StorePort;
  /** How many share the memory for copies of what is in that store. */
  readonly workers: number;
}

/** Shared by all threads. */
export interface StoreMarks {
  /** Of what traffic has changed. */
  readonly marks: ChangeMarks;
  /** Of what the store has been given. */
  readonly versions: ChangeMarks;
}

export interface CacheStoreOptions {
  /** Of Redis; memory needs none. @default one of its own */
  readonly breaker?: CircuitBreaker | undefined;
  /** Where memory is the store: that of all workers. @default this thread's own */
  readonly main?: WayToMainStore | undefined;
  /** Told of every error of the connection to Redis, which is restored by itself. */
  readonly onConnectionError?: ((error: Error) => void) | undefined;
}

/** Bytes are what bounds the memory; each entry counts for 1 KiB at least. */
const MAX_ENTRIES = 1_000_000;

/** The main thread's part of the memory, where there are workers; the rest is for the copies that they keep. */
const MAIN_PART = 1 / 2;

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
  return `leaves the Redis of the cache alone after ${failureThreshold} ${failureThreshold === 1 ? 'failure' : 'failures'} in a row, for ${seconds}s`;
}

/** Whether a route has use for a store. */
export function keepsAnswers({ cache, fallback }: RouteConfig): boolean {
  return cache !== null || fallback.some(({ type }) => type === 'stale');
}

/**
 * The store of the gateway's cache: memory, or Redis behind a breaker that absorbs its errors.
 *
 * @throws Error Redis is configured, and @redis/client, which only then is needed, is not installed
 */
export async function buildCacheStore(
  config: CacheConfig,
  options: CacheStoreOptions = {},
): Promise<BuiltCacheStore> {
  if (config.redis !== null) return redisStore(config.redis, options);
  if (options.main !== undefined) return mainStore(config.maxBytes, options.main);
  const limits = { maxEntries: MAX_ENTRIES, maxBytes: config.maxBytes };
  return { store: new MemoryStore<StoredEntry>({ ...limits, sizeOf: sizeOfEntry }), close: () => {} };
}

/** The store of all workers; null when none has use for it. */
export async function buildStoreKeeper(
  { cache, routes }: Pick<GatewayConfig, 'cache' | 'routes'>,
  marks: StoreMarks,
): Promise<StoreKeeper | null> {
  if (cache.redis !== null || !routes.some(keepsAnswers)) return null;
  const { StoreKeeper } = await import('./store/store-keeper.ts');
  return new StoreKeeper({
    maxEntries: MAX_ENTRIES,
    maxBytes: partOf(cache.maxBytes, MAIN_PART),
    ...marks,
  });
}

async function mainStore(maxBytes: number, { workers, ...way }: WayToMainStore): Promise<BuiltCacheStore> {
  const { MainStore } = await import('./store/main-store.ts');
  const copies = partOf(maxBytes, (1 - MAIN_PART) / workers);
  const store = new MainStore({ ...way, maxEntries: MAX_ENTRIES, maxBytes: copies });
  return { store, close: () => store.close() };
}

function partOf(bytes: number, part: number): number {
  return Math.max(1, Math.floor(bytes * part));
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
    const text =
      'The cache is configured to use Redis, which needs a package that is not installed: npm install @redis/client';
    throw Object.assign(new Error(text, { cause: error }), { code: 'REDIS_PACKAGE_MISSING' });
  }
}
