import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BreakerSummary } from '../../src/resilience/index.ts';
import { FakeTime } from '../../test/helpers/fake-time.ts';
import { requires } from '../../test/helpers/requires.ts';
import { runExample } from '../../test/helpers/run-example.ts';
import { type RunningRedis, startRedis } from '../../test/helpers/start-redis.ts';
import { ClientManager } from './client-manager.ts';
import { type ObjectStoreServer, startObjectStore } from './object-store-server.ts';
import { PhotoKeyError } from './photo-store.ts';
import { ReviewService } from './review-service.ts';
import { settingsOf } from './settings.ts';

const redis = requires('redis');
const review = { id: 'r1', course: 'sailing', stars: 5, text: 'Wet, but worth it' };
const NOBODY = 'redis://127.0.0.1:1';

let store: ObjectStoreServer;
beforeAll(async () => {
  store = await startObjectStore();
});
afterAll(() => store.close());

function serviceWith(redisUrl: string): ReviewService {
  return new ReviewService({ databasePath: ':memory:', redisUrl, bucketUrl: store.bucketUrl });
}

describe.skipIf(!redis.available)('the review service with a real Redis', () => {
  let server: RunningRedis;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it('reads from the cache what it has read before, until a review is added', async () => {
    const service = serviceWith(server.url);
    try {
      await service.cache.connection.ready(AbortSignal.timeout(30_000));
      await service.add(review);
      expect((await service.ofCourse('sailing')).source).toBe('database');
      expect(await service.ofCourse('sailing')).toEqual({ reviews: [review], source: 'cache' });
      await service.add({ ...review, id: 'r2' });
      expect(await service.ofCourse('sailing')).toMatchObject({ source: 'database', reviews: { length: 2 } });
    } finally {
      service.close();
    }
  });

  it('goes on without the cache when Redis dies, and leaves it alone after ten failures', async () => {
    const own = await startRedis();
    const service = serviceWith(own.url);
    try {
      await service.cache.connection.ready(AbortSignal.timeout(30_000));
      await service.add(review);
      await service.ofCourse('sailing');
      await own.process.kill();
      for (let call = 0; call < 10; call++) {
        expect(await service.ofCourse('sailing')).toEqual({ reviews: [review], source: 'database' });
      }
      const health = service.manager.health();
      expect(health.breakers).toMatchObject({ cache: { state: 'OPEN' }, database: { state: 'CLOSED' } });
      expect((await service.ofCourse('sailing')).source).toBe('database');
    } finally {
      service.close();
      await own[Symbol.asyncDispose]();
    }
  });

  it('the program runs with it', async () => {
    const { code, stdout, stderr } = await runExample('review-service', { REDIS_URL: server.url });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('1 review from the cache');
  });
});

describe('the review service', () => {
  it('works without any Redis at all', async () => {
    const service = serviceWith(NOBODY);
    try {
      await service.add(review);
      expect(await service.ofCourse('sailing')).toEqual({ reviews: [review], source: 'database' });
    } finally {
      service.close();
    }
  });

  it('keeps photos, and does not count one that is not there as a failure', async () => {
    const service = serviceWith(NOBODY);
    try {
      await service.photos.put('a.jpg', new Uint8Array([1, 2, 3]));
      expect([...((await service.photos.get('a.jpg')) ?? [])]).toEqual([1, 2, 3]);
      for (let call = 0; call < 10; call++) expect(await service.photos.get('none.jpg')).toBeUndefined();
      expect(service.manager.health().breakers['object-store']?.state).toBe('CLOSED');
    } finally {
      service.close();
    }
  });

  it.each(['', '.', '..'])('takes "%s" for no photo: nothing leads out of the bucket', async (key) => {
    const service = serviceWith(NOBODY);
    try {
      const before = store.requests;
      await expect(service.photos.put(key, new Uint8Array([1]))).rejects.toBeInstanceOf(PhotoKeyError);
      await expect(service.photos.get(key)).rejects.toBeInstanceOf(PhotoKeyError);
      expect(store.requests).toBe(before);
      expect(service.manager.health().status).toBe('healthy');
    } finally {
      service.close();
    }
  });

  it.each(['../a', 'a/../../b', '%2e%2e', '..%2f', '?a', '#b'])('keeps "%s" in the bucket', async (key) => {
    const service = serviceWith(NOBODY);
    try {
      await service.photos.put(key, new Uint8Array([1, 2]));
      expect(await service.photos.get(key)).toHaveLength(2);
      expect(store.lastPath).toBe(`/photos/${encodeURIComponent(key)}`);
    } finally {
      service.close();
    }
  });

  it('leaves a broken object store alone after five failures; the others go on', async () => {
    const service = serviceWith(NOBODY);
    try {
      store.broken = true;
      for (let call = 0; call < 5; call++) await expect(service.photos.get('a.jpg')).rejects.toThrow('500');
      const before = store.requests;
      await expect(service.photos.get('a.jpg')).rejects.toMatchObject({ code: 'CIRCUIT_BREAKER_OPEN' });
      expect(store.requests).toBe(before);
      await service.add(review);
    } finally {
      store.broken = false;
      service.close();
    }
  });
});

