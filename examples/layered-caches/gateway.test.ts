import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../test/helpers/eventually.ts';
import { RealProgram } from '../../test/helpers/real-program.ts';
import { requires } from '../../test/helpers/requires.ts';
import { checkFile, type RunningBreakwater, startBreakwater } from '../../test/helpers/start-breakwater.ts';
import { type RunningRedis, startRedis } from '../../test/helpers/start-redis.ts';

const FOLDER = 'examples/layered-caches';
const FILE = `${FOLDER}/gateway.yaml`;
/** How long a layer may take in this test; longer than a busy machine needs to answer. */
const LAYER_MS = 2_000;

interface Article {
  readonly status: number;
  readonly title: string;
  /** Who had it: a cache by its name in Cache-Status, `stale` or `static`, or else the origin. */
  readonly from: string;
  readonly headers: Headers;
}

it.each([
  ['as it is', {}, '60s', 'cache(60s)'],
  ['moved', { LAYER_OPEN_TIMEOUT: '30s', CACHE_TTL: '5m' }, '30s', 'cache(5m)'],
])('breakwater check finds the file right, %s', async (_, env, openFor, cache) => {
  const { code, output } = await checkFile(FILE, env);
  expect(output).toContain(`${FILE} is right`);
  for (const layer of ['secondary-cache', 'local-cache', 'origin']) {
    expect(output).toMatch(new RegExp(` ${layer} +opens after 5 failures in a row, for ${openFor}`));
  }
  const chain = 'fallback(upstream local-cache, upstream origin, stale 24h, static 200)';
  expect(output).toContain(`${chain} → ${cache} → breaker(secondary-cache)`);
  expect(code).toBe(0);
});

const { available } = requires('redis');

