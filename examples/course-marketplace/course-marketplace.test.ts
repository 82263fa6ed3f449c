import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callAdmin } from '../../test/helpers/admin-client.ts';
import { eventually } from '../../test/helpers/eventually.ts';
import { requires } from '../../test/helpers/requires.ts';
import { startProcess } from '../../test/helpers/start-process.ts';
import { startRedis } from '../../test/helpers/start-redis.ts';
import { GATEWAY_FILE, type Gateway, Marketplace, repository } from './start-marketplace.ts';

const MINUTE = 60_000;
const redis = requires('redis');

let market: Marketplace;
beforeAll(async () => {
  market = await Marketplace.start();
}, MINUTE);
beforeEach(() => Promise.all(Object.values(market.services).map((service) => service.revive())), MINUTE);
afterAll(() => market?.[Symbol.asyncDispose]());

const logged = (gateway: Gateway, text: string) =>
  gateway.process.waitForLine(({ msg }) => msg === `[CIRCUIT_BREAKER] ${text}`);

let students = 0;

const notify = (gateway: Gateway) =>
  gateway.call('/notifications', { body: { to: 'ada', text: 'You are enrolled' } });

describe('the course marketplace', { timeout: 2 * MINUTE }, () => {
  it.each([
    ['as it stands', {}],
    ['with everything set from outside', { REDIS_URL: 'redis://127.0.0.1:6379', OPEN_TIMEOUT: '1s' }],
  ])('has a right configuration %s', async (_, more) => {
    const env = { PATH: process.env.PATH, ...('REDIS_URL' in more ? { ...market.addresses, ...more } : {}) };
    const args = ['src/cli.ts', 'check', '--print', '-c', GATEWAY_FILE];
    await using check = await startProcess({
      name: 'check',
      command: process.execPath,
      args,
      cwd: repository,
      env,
    });
    expect(await check.exited).toEqual({ code: 0, signal: null });
    expect(check.output).toContain(`${GATEWAY_FILE} is right`);
    expect(check.output).toMatch(
      /POST \/payments .*fallback\(upstream payment-secondary\) → retry\(3, 20%\)/,
    );
    expect(check.output).toContain('fallback(stale 1h, static 200) → cache(60s) → retry(3, 20%) → breaker');
  });

  it('lists courses from the database, then from the cache, then old ones, and at last none', async () => {
    await using gateway = await market.gateway({ COURSE_TTL: '1s' });
    const list = [
      { id: 'knots', title: 'Knots' },
      { id: 'sailing', title: 'Sailing' },
    ];
    const live = await gateway.call('/courses');
    expect(live).toMatchObject({ status: 200, body: list });
    expect(live.headers.get('x-fallback')).toBeNull();
    await eventually(async () => {
      const stored = await gateway.call('/courses');
      expect(stored).toMatchObject({ status: 200, body: list });
      expect(stored.headers.get('cache-status')).toContain('hit');
    });

    await market.services.courses.kill();
    await eventually(async () => {
      const old = await gateway.call('/courses');
      expect(old).toMatchObject({ status: 200, body: list });
      expect(old.headers.get('x-fallback')).toBe('stale');
      expect(old.headers.get('x-system-degraded')).toBe('true');
    });
    const unknown = await gateway.call('/courses/knots');
    expect(unknown).toMatchObject({ status: 200, body: [] });
    expect(unknown.headers.get('x-fallback')).toBe('static');
    expect(unknown.headers.get('x-source')).toBe('default');
  });

  it('enrols without asking the customer to try again, and never pretends to', async () => {
    await using gateway = await market.gateway({ OPEN_TIMEOUT: '1s' });
    const { enrolment } = market.services;
    const student = `student-${++students}`;
    const before = enrolment.requests();
    const enrol = (course: string) => gateway.call(`/enrolments/${student}/${course}`, { method: 'PUT' });
    expect(await enrol('sailing')).toMatchObject({ status: 200, body: { courses: ['sailing'] } });

    enrolment.loseDisk();
    const refused = [await enrol('knots'), await enrol('knots')];
    for (const answer of refused) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get('x-fallback')).toBeNull();
    }
    await logged(gateway, 'enrolment circuit breaker OPENED: max failures reached');
    // Three attempts each, until the fifth failure: the sixth was not sent.
    await eventually(() => expect(enrolment.requests() - before).toBe(6));
    enrolment.findDisk();
    await eventually(async () =>
      expect(await enrol('knots')).toMatchObject({ status: 200, body: { courses: ['sailing', 'knots'] } }),
    );
    await logged(gateway, 'enrolment circuit breaker CLOSED: recovery successful');
  });

  it('gives a service in trouble a fifth more requests, not three times as many', async () => {
    const { enrolment } = market.services;
    /** What the service gets of 200 customers at once while it answers 503. */
    const attempts = async (env: Record<string, string>): Promise<{ got: number; retries: number }> => {
      // The breaker would hide what the budget does.
      await using gateway = await market.gateway({ BREAKWATER_BREAKER_ENROLMENT_MODE: 'disabled', ...env });
      enrolment.loseDisk();
      const before = enrolment.requests();
      enrolment.process.signal('SIGSTOP');
      const customers = Array.from({ length: 200 }, () => gateway.call('/enrolments/ada'));
      // All of them are under way before the first one fails.
      await eventually(async () => {
        const { body } = await gateway.call('/health');
        expect(body.data.enrolment.targets[0].in_flight).toBe(200);
      });
      enrolment.process.signal('SIGCONT');
      for (const { status } of await Promise.all(customers)) expect(status).toBe(503);
      enrolment.findDisk();
      const retries = await gateway.metric(
        'gateway_retries_total{route="/enrolments/*",upstream="enrolment"}',
      );
      await eventually(() => expect(enrolment.requests() - before).toBe(200 + retries));
      return { got: enrolment.requests() - before, retries };
    };
    // The budget is of those that retry at a time. They wait for so long that most still do when the last of the 200 has
    // had its answer, or each that is over would make room for another one.
    const bounded = await attempts({ REQUEST_TIMEOUT: '60s', RETRY_WAIT: '1s' });
    expect(bounded.retries).toBeGreaterThan(10);
    expect(bounded.retries).toBeLessThan(120);
    const unbounded = await attempts({ REQUEST_TIMEOUT: '60s', ENROLMENT_RETRY_BUDGET: 'unlimited' });
    expect(unbounded.got).toBe(600);
  });

  it('accepts notifications for later while their service is down', async () => {
    await using gateway = await market.gateway({ OPEN_TIMEOUT: '300ms' });
    const { notification } = market.services;
    expect(await notify(gateway)).toMatchObject({ status: 201, body: { status: 'sent' } });
    await notification.kill();
    for (let time = 0; time < 8; time++) {
      const answer = await notify(gateway);
      expect(answer).toMatchObject({ status: 202, body: { status: 'accepted for later' } });
      expect(answer.headers.get('x-fallback')).toBe('static');
    }
    await logged(gateway, 'notification circuit breaker OPENED: max failures reached');
    await notification.restart();
    await eventually(async () => expect((await notify(gateway)).status).toBe(201));
    await logged(gateway, 'notification circuit breaker CLOSED: recovery successful');
    expect((await gateway.call('/notifications')).status).toBe(405);
  });

  it('says in /health what is down and what stands in for it', async () => {
    await using gateway = await market.gateway();
    expect((await gateway.call('/health')).body.message).toBe('All services are healthy');
    await market.services.notification.kill();
    for (let time = 0; time < 5; time++) await notify(gateway);
    const { status, body } = await gateway.call('/health');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'degraded',
      data: {
        notification: { status: 'unhealthy', fallbacks: 5, circuit_breaker: { state: 'OPEN' } },
        'payment-primary': { status: 'healthy' },
      },
      fallback_routes: ['/payments', '/courses/*', '/notifications'],
    });
  });
});

