import { describe, expect, it } from 'vitest';
import { Bulkhead } from '../../../src/resilience/bulkhead.ts';
import { Cache } from '../../../src/resilience/cache.ts';
import { compose } from '../../../src/resilience/compose.ts';
import { TimeoutError } from '../../../src/resilience/errors.ts';
import { MemoryStore } from '../../../src/resilience/memory-store.ts';
import { Policy } from '../../../src/resilience/policy.ts';
import { FallbackExhaustedError } from '../../../src/resilience/policy-errors.ts';
import { Retry } from '../../../src/resilience/retry.ts';
import type { Layer } from '../../../src/resilience/work.ts';
import { FakeTime, settled } from '../../helpers/fake-time.ts';

function noting(log: string[], name: string): Layer {
  return {
    execute: async (work, options) => {
      log.push(`> ${name}`);
      try {
        return await work(options?.signal ?? new AbortController().signal);
      } finally {
        log.push(`< ${name}`);
      }
    },
  };
}

const down = (): Promise<never> => Promise.reject(new Error('down'));
const never = (): Promise<never> => new Promise(() => {});
const backoff = { initialMs: 100, jitter: 'none' } as const;

describe('compose', () => {
  it('reads from the outermost to the innermost', async () => {
    const log: string[] = [];
    const layer = compose(noting(log, 'a'), noting(log, 'b'), noting(log, 'c'));
    expect(await layer.execute(() => log.push('work'))).toBe(4);
    expect(log).toEqual(['> a', '> b', '> c', 'work', '< c', '< b', '< a']);
  });

  it('hands the signal through', async () => {
    const { signal } = new AbortController();
    const layer = compose(noting([], 'a'), new Bulkhead({ name: 'b', maxConcurrent: 1 }), new Retry());
    expect(await layer.execute((given) => given === signal, { signal })).toBe(true);
    expect(await compose().execute((given) => given === signal, { signal })).toBe(true);
  });
});

describe('the order of a policy', () => {
  it('is the safe one, whatever the order in the options', async () => {
    const time = new FakeTime();
    const policy = new Policy<string>({
      name: 'courses',
      timeout: { ms: 100 },
      breaker: noting([], 'breaker'),
      bulkhead: { name: 'courses', maxConcurrent: 1 },
      retry: {},
      cache: new Cache({ ttlMs: 1000, timer: time }),
      fallback: [{ name: 'static', run: () => 'static' }],
    });
    expect(policy.order).toEqual(['fallback', 'cache', 'retry', 'bulkhead', 'breaker', 'timeout']);
    expect(new Policy({ name: 'bare' }).order).toEqual([]);
  });

  it('has every attempt judged by the breaker, and no slot held during a backoff', async () => {
    const time = new FakeTime();
    const log: string[] = [];
    const bulkhead = new Bulkhead({ name: 'db', maxConcurrent: 1, timer: time });
    const policy = new Policy<string>({
      name: 'db',
      retry: { attempts: 3, backoff, timer: time },
      bulkhead,
      breaker: noting(log, 'breaker'),
    });
    const call = policy.execute(down).catch((error: Error) => error.message);
    await settled();
    expect(log).toEqual(['> breaker', '< breaker']);
    expect(bulkhead.inUse).toBe(0);
    await time.advance(1000);
    expect(await call).toBe('down');
    expect(log.filter((line) => line.startsWith('>'))).toHaveLength(3);
  });

  it('does not let a full bulkhead reach the breaker', async () => {
    const log: string[] = [];
    const bulkhead = new Bulkhead({ name: 'db', maxConcurrent: 1 });
    bulkhead.tryAcquire();
    const policy = new Policy<string>({ name: 'db', bulkhead, breaker: noting(log, 'breaker') });
    await expect(policy.execute(() => 'never')).rejects.toMatchObject({ code: 'BULKHEAD_FULL' });
    expect(log).toEqual([]);
  });

  it('times each attempt, inside the breaker', async () => {
    const time = new FakeTime();
    const log: string[] = [];
    const policy = new Policy<string>({
      name: 'db',
      retry: { attempts: 2, backoff, timer: time },
      breaker: noting(log, 'breaker'),
      timeout: { ms: 50, clock: time, timer: time },
    });
    const call = policy.execute(never).catch((error: unknown) => error);
    await time.advance(50);
    expect(log).toEqual(['> breaker', '< breaker']);
    await time.advance(150);
    expect(await call).toBeInstanceOf(TimeoutError);
    expect(log).toHaveLength(4);
  });

  it('answers from the cache without touching anything inside', async () => {
    const log: string[] = [];
    const policy = new Policy<string>({
      name: 'db',
      cache: new Cache({ ttlMs: 1000 }),
      breaker: noting(log, 'breaker'),
    });
    expect(await policy.answer(() => 'A', { key: 'a' })).toMatchObject({ value: 'A', source: 'live' });
    log.length = 0;
    expect(await policy.answer(down, { key: 'a' })).toEqual({
      value: 'A',
      source: 'cache',
      degraded: false,
      failures: [],
    });
    expect(log).toEqual([]);
  });
});

describe('the answer of a policy', () => {
  function chain(): { policy: Policy<string>; time: FakeTime } {
    const time = new FakeTime();
    const cache = new Cache<string>({
      ttlMs: 1000,
      staleIfErrorMs: 1000,
      store: new MemoryStore({ clock: time }),
      timer: time,
    });
    const fallback = [
      { name: 'secondary', run: (key: unknown) => (key === 'a' ? 'second' : undefined) },
      { name: 'default', run: (key: unknown) => (key === 'none' ? undefined : 'default') },
    ];
    return { time, policy: new Policy({ name: 'courses', cache, fallback }) };
  }

  it('says when it is stale, and why', async () => {
    const { policy, time } = chain();
    await policy.execute(() => 'A', { key: 'a' });
    await time.advance(1500);
    const answer = await policy.answer(down, { key: 'a' });
    expect(answer).toMatchObject({ value: 'A', source: 'stale', degraded: true });
    expect(answer.failures).toEqual([{ step: 'live', error: new Error('down') }]);
  });

  it('says which step of the fallback gave it, and what failed before', async () => {
    const { policy } = chain();
    expect(await policy.answer(down, { key: 'a' })).toMatchObject({ value: 'second', source: 'secondary' });
    const last = await policy.answer(down, { key: 'b' });
    expect(last).toMatchObject({ value: 'default', source: 'default', degraded: true });
    expect(last.failures.map(({ step }) => step)).toEqual(['live', 'secondary']);
    expect(policy.snapshot().answered).toEqual({ live: 0, secondary: 1, default: 1 });
  });

  it('is an error with all errors in it when no step has one', async () => {
    const { policy } = chain();
    const error = await policy.execute(down, { key: 'none' }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FallbackExhaustedError);
    expect((error as FallbackExhaustedError).failures).toHaveLength(3);
  });

  it('passes the cache over when the call has no key', async () => {
    const { policy } = chain();
    await policy.execute(() => 'A');
    expect(await policy.answer(() => 'B')).toMatchObject({ value: 'B', source: 'live' });
  });

  it('is the error itself when there is no fallback', async () => {
    await expect(new Policy({ name: 'bare' }).execute(down)).rejects.toThrow(/^down$/);
  });

  it('may be undefined', async () => {
    await expect(new Policy({ name: 'bare' }).execute(() => undefined)).resolves.toBeUndefined();
  });

  it('cannot come from a step that is named as one of its own sources', () => {
    const fallback = [{ name: 'cache', run: () => 'x' }];
    expect(() => new Policy<string>({ name: 'a', fallback })).toThrow('cache');
  });
});
