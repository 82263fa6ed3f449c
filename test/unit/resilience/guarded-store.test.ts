import { describe, expect, it } from 'vitest';
import { Bulkhead } from '../../../src/resilience/bulkhead.ts';
import { Cache } from '../../../src/resilience/cache.ts';
import { GuardedStore } from '../../../src/resilience/guarded-store.ts';
import { MemoryStore } from '../../../src/resilience/memory-store.ts';

describe('GuardedStore', () => {
  it('hands everything through its guard', async () => {
    const guard = new Bulkhead({ name: 'store', maxConcurrent: 1 });
    const store = new GuardedStore(new MemoryStore<string>(), guard);
    await store.set('a', 'A', 1000);
    expect((await store.get('a'))?.value).toBe('A');
    guard.tryAcquire();
    await expect(store.get('a')).rejects.toMatchObject({ code: 'BULKHEAD_FULL' });
    await expect(store.set('a', 'B', 1000)).rejects.toMatchObject({ code: 'BULKHEAD_FULL' });
    await expect(store.delete('a')).rejects.toMatchObject({ code: 'BULKHEAD_FULL' });
    guard.release();
    expect((await store.get('a'))?.value).toBe('A');
    await store.delete('a');
    expect(await store.get('a')).toBeUndefined();
  });

  it('that refuses leaves its cache without a store, not without an answer', async () => {
    const guard = new Bulkhead({ name: 'store', maxConcurrent: 1 });
    guard.tryAcquire();
    const cache = new Cache<string>({
      ttlMs: 1000,
      store: new GuardedStore(new MemoryStore<string>(), guard),
    });
    expect(await cache.get('a', () => 'A')).toMatchObject({ value: 'A', source: 'load' });
    expect(cache.snapshot().storeErrors).toBe(2);
  });
});
