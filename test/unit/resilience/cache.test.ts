import { describe, expect, it, vi } from 'vitest';
import { Cache, type CacheOptions } from '../../../src/resilience/cache.ts';
import type { CacheStore } from '../../../src/resilience/cache-store.ts';
import { TimeoutError } from '../../../src/resilience/errors.ts';
import { MemoryStore } from '../../../src/resilience/memory-store.ts';
import { FakeTime, settled } from '../../helpers/fake-time.ts';
import { abortListeners } from '../../helpers/listener-count.ts';

function caching(options: Partial<CacheOptions<string>> = {}): { cache: Cache<string>; time: FakeTime } {
  const time = new FakeTime();
  const store = new MemoryStore<string>({ clock: time });
  return { time, cache: new Cache({ ttlMs: 1000, store, timer: time, ...options }) };
}

/** A load that ends when the test says so. */
function controlled(): {
  load: (signal: AbortSignal) => Promise<string>;
  succeed: (value: string) => void;
  fail: (error: unknown) => void;
  signal: () => AbortSignal | undefined;
} {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let seen: AbortSignal | undefined;
  return {
    load: vi.fn((signal: AbortSignal) => {
      seen = signal;
      return promise;
    }),
    succeed: resolve,
    fail: reject,
    signal: () => seen,
  };
}

const down = (): Promise<string> => Promise.reject(new Error('down'));

describe('a cache', () => {
  it('loads once, and answers from the store until the value is too old, exactly then', async () => {
    const { cache, time } = caching();
    const load = vi.fn(async () => `load ${load.mock.calls.length}`);
    expect(await cache.get('a', load)).toEqual({ value: 'load 1', source: 'load', ageMs: 0 });
    await time.advance(999);
    expect(await cache.get('a', load)).toEqual({ value: 'load 1', source: 'cache', ageMs: 999 });
    await time.advance(1);
    expect(await cache.get('a', load)).toMatchObject({ value: 'load 2', source: 'load' });
    expect(cache.snapshot()).toMatchObject({ hits: 1, loads: 2 });
  });

  it('keeps keys apart by their parts', async () => {
    const { cache } = caching();
    await cache.get(['a:b', 'c'], () => 'first');
    expect((await cache.get(['a', 'b:c'], () => 'second')).value).toBe('second');
  });

  it('keeps no error and no undefined', async () => {
    const { cache } = caching();
    await expect(cache.get('a', down)).rejects.toThrow('down');
    expect((await cache.get('a', () => undefined as unknown as string)).value).toBeUndefined();
    expect((await cache.get('a', () => 'A')).source).toBe('load');
  });

  it('can be told a value, and to forget one', async () => {
    const { cache } = caching();
    await cache.set('a', 'told');
    expect((await cache.get('a', down)).value).toBe('told');
    await cache.delete('a');
    expect(await cache.peek('a')).toBeUndefined();
    await expect(cache.get('a', down)).rejects.toThrow('down');
  });
});

describe('single flight', () => {
  it('lets a crowd share one load', async () => {
    const { cache } = caching();
    const one = controlled();
    const crowd = Array.from({ length: 10 }, () => cache.get('a', one.load));
    await settled();
    one.succeed('A');
    for (const { value } of await Promise.all(crowd)) expect(value).toBe('A');
    expect(one.load).toHaveBeenCalledTimes(1);
    expect(cache.snapshot()).toMatchObject({ loads: 1, shared: 9 });
  });

  it('gives its error to everybody, and the next one a load of its own', async () => {
    const { cache } = caching();
    const crowd = [cache.get('a', down), cache.get('a', down)];
    const results = await Promise.allSettled(crowd);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect((await cache.get('a', () => 'A')).value).toBe('A');
  });

  it('lets one caller give up without taking the load from the others', async () => {
    const { cache } = caching();
    const one = controlled();
    const impatient = new AbortController();
    const first = cache.get('a', one.load, { signal: impatient.signal });
    const second = cache.get('a', one.load);
    await settled();
    impatient.abort('gone');
    await expect(first).rejects.toBe('gone');
    expect(one.signal()?.aborted).toBe(false);
    one.succeed('A');
    expect((await second).value).toBe('A');
    expect(abortListeners(impatient.signal)).toBe(0);
  });

  it('aborts the load when the last caller gives up; whoever asks next begins anew', async () => {
    const { cache, time } = caching();
    const one = controlled();
    const caller = new AbortController();
    const calls = [1, 2].map(() => cache.get('a', one.load, { signal: caller.signal }));
    await settled();
    caller.abort('gone');
    await Promise.allSettled(calls);
    expect(one.signal()?.aborted).toBe(true);
    expect((await cache.get('a', () => 'B')).value).toBe('B');
    one.succeed('late');
    await settled();
    expect((await cache.get('a', down)).value).toBe('B');
    expect(time.pending).toBe(0);
  });

  it('has forgotten an abandoned load by the time that its last caller hears of the end', async () => {
    const { cache } = caching();
    const caller = new AbortController();
    const one = controlled();
    const call = cache.get('a', one.load, { signal: caller.signal });
    const next = call.catch(() => cache.get('a', () => 'B'));
    await settled();
    caller.abort('gone');
    expect((await next).value).toBe('B');
  });

  it('is not disturbed by the end of an older load', async () => {
    const { cache } = caching();
    const [old, current] = [controlled(), controlled()];
    const first = cache.get('a', old.load);
    await settled();
    await cache.delete('a');
    const second = cache.get('a', current.load);
    await settled();
    old.succeed('old');
    await first;
    const third = cache.get('a', down);
    current.succeed('new');
    expect((await second).value).toBe('new');
    expect((await third).value).toBe('new');
  });

  it('leaves no listener at its callers', async () => {
    const { cache } = caching();
    const { signal } = new AbortController();
    await cache.get('a', () => 'A', { signal });
    await cache.get('b', down, { signal }).catch(() => {});
    expect(abortListeners(signal)).toBe(0);
  });

  it('ends a load that hangs, so that it cannot hold the key for ever', async () => {
    const { cache, time } = caching({ loadTimeoutMs: 500 });
    const hangs = cache.get('a', () => new Promise<string>(() => {}));
    const error = hangs.catch((reason: unknown) => reason);
    await time.advance(500);
    expect(await error).toBeInstanceOf(TimeoutError);
    expect((await cache.get('a', () => 'A')).value).toBe('A');
  });

  it('does not keep what was loaded before a delete or a newer value', async () => {
    const { cache } = caching();
    const old = controlled();
    const call = cache.get('a', old.load);
    await settled();
    await cache.set('a', 'new');
    old.succeed('old');
    expect((await call).value).toBe('old');
    expect((await cache.get('a', down)).value).toBe('new');
  });
});

