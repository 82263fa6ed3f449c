import { describe, expect, it, onTestFinished } from 'vitest';
import type { RedisConfig } from '../../../src/config/gateway-config.ts';
import { ResponseCache } from '../../../src/proxy/cache/response-cache.ts';
import type { CircuitBreaker } from '../../../src/resilience/index.ts';
import {
  type BuiltCacheStore,
  buildCacheBreaker,
  buildCacheStore,
} from '../../../src/workers/cache-store.ts';
import { eventually } from '../../helpers/eventually.ts';
import { requires } from '../../helpers/requires.ts';
import { startRedis } from '../../helpers/start-redis.ts';
import { asking } from '../../unit/proxy/cache/cache-kit.ts';

const redis = requires('redis');

const PLACE = { upstream: 'shop', ttlMs: null, serves: true, staleMs: 0 } as const;

interface Opened extends BuiltCacheStore {
  readonly cache: ResponseCache;
  readonly breaker: CircuitBreaker;
  readonly errors: Error[];
}

/** A gateway's cache on Redis, as the composition root makes it. */
async function open(url: string, config: Partial<RedisConfig> = {}): Promise<Opened> {
  const errors: Error[] = [];
  const redis = {
    url,
    commandTimeoutMs: 5_000,
    prefix: 'test:',
    failureThreshold: 3,
    openTimeoutMs: 50,
    ...config,
  };
  const breaker = buildCacheBreaker(redis);
  const built = await buildCacheStore(
    { maxBytes: 1_000_000, maxEntryBytes: 100_000, redis },
    { breaker, onConnectionError: (error) => errors.push(error) },
  );
  onTestFinished(() => built.close());
  const cache = new ResponseCache({ store: built.store, maxEntryBytes: 100_000, name: 'breakwater' });
  return { ...built, cache, breaker, errors };
}

/** One request: what answered it. The upstream never fails. */
async function request(
  cache: ResponseCache,
  path: string,
  headers: string[] = [],
): Promise<'cache' | 'upstream'> {
  const found = await cache
    .question(asking({ headers }), { ...PLACE, path })
    ?.find(AbortSignal.timeout(30_000));
  if (found?.kind === 'stored') {
    expect(found.body.toString()).toBe(`body of ${path}`);
    return 'cache';
  }
  if (found?.kind !== 'fetch') throw new Error(`not expected: ${found?.kind}`);
  found.head(200, 'OK', ['Cache-Control', 'max-age=600', 'Vary', 'Accept']);
  found.data(Buffer.from(`body of ${path}`));
  found.end();
  return 'upstream';
}

describe.skipIf(!redis.available)('the cache on a Redis server', () => {
  it('is one for several gateways, and forgets for all of them', async () => {
    await using server = await startRedis();
    const [one, two] = [await open(server.url), await open(server.url)];
    expect(await request(one.cache, '/a')).toBe('upstream');
    await eventually(async () => expect(await request(two.cache, '/a')).toBe('cache'));
    expect(await request(two.cache, '/a', ['Accept', 'text/html'])).toBe('upstream');
    const change = asking({ method: 'POST' });
    two.cache.invalidate(change, { upstream: 'shop', path: '/a' }, { status: 204, headers: [] });
    await eventually(async () => expect(await request(one.cache, '/a')).toBe('upstream'));
    expect(one.errors).toEqual([]);
  });

  it('that is killed costs freshness, never a request, and is used again when it is back', async () => {
    const server = await startRedis();
    const { cache, breaker, errors } = await open(server.url);
    expect(await request(cache, '/a')).toBe('upstream');
    await eventually(async () => expect(await request(cache, '/a')).toBe('cache'));
    await server.process.kill();
    await eventually(() => expect(errors.length).toBeGreaterThan(0));
    for (let each = 0; each < 20; each++) expect(await request(cache, `/${each}`)).toBe('upstream');
    expect(await request(cache, '/a')).toBe('upstream');
    expect(breaker.state).toBe('OPEN');
    await eventually(() => expect(cache.underWay).toBe(0));
    await using _again = await startRedis(server.port);
    await eventually(async () => {
      expect(await request(cache, '/b')).toBe('cache');
    });
    expect(breaker.state).toBe('CLOSED');
  });

  it('that hangs costs each of the first requests its deadline, and then nothing', async () => {
    await using server = await startRedis();
    const { cache, breaker } = await open(server.url, { commandTimeoutMs: 100, openTimeoutMs: 600_000 });
    server.process.signal('SIGSTOP');
    expect(await request(cache, '/a')).toBe('upstream');
    await eventually(() => expect(breaker.state).toBe('OPEN'));
    const before = breaker.snapshot().totals.failures;
    for (let each = 0; each < 100; each++) expect(await request(cache, `/${each}`)).toBe('upstream');
    // Whoever is refused waits for nothing: no further call has reached Redis.
    expect(breaker.snapshot().totals.failures).toBe(before);
    server.process.signal('SIGCONT');
    breaker.reset();
    await eventually(async () => expect(await request(cache, '/b')).toBe('cache'));
  });

  it('that is full of what is no answer is taken for a broken one', async () => {
    await using server = await startRedis();
    const { cache, breaker } = await open(server.url, { openTimeoutMs: 600_000 });
    const { RedisConnection } = await import('../../../src/redis/index.ts');
    using connection = new RedisConnection({ url: server.url });
    await connection.ready(AbortSignal.timeout(30_000));
    expect(await request(cache, '/a')).toBe('upstream');
    // The answer and what it varies by. No second request: what it would store could come after what is written here.
    await eventually(async () => expect(await connection.client.keys('test:*')).toHaveLength(2));
    for (const key of await connection.client.keys('test:*')) {
      await connection.client.set(key, '{"v":{"kind":"response"},"k":60000}');
      await connection.client.pExpire(key, 60_000);
    }
    for (let each = 0; each < 3; each++) {
      const found = await cache
        .question(asking(), { ...PLACE, path: '/a' })
        ?.find(AbortSignal.timeout(30_000));
      expect(found?.kind).toBe('fetch');
      if (found?.kind === 'fetch') found.abandon();
    }
    expect(breaker.state).toBe('OPEN');
  });

  it('that was never there lets the gateway start, and all requests pass', async () => {
    const { cache, errors } = await open('redis://127.0.0.1:1');
    for (let each = 0; each < 10; each++) expect(await request(cache, `/${each}`)).toBe('upstream');
    expect(errors.length).toBeGreaterThan(0);
  });
});