describe.skipIf(!redis.available)('the course marketplace with Redis', { timeout: 2 * MINUTE }, () => {
  /** By the name that customers use, whichever gateway they reach: stored answers are a name's. */
  async function list({ port }: Gateway): Promise<{ courses: unknown[]; source: string }> {
    const address = { host: '127.0.0.1', port };
    const { status, headers, text } = await callAdmin(address, '/courses', {
      headers: { host: 'market.example' },
    });
    expect(status).toBe(200);
    const hit = String(headers['cache-status']).includes('hit');
    return { courses: JSON.parse(text), source: headers['x-fallback'] ? 'fallback' : hit ? 'cache' : 'live' };
  }

  it('shares the list between gateways, keeps it over a restart, and does not need Redis', async () => {
    await using server = await startRedis();
    const env = { REDIS_URL: server.url };
    const { courses } = market.services;
    await using first = await market.gateway(env);
    await using second = await market.gateway(env);
    await eventually(async () => {
      expect(await list(first)).toMatchObject({ courses: { length: 2 }, source: 'cache' });
    });
    await courses.kill();
    expect(await list(second)).toMatchObject({ courses: { length: 2 }, source: 'cache' });
    await using reborn = await market.gateway(env);
    expect(await list(reborn)).toMatchObject({ courses: { length: 2 }, source: 'cache' });

    await courses.restart();
    await server.process.kill();
    for (let time = 0; time < 8; time++) {
      expect(await list(second)).toMatchObject({ courses: { length: 2 }, source: 'live' });
    }
  });
});