describe('a stale value', () => {
  it('stands in when the load fails, with its age and the error', async () => {
    const { cache, time } = caching({ staleIfErrorMs: 5000 });
    await cache.set('a', 'A');
    await time.advance(3000);
    const answer = await cache.get('a', down);
    expect(answer).toMatchObject({ value: 'A', source: 'stale', ageMs: 3000 });
    expect(answer.error).toMatchObject({ message: 'down' });
    expect(cache.snapshot()).toMatchObject({ stale: 1, loadErrors: 1 });
  });

  it('stands in until its greatest age, exactly', async () => {
    const { cache, time } = caching({ staleIfErrorMs: 5000 });
    await cache.set('a', 'A');
    await time.advance(5999);
    expect((await cache.get('a', down)).source).toBe('stale');
    await time.advance(1);
    await expect(cache.get('a', down)).rejects.toThrow('down');
  });

  it('is not used while loading works', async () => {
    const { cache, time } = caching({ staleIfErrorMs: 5000 });
    await cache.set('a', 'A');
    await time.advance(1000);
    expect(await cache.get('a', () => 'B')).toMatchObject({ value: 'B', source: 'load' });
  });

  it('does not hide an error that is an answer', async () => {
    const gone = new Error('gone for good');
    const { cache, time } = caching({ staleIfErrorMs: 5000, isStaleAllowed: (error) => error !== gone });
    await cache.set('a', 'A');
    await time.advance(1000);
    await expect(cache.get('a', () => Promise.reject(gone))).rejects.toBe(gone);
  });

  it('stands in when the load takes too long', async () => {
    const { cache, time } = caching({ staleIfErrorMs: 5000, loadTimeoutMs: 500 });
    await cache.set('a', 'A');
    await time.advance(1000);
    const call = cache.get('a', () => new Promise<string>(() => {}));
    await time.advance(500);
    expect(await call).toMatchObject({ source: 'stale', error: expect.any(TimeoutError) });
  });

  it('is seen by peek, which never loads', async () => {
    const { cache, time } = caching({ staleIfErrorMs: 5000 });
    await cache.set('a', 'A');
    expect(await cache.peek('a')).toMatchObject({ source: 'cache' });
    await time.advance(1000);
    expect(await cache.peek('a')).toMatchObject({ source: 'stale', ageMs: 1000 });
  });
});

describe('a store that fails', () => {
  const broken: CacheStore<string> = {
    get: () => Promise.reject(new Error('store down')),
    set: () => {
      throw new Error('store down');
    },
    delete: () => Promise.reject(new Error('store down')),
  };

  it('is gone without', async () => {
    const errors: unknown[] = [];
    const { cache } = caching({
      store: broken,
      onStoreError: (error) => {
        errors.push(error);
        throw error;
      },
    });
    expect(await cache.get('a', () => 'A')).toMatchObject({ value: 'A', source: 'load' });
    await cache.delete('a');
    await cache.set('a', 'A');
    expect(await cache.peek('a')).toBeUndefined();
    expect(errors).toHaveLength(5);
    expect(cache.snapshot().storeErrors).toBe(5);
  });
});

it.each([
  [{ ttlMs: 0 }, 'ttlMs'],
  [{ staleIfErrorMs: -1 }, 'staleIfErrorMs'],
  [{ loadTimeoutMs: 0 }, 'loadTimeoutMs'],
])('Cache refuses %o', (options, name) => {
  expect(() => caching(options)).toThrow(name);
});
