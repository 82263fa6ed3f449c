import { ClientOfflineError } from '@redis/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisConnection, RedisStore } from '../../../src/redis/index.ts';
import { Cache, cacheKey, TimeoutError } from '../../../src/resilience/index.ts';
import { eventually } from '../../helpers/eventually.ts';
import { requires } from '../../helpers/requires.ts';
import { type RunningRedis, startRedis } from '../../helpers/start-redis.ts';

const redis = requires('redis');

/** Long enough for a busy machine. */
const soon = (): AbortSignal => AbortSignal.timeout(30_000);

describe.skipIf(!redis.available)('RedisStore on a real server', () => {
  let server: RunningRedis;
  let connection: RedisConnection;

  beforeAll(async () => {
    server = await startRedis();
    connection = new RedisConnection({ url: server.url });
    await connection.ready(soon());
  });

  afterAll(async () => {
    connection?.close();
    await server?.[Symbol.asyncDispose]();
  });

  function store<V>(prefix: string): RedisStore<V> {
    return new RedisStore<V>({ client: connection.client, prefix, commandTimeoutMs: 10_000 });
  }

  it('gives back what it was told, and forgets it when told so', async () => {
    const values = store<{ title: string }>('kept:');
    await values.set('a', { title: 'Sea' }, 60_000);
    const found = await values.get('a');
    expect(found?.value).toEqual({ title: 'Sea' });
    expect(found?.ageMs).toBeLessThan(60_000);
    await values.delete('a');
    expect(await values.get('a')).toBeUndefined();
  });

  it('reads the age from the time that the server has left for it', async () => {
    const values = store<string>('aged:');
    await values.set('a', 'A', 60_000);
    const [key] = await connection.client.keys('aged:*');
    await connection.client.pExpire(key ?? '', 20_000);
    expect((await values.get('a'))?.ageMs).toBeGreaterThanOrEqual(40_000);
  });

  it('lets the server forget what is too old', async () => {
    const values = store<string>('brief:');
    await values.set('a', 'A', 1);
    await eventually(async () => expect(await values.get('a')).toBeUndefined());
  });

  it('shows nothing of a key in the server, and keeps different ones apart', async () => {
    const values = store<string>('hashed:');
    await values.set(cacheKey(['user@example.com', 'x']), 'one', 60_000);
    await values.set(cacheKey(['user@example.com:x']), 'two', 60_000);
    const keys = await connection.client.keys('hashed:*');
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(key).toMatch(/^hashed:[\w-]{43}$/);
    expect((await values.get(cacheKey(['user@example.com', 'x'])))?.value).toBe('one');
  });

  it('serves a cache of two processes: what one loaded the other does not load', async () => {
    const [one, two] = [0, 1].map(
      () => new Cache<string>({ ttlMs: 60_000, store: store<string>('shared:') }),
    ) as [Cache<string>, Cache<string>];
    expect((await one.get('a', () => 'loaded')).source).toBe('load');
    expect(await two.get('a', () => 'again')).toMatchObject({ value: 'loaded', source: 'cache' });
  });
});

describe.skipIf(!redis.available)('a Redis server in trouble', () => {
  it('that hangs holds nobody: each command ends at its deadline', async () => {
    await using server = await startRedis();
    using connection = new RedisConnection({ url: server.url });
    await connection.ready(soon());
    const values = new RedisStore<string>({ client: connection.client, commandTimeoutMs: 100 });
    server.process.signal('SIGSTOP');
    await expect(values.get('a')).rejects.toBeInstanceOf(TimeoutError);
    await expect(values.set('a', 'A', 1000)).rejects.toBeInstanceOf(TimeoutError);
    server.process.signal('SIGCONT');
  });

  it('that is gone fails every command at once, and is used again when it is back', async () => {
    const errors: Error[] = [];
    const first = await startRedis();
    using connection = new RedisConnection({ url: first.url, onError: (error) => errors.push(error) });
    await connection.ready(soon());
    const values = new RedisStore<string>({ client: connection.client, commandTimeoutMs: 60_000 });
    await first.process.kill();
    await eventually(() => expect(connection.client.isReady).toBe(false));
    // With a queue for offline commands these would wait for the server.
    await expect(values.get('a')).rejects.toBeInstanceOf(ClientOfflineError);
    await expect(values.set('a', 'A', 1000)).rejects.toBeInstanceOf(ClientOfflineError);
    const cache = new Cache<string>({ ttlMs: 1000, store: values });
    expect((await cache.get('a', () => 'without Redis')).value).toBe('without Redis');
    await using _second = await startRedis(first.port);
    await connection.ready(soon());
    await values.set('a', 'back', 60_000);
    expect((await values.get('a'))?.value).toBe('back');
    expect(errors.length).toBeGreaterThan(0);
  });

  it('that was never there makes nobody wait either', async () => {
    using connection = new RedisConnection({ url: 'redis://127.0.0.1:1' });
    const values = new RedisStore<string>({ client: connection.client, commandTimeoutMs: 60_000 });
    await expect(values.get('a')).rejects.toBeInstanceOf(ClientOfflineError);
    await expect(connection.ready(AbortSignal.timeout(50))).rejects.toThrow();
  });
});