describe('the manager', () => {
  function managed() {
    const time = new FakeTime();
    return { time, manager: new ClientManager({ clock: time, timer: time }) };
  }

  it('pings the database every 15 s, the cache every 10 s and the object store never', async () => {
    const { manager, time } = managed();
    const pings = { database: 0, cache: 0, store: 0 };
    manager.register('database', () => ++pings.database);
    manager.register('cache', () => ++pings.cache);
    manager.register('object-store', () => ++pings.store);
    await time.advance(60_000);
    expect(pings).toEqual({ database: 4, cache: 6, store: 0 });
    manager.close();
    await time.advance(60_000);
    expect(pings.database).toBe(4);
    expect(time.pending).toBe(0);
  });

  it('finds by pings that a database broke down, and that it is back, without any traffic', async () => {
    const { manager, time } = managed();
    let down = true;
    const breaker = manager.register('database', () => {
      if (down) throw new Error('connection refused');
    });
    await time.advance(45_000);
    expect(breaker.state).toBe('OPEN');
    down = false;
    // The ping at 60 s is refused; those at 75 s and 90 s are the two successes that it takes.
    await time.advance(30_000);
    expect(breaker.state).toBe('HALF_OPEN');
    await time.advance(15_000);
    expect(breaker.state).toBe('CLOSED');
    manager.close();
  });

  it('does not send a second ping after one that hangs', async () => {
    const { manager, time } = managed();
    let pings = 0;
    manager.register('cache', () => {
      pings++;
      return new Promise(() => {});
    });
    await time.advance(30_000);
    expect(pings).toBe(1);
    manager.close();
  });

  it('reports on all clients together', async () => {
    const { manager, time } = managed();
    const database = manager.register('database');
    manager.register('cache');
    const summaries: BreakerSummary[] = [];
    manager.reportEvery(60_000, (summary) => summaries.push(summary));
    await database.execute(() => 'ok');
    await database.execute(() => Promise.reject(new Error('no'))).catch(() => {});
    await time.advance(60_000);
    expect(summaries[0]?.breakers).toMatchObject([
      { name: 'database', successes: 1, failures: 1, failureRate: 50 },
      { name: 'cache', successes: 0, failures: 0, failureRate: null },
    ]);
    manager.close();
  });
});

describe('settings', () => {
  it('come from the environment where it has them', () => {
    const environment = { OBJECT_STORE_OPEN_TIMEOUT_MS: '1500', DATABASE_FAILURE_THRESHOLD: '' };
    expect(settingsOf('object-store', environment).breaker).toMatchObject({
      openTimeoutMs: 1500,
      failureThreshold: 5,
      successThreshold: 3,
    });
    expect(settingsOf('database', environment).breaker).toMatchObject({ failureThreshold: 3 });
  });

  it('are refused when they are no numbers', () => {
    expect(() => settingsOf('cache', { CACHE_SUCCESS_THRESHOLD: 'many' })).toThrow(
      /CACHE_SUCCESS_THRESHOLD.*many/,
    );
  });
});

it('the program runs without Redis', async () => {
  const { code, stdout, stderr } = await runExample('review-service', { REDIS_URL: NOBODY });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toContain('the cache is gone without');
  expect(stdout).toContain('1 review from the database');
  expect(stdout).toContain('breaker object-store: CLOSED → OPEN (max failures reached)');
  expect(stdout).toContain('summary: database CLOSED');
});
