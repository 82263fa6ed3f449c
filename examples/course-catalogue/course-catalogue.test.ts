import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { BreakerOpenError, FallbackExhaustedError } from '../../src/resilience/index.ts';
import { FakeTime } from '../../test/helpers/fake-time.ts';
import { runExample } from '../../test/helpers/run-example.ts';
import { Catalogue, CourseNotFoundError } from './catalogue.ts';
import { MemoryDatabase } from './memory-database.ts';
import { Platform } from './platform.ts';
import { catalogueServer } from './server.ts';

const sailing = { id: 'sailing', title: 'Sailing' };
const knots = { id: 'knots', title: 'Knots' };

function system(environment: 'development' | 'production' = 'production') {
  const time = new FakeTime();
  const platform = new Platform({ clock: time, timer: time });
  const database = new MemoryDatabase([sailing]);
  const shipped = new Map([['knots', knots]]);
  const catalogue = new Catalogue({ platform, database, shipped, environment });
  const source = async (id: string): Promise<string> => (await catalogue.find(id)).source;
  return { time, platform, database, catalogue, source };
}

describe('the fallback chain of a course', () => {
  it('goes from live to the cache, what is shipped, and in development to something made up', async () => {
    const { database, source } = system('development');
    expect(await source('sailing')).toBe('live');
    database.down = true;
    expect(await source('sailing')).toBe('cache');
    expect(await source('knots')).toBe('static');
    expect(await source('new')).toBe('mock');
  });

  it('makes nothing up in production', async () => {
    const { database, catalogue } = system('production');
    database.down = true;
    await expect(catalogue.find('new')).rejects.toBeInstanceOf(FallbackExhaustedError);
  });

  it('takes nothing from the cache that is older than 5 minutes', async () => {
    const { time, database, source } = system('development');
    await source('sailing');
    database.down = true;
    await time.advance(5 * 60_000 - 1);
    expect(await source('sailing')).toBe('cache');
    await time.advance(1);
    expect(await source('sailing')).toBe('mock');
  });

  it('does not stand in for a course that does not exist', async () => {
    const { catalogue, platform } = system('development');
    for (let call = 0; call < 10; call++) {
      await expect(catalogue.find('none')).rejects.toBeInstanceOf(CourseNotFoundError);
    }
    expect(platform.breaker('database').state).toBe('CLOSED');
  });

  it('does not pretend to have saved anything', async () => {
    const { database, catalogue } = system('development');
    database.down = true;
    await expect(catalogue.save(sailing)).rejects.toThrow('connection refused');
  });
});

describe('the breaker of the database: 3 failures within 30 s, of at least 5 calls', () => {
  it('stays closed at 3 failures of 4 calls, and opens with the fifth', async () => {
    const { database, platform, source } = system('development');
    const { state } = { state: () => platform.breaker('database').state };
    await source('sailing');
    database.down = true;
    for (let call = 0; call < 3; call++) await source('sailing');
    expect(state()).toBe('CLOSED');
    await source('sailing');
    expect(state()).toBe('OPEN');
    const calls = database.calls;
    expect(await source('sailing')).toBe('cache');
    expect(database.calls).toBe(calls);
  });

  it('forgets failures that are older than the window', async () => {
    const { time, database, platform, source } = system('development');
    database.down = true;
    for (let call = 0; call < 4; call++) await source('sailing');
    await time.advance(40_000);
    await source('sailing');
    expect(platform.breaker('database').state).toBe('CLOSED');
  });

  it('lets a probe through after 15 s, and closes when it succeeds', async () => {
    const { time, database, platform, source } = system('development');
    database.down = true;
    for (let call = 0; call < 5; call++) await source('sailing');
    await time.advance(14_999);
    expect(await source('sailing')).toBe('mock');
    database.down = false;
    await time.advance(1);
    expect(await source('sailing')).toBe('live');
    expect(platform.health()).toMatchObject({
      breakers: { database: { state: 'CLOSED', recoveryMs: 15_000 } },
    });
  });
});

it('a flood of reads leaves room for writes', async () => {
  const { platform } = system();
  const reads = platform.guard('read', 'external-api', 60_000);
  const hanging = Array.from({ length: 20 }, () => reads.execute(() => new Promise<void>(() => {})));
  for (const call of hanging) call.catch(() => {});
  expect(platform.health().pools).toMatchObject([
    { name: 'read', inUse: 20 },
    { name: 'write' },
    { name: 'auth' },
  ]);
  expect(await platform.guard('write', 'database', 1000).execute(() => 'written')).toBe('written');
});

it('the server tells of sources and breakers in headers, and resets them', async () => {
  const { platform, database, catalogue } = system('production');
  const server = catalogueServer(platform, catalogue).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const ask = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${port}${path}`, { method });
    const good = await ask('/courses/sailing');
    expect(Object.fromEntries(good.headers)).toMatchObject({
      'x-data-source': 'live',
      'x-system-degraded': 'false',
      'x-circuit-breaker-database': 'CLOSED',
      'x-circuit-breaker-external-api': 'CLOSED',
    });
    database.down = true;
    for (let call = 0; call < 4; call++) await ask('/courses/sailing');
    const bad = await ask('/courses/sailing');
    expect(bad.status).toBe(200);
    expect(Object.fromEntries(bad.headers)).toMatchObject({
      'x-data-source': 'cache',
      'x-system-degraded': 'true',
      'x-circuit-breaker-database': 'OPEN',
    });
    const none = await ask('/courses/new');
    expect([none.status, none.headers.get('retry-after')]).toEqual([503, '1']);
    const health = (await (await ask('/health')).json()) as { fallback: { answered: unknown } };
    expect(health).toMatchObject({
      status: 'degraded',
      breakers: { database: { availability: expect.any(Number) } },
    });
    expect(health.fallback.answered).toEqual({ live: 1, cache: 5, static: 0 });
    expect((await ask('/api/admin/reset-circuit-breakers', 'POST')).status).toBe(200);
    expect(platform.breakers.health().status).toBe('healthy');
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

it('a write is refused while the breaker is open, and says how long', async () => {
  const { database, catalogue } = system();
  database.down = true;
  for (let call = 0; call < 5; call++) await catalogue.save(sailing).catch(() => {});
  const error = await catalogue.save(sailing).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(BreakerOpenError);
  expect((error as BreakerOpenError).retryAfterMs).toBe(15_000);
});

it('the program runs', async () => {
  const { code, stdout, stderr } = await runExample('course-catalogue');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  for (const source of ['live', 'cache', 'static', 'mock'])
    expect(stdout).toContain(`x-data-source: ${source}`);
  expect(stdout).toContain('breaker database: CLOSED → OPEN (max failures reached)');
});
