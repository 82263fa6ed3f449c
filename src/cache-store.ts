import type { CacheConfig } from './config/gateway-config.ts';
import type { StoredEntry } from './proxy/cache/stored-entry.ts';
import { type CacheStore, MemoryStore } from './resilience/index.ts';

export async function openCacheStore(
  config: CacheConfig,
): Promise<{ store: CacheStore<StoredEntry>; close(): void }> {
  return { store: new MemoryStore<StoredEntry>({ maxBytes: config.maxBytes }), close: () => {} };
}
