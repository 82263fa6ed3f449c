import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/helpers/eventually.ts';
import { startProcess } from '../../test/helpers/start-process.ts';
import { GATEWAY_FILE, ReviewSystem, repository, signed } from './start-review-system.ts';

const MINUTE = 60_000;

/** Long enough that no test ends before it by itself. */
const NEVER = '10m';

const OVERRIDES = {
  BREAKWATER_BREAKER_OBJECT_STORE_OPEN_TIMEOUT: '300ms',
  BREAKWATER_BREAKER_DATABASE_OPEN_TIMEOUT: NEVER,
  BREAKWATER_BREAKER_CACHE_OPEN_TIMEOUT: NEVER,
  DATABASE_PING: '60ms',
  CACHE_PING: '60ms',
};

const logged = (system: ReviewSystem, breaker: string, text: string) =>
  system.gateway.waitForLine(({ msg }) => msg === `[CIRCUIT_BREAKER] ${breaker} circuit breaker ${text}`);

const review = (system: ReviewSystem, course: string, stars: number) =>
  system.ask(`/reviews/${course}`, { method: 'POST', body: JSON.stringify({ stars, text: 'Wet' }) });

describe('the gateway of the review service', { timeout: 2 * MINUTE }, () => {
  it.each([
    ['as it stands', {}, 'for 60s'],
    ['with numbers from outside', OVERRIDES, 'for 300ms'],
  ])('has a right configuration %s', async (_, env, lasts) => {
    await using check = await startProcess({
      name: 'check',
      command: process.execPath,
      args: ['src/cli.ts', 'check', '-c', GATEWAY_FILE],
      cwd: repository,
      env: { PATH: process.env.PATH, ...env },
    });
    expect(await check.exited).toEqual({ code: 0, signal: null });
    expect(check.output).toContain(`${GATEWAY_FILE} is right`);
    expect(check.output).toMatch(new RegExp(`object-store  opens after 5 failures .*, ${lasts}`));
    expect(check.output).toMatch(/database {6}opens after 3 failures /);
    expect(check.output).toMatch(/cache {9}opens after 10 failures /);
  });

  it('leaves a dead object store alone after five failures, and trusts it again after three successes', async () => {
    await using system = await ReviewSystem.start({
      ...OVERRIDES,
      // Long enough for the refusal to be seen.
      BREAKWATER_BREAKER_OBJECT_STORE_OPEN_TIMEOUT: '2s',
    });
    expect((await system.photo('PUT', '/photos/a.jpg?v=1', { body: 'a photo' })).status).toBe(200);
    await system.store.kill();
    for (let failure = 0; failure < 5; failure++) {
      expect((await system.photo('GET', '/photos/a.jpg?v=1')).status).toBe(502);
    }
    const refused = await system.photo('GET', '/photos/a.jpg?v=1');
    expect(refused.status).toBe(503);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(refused.headers['x-circuit-breaker-object-store']).toBe('OPEN');
    expect(refused.json()).toMatchObject({
      error: { code: 'CIRCUIT_BREAKER_OPEN', service: 'object-store', state: 'OPEN' },
    });
    await logged(system, 'object-store', 'OPENED: max failures reached');
    const reviews = await system.ask('/reviews/sailing');
    expect(reviews.status).toBe(200);
    expect(reviews.headers['x-system-degraded']).toBe('true');

    await system.store.restart();
    await eventually(async () => {
      expect(await system.photo('GET', '/photos/a.jpg?v=1')).toMatchObject({ status: 200, text: 'a photo' });
    });
    expect(await system.health('object-store')).toMatchObject({ state: 'HALF_OPEN' });
    expect((await system.photo('GET', '/photos/a.jpg?v=1')).status).toBe(200);
    expect(await system.health('object-store')).toMatchObject({ state: 'HALF_OPEN' });
    expect((await system.photo('GET', '/photos/a.jpg?v=1')).status).toBe(200);
    await logged(system, 'object-store', 'CLOSED: recovery successful');
    expect(await system.health('object-store')).toMatchObject({ state: 'CLOSED' });
    // Nobody reads photos with what the log says, although it says everything at this level.
    const { output } = system.gateway;
    expect(output).toContain('upstream_failed');
    expect(output).not.toMatch(/X-Signature/i);
    expect(output).not.toContain(signed('GET', '/photos/a.jpg?v=1').slice(-64));
  });

  it('asks the database again as soon as pings have seen it fall and rise; requests close the breaker', async () => {
    await using system = await ReviewSystem.start(OVERRIDES);
    expect((await review(system, 'sailing', 5)).status).toBe(201);
    await system.database.kill();
    for (let failure = 0; failure < 3; failure++) {
      expect((await system.ask('/reviews/sailing')).status).toBe(502);
    }
    expect((await system.ask('/reviews/sailing')).status).toBe(503);
    await logged(system, 'database', 'OPENED: max failures reached');
    await system.gateway.waitForLine(
      ({ event, upstream }) => event === 'target_unhealthy' && upstream === 'database',
    );
    expect(await system.health('database')).toMatchObject({ state: 'OPEN', target: 'unhealthy' });

    await system.database.restart();
    await system.gateway.waitForLine(
      ({ event, upstream }) => event === 'target_healthy' && upstream === 'database',
    );
    // Pings alone do not close it, however many are good.
    expect(await system.health('database')).toMatchObject({ state: 'OPEN' });
    expect((await system.ask('/reviews/sailing')).json()).toEqual([{ stars: 5, text: 'Wet' }]);
    expect(await system.health('database')).toMatchObject({ state: 'HALF_OPEN' });
    expect((await system.ask('/reviews/sailing')).status).toBe(200);
    await logged(system, 'database', 'CLOSED: recovery successful');
    expect((await system.health('database')).recoveryMs).toBeLessThan(10 * MINUTE);
  });

  it('loses nothing but freshness with the cache', async () => {
    await using system = await ReviewSystem.start(OVERRIDES);
    await review(system, 'sailing', 5);
    const fresh = await system.ask('/summaries/sailing');
    expect(fresh.json()).toEqual({ reviews: 1, stars: 5 });
    expect(fresh.headers['x-fallback']).toBeUndefined();

    await system.cache.kill();
    await review(system, 'sailing', 1);
    await review(system, 'knots', 3);
    for (let failure = 0; failure < 10; failure++) {
      const old = await system.ask('/summaries/sailing');
      expect(old.status).toBe(200);
      expect(old.json()).toEqual({ reviews: 1, stars: 5 });
      expect(old.headers['x-fallback']).toBe('stale');
    }
    await logged(system, 'cache', 'OPENED: max failures reached');
    const counted = await system.ask('/summaries/knots');
    expect(counted.json()).toEqual({ reviews: 1, stars: 3 });
    expect(counted.headers['x-fallback']).toBe('secondary');
    expect(counted.headers['x-circuit-breaker-cache']).toBe('OPEN');

    await system.cache.restart();
    await system.gateway.waitForLine(
      ({ event, upstream }) => event === 'target_healthy' && upstream === 'cache',
    );
    for (let success = 0; success < 5; success++) {
      const again = await system.ask('/summaries/sailing');
      expect(again.json()).toEqual({ reviews: 2, stars: 3 });
      expect(again.headers['x-fallback']).toBeUndefined();
      if (success < 4) expect(await system.health('cache')).toMatchObject({ state: 'HALF_OPEN' });
    }
    await logged(system, 'cache', 'CLOSED: recovery successful');
  });
});