describe.skipIf(!available)('layers of caches behind a gateway', { timeout: 120_000 }, () => {
  let redis: RunningRedis;
  let secondary: RealProgram;
  let local: RealProgram;
  let origin: RealProgram;
  let gateway: RunningBreakwater;
  let lastId = 0;

  beforeAll(async () => {
    [redis, origin] = await Promise.all([startRedis(), RealProgram.start(`${FOLDER}/origin.ts`)]);
    const node = (name: string) =>
      RealProgram.start(`${FOLDER}/cache-node.ts`, { NAME: name, ORIGIN_URL: origin.url });
    [secondary, local] = await Promise.all([node('secondary-cache'), node('local-cache')]);
    gateway = await startBreakwater(FILE, {
      REDIS_URL: redis.url,
      SECONDARY_CACHE_URL: secondary.url,
      LOCAL_CACHE_URL: local.url,
      ORIGIN_URL: origin.url,
      LAYER_TIMEOUT: `${LAYER_MS}ms`,
      LAYER_OPEN_TIMEOUT: '2s',
      REDIS_OPEN_TIMEOUT: '1s',
      CACHE_TTL: '1s',
    });
  }, 120_000);

  afterEach(async () => {
    await bringRedisBack();
    await Promise.all([secondary, local, origin].map((layer) => layer.bringBack()));
    expect((await gateway.admin('POST', '/breakers/reset')).status).toBe(200);
  }, 60_000);

  afterAll(async () => {
    for (const part of [gateway, secondary, local, origin, redis]) await part?.[Symbol.asyncDispose]();
  });

  const bringRedisBack = async (): Promise<void> => {
    await redis.process.kill();
    redis = await startRedis(redis.port);
  };

  /** One that nobody has asked for yet. */
  const newPath = (): string => `/articles/${++lastId}`;

  async function read(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Article> {
    const answer = await gateway.call(path, { headers });
    const fallback = answer.headers.get('x-fallback');
    const members = answer.headers.get('cache-status')?.split(', ') ?? [];
    const hits = members.filter((member) => member.includes('; hit')).map((member) => member.split(';')[0]);
    const standIn = fallback === 'stale' || fallback === 'static' ? fallback : undefined;
    const from = standIn ?? hits.at(-1) ?? 'origin';
    return { status: answer.status, title: answer.body.title, from, headers: answer.headers };
  }

  const comesFrom = (path: string, from: string): Promise<void> =>
    eventually(async () => expect((await read(path)).from).toBe(from), 30_000);

  const breaker = async (name: string) => (await gateway.admin('GET', `/breakers/${name}`)).body;

  it('are asked one after the other, and learn from those below', async () => {
    const path = newPath();
    const first = await read(path);
    expect(first).toMatchObject({ status: 200, title: `Article ${lastId}`, from: 'origin' });
    expect(first.headers.get('cache-status')).toBe('secondary-cache; fwd=uri-miss, breakwater; fwd=uri-miss');
    expect(first.headers.get('x-fallback')).toBeNull();
    await comesFrom(path, 'breakwater');
    await comesFrom(path, 'secondary-cache');
  });

  it('go on without Redis, and with it when it is back', async () => {
    const path = newPath();
    await read(path);
    await redis.process.kill();
    await eventually(async () => {
      const article = await read(path);
      expect(article).toMatchObject({ status: 200, title: `Article ${lastId}`, from: 'secondary-cache' });
      expect((await breaker('cache')).state).toBe('OPEN');
    }, 30_000);
    await bringRedisBack();
    await comesFrom(path, 'breakwater');
    await eventually(() => expect(gateway.transitions('cache').at(-1)).toBe('CLOSED: recovery successful'));
  });

  it('leave a layer alone after five failures, and the readers do not notice', async () => {
    const path = newPath();
    const failures = async () => (await gateway.health('secondary-cache')).targets[0].failures;
    const before = await failures();
    await secondary.kill();
    for (let call = 0; call < 6; call++) {
      const article = await read(path);
      expect(article).toMatchObject({ status: 200, from: call === 0 ? 'origin' : 'local-cache' });
      expect(article.headers.get('x-fallback')).toBe('secondary');
      expect(article.headers.get('x-circuit-breaker-local-cache')).toBe('CLOSED');
      expect(article.headers.get('x-circuit-breaker-secondary-cache')).toBe(call < 4 ? 'CLOSED' : 'OPEN');
    }
    expect((await failures()) - before).toBe(5);
  });

  it('try it with exactly one request when its time is over, whose failure means another wait', async () => {
    await secondary.kill();
    for (let call = 0; call < 5; call++) expect((await read(newPath())).status).toBe(200);
    expect((await breaker('secondary-cache')).state).toBe('OPEN');
    await secondary.bringBack();
    secondary.freeze();
    await eventually(async () => expect((await breaker('secondary-cache')).retry_after_ms).toBe(0));
    const requests = async () => (await gateway.health('secondary-cache')).targets[0].requests;
    const before = await requests();
    const readers = Array.from({ length: 8 }, () => read(newPath()));
    for (const { status } of await Promise.all(readers)) expect(status).toBe(200);
    expect((await requests()) - before).toBe(1);
    expect((await breaker('secondary-cache')).state).toBe('OPEN');

    secondary.thaw();
    await eventually(async () => {
      expect((await read(newPath())).headers.get('x-fallback')).toBeNull();
    }, 30_000);
    expect((await breaker('secondary-cache')).state).toBe('CLOSED');
  });

  it('take no longer together than the reader is going to wait', async () => {
    secondary.freeze();
    local.freeze();
    const startedAt = performance.now();
    const article = await read(newPath(), { 'x-request-timeout': '300ms' });
    expect(performance.now() - startedAt).toBeLessThan(LAYER_MS);
    expect(article).toMatchObject({ status: 200, title: 'Out of print', from: 'static' });
    // The reader's impatience says nothing about the layer.
    expect((await breaker('secondary-cache')).failure_count).toBe(0);
  });

  it('are killed one after the other, and each answer says who is left', async () => {
    const path = newPath();
    const title = `Article ${lastId}`;
    await read(path);
    await comesFrom(path, 'breakwater');
    await secondary.kill();
    await comesFrom(path, 'local-cache');
    await local.kill();
    await eventually(async () => {
      const { from, headers } = await read(path);
      expect([from, headers.get('x-fallback')]).toEqual(['origin', 'secondary']);
    });
    await origin.kill();
    const old = await read(path);
    expect(old).toMatchObject({ status: 200, title, from: 'stale' });
    expect(old.headers.get('x-system-degraded')).toBe('true');
    await redis.process.kill();
    expect(await read(path)).toMatchObject({ status: 200, title: 'Out of print', from: 'static' });

    await bringRedisBack();
    await Promise.all([secondary, local, origin].map((layer) => layer.bringBack()));
    await comesFrom(path, 'breakwater');
    expect(await read(path)).toMatchObject({ status: 200, title });
  });
});
