import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AdminServer } from '../../../src/admin/admin-server.ts';
import type { Address } from '../../../src/config/gateway-config.ts';
import { GatewayMetrics } from '../../../src/observe/metrics.ts';
import { adminBackend, NO_PAGE } from '../../helpers/admin-backend.ts';
import { type AdminCall, callAdmin } from '../../helpers/admin-client.ts';
import { FakeBreaker } from '../../helpers/fake-breaker.ts';

const TOKEN = 'a-token-for-this-test';
const ROUTES = [{ path: '/auth/*', upstream: 'auth', pipeline: 'breaker(auth-service-http) → timeout(10s)' }];
const RULES = 'opens after 5 failures in a row, for 60s';
const AUTHORIZED = { Authorization: `Bearer ${TOKEN}` };

let breakers: FakeBreaker[] = [];
let failing = false;
const logged: { level: string; text: string; fields: unknown }[] = [];
const log = {
  info: (fields: unknown, text: string) => logged.push({ level: 'info', text, fields }),
  error: (fields: unknown, text: string) => logged.push({ level: 'error', text, fields }),
} as unknown as ConstructorParameters<typeof AdminServer>[0]['log'];
const metrics = new GatewayMetrics({ routes: [], breakers: () => breakers });
const server = new AdminServer({
  config: { listen: { host: '127.0.0.1', port: 0 }, token: TOKEN },
  pageFolder: NO_PAGE,
  backend: adminBackend({
    breakers: () => breakers,
    rules: () => RULES,
    config: () => {
      if (failing) throw new Error('a secret inside');
      return { server: { listen: '127.0.0.1:8080' }, admin: { token: '***' } };
    },
    routes: () => ROUTES,
    metrics: () => metrics.expose(),
  }),
  log,
});
let address: Address;

const call = (path: string, options: AdminCall = {}) =>
  callAdmin(address, path, { ...options, headers: { ...AUTHORIZED, ...options.headers } });

beforeAll(async () => {
  address = await server.listen();
});
afterAll(() => server.close(1000));
beforeEach(() => {
  breakers = [
    new FakeBreaker('auth-service-http', { state: 'OPEN', failureCount: 5 }),
    new FakeBreaker('odd /%name'),
  ];
  logged.length = 0;
  failing = false;
});

describe('the admin API', () => {
  it('shows what the requests of each route pass through', async () => {
    const reply = await call('/routes');
    expect([reply.status, reply.json()]).toEqual([200, { routes: ROUTES }]);
  });

  it('lists the breakers', async () => {
    const reply = await call('/breakers');
    expect(reply.status).toBe(200);
    expect(reply.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(reply.json()).toMatchObject({
      breakers: [
        { name: 'auth-service-http', state: 'OPEN', failure_count: 5, rules: RULES },
        { name: 'odd /%name' },
      ],
    });
  });

  it('shows one breaker, whatever its name', async () => {
    expect((await call('/breakers/auth-service-http?x=y')).json()).toMatchObject({ state: 'OPEN' });
    expect((await call(`/breakers/${encodeURIComponent('odd /%name')}`)).json()).toMatchObject({
      name: 'odd /%name',
    });
  });

  it('shows of a breaker that only observes what it would do', async () => {
    breakers = [
      new FakeBreaker('trial', {
        mode: 'observe',
        wouldBe: 'OPEN',
        totals: {
          successes: 1,
          failures: 5,
          timeouts: 0,
          rejections: 0,
          wouldReject: 7,
          excluded: 0,
          slow: 0,
        },
      }),
      new FakeBreaker('other'),
    ];
    expect((await call('/breakers/trial')).json()).toMatchObject({
      state: 'CLOSED',
      mode: 'observe',
      would_be: 'OPEN',
      totals: { rejections: 0, wouldReject: 7 },
    });
    expect((await call('/breakers/other')).json()).not.toHaveProperty('would_be');
  });

  it.each([
    ['reset', 'reset', { state: 'CLOSED', forced: null }],
    ['open', 'forceOpen', { state: 'OPEN', forced: 'open' }],
    ['close', 'forceClose', { state: 'CLOSED', forced: 'closed' }],
    ['release', 'release', { state: 'CLOSED', forced: null }],
  ])('POST …/%s turns that breaker and no other, shows it and is logged', async (verb, asked, shown) => {
    const reply = await call(`/breakers/auth-service-http/${verb}`, { method: 'POST' });
    expect(reply.status).toBe(200);
    expect(reply.json()).toMatchObject({ name: 'auth-service-http', ...shown });
    expect(breakers.map((breaker) => breaker.asked)).toEqual([[asked], []]);
    expect(logged).toEqual([
      {
        level: 'info',
        text: expect.stringMatching(/^\[ADMIN\] .+ auth-service-http$/),
        fields: expect.anything(),
      },
    ]);
    expect(logged[0]?.fields).toMatchObject({ from: '127.0.0.1' });
  });

  it.each(['/breakers/reset', '/api/admin/reset-circuit-breakers'])(
    'POST %s resets all of them',
    async (path) => {
      const reply = await call(path, { method: 'POST', body: '{}' });
      expect(reply.status).toBe(200);
      expect(reply.json()).toMatchObject({ breakers: [{ state: 'CLOSED' }, { state: 'CLOSED' }] });
      expect(breakers.map((breaker) => breaker.asked)).toEqual([['reset'], ['reset']]);
      expect(logged).toHaveLength(1);
    },
  );

  it('shows a breaker that is called like an action, and resets it alone by its own path', async () => {
    breakers.push(new FakeBreaker('reset'));
    expect((await call('/breakers/reset')).json()).toMatchObject({ name: 'reset' });
    await call('/breakers/reset/reset', { method: 'POST' });
    expect(breakers.map((breaker) => breaker.asked)).toEqual([[], [], ['reset']]);
  });

  it('shows the configuration, the metrics and the health', async () => {
    expect((await call('/config')).json()).toMatchObject({ admin: { token: '***' } });
    const scraped = await call('/metrics');
    expect(scraped.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(scraped.text).toContain('circuit_breaker_state{service="auth-service-http"} 2');
    expect((await call('/health')).json()).toMatchObject({ status: 'healthy', data: {} });
  });

  it('answers HEAD like GET, without the body', async () => {
    const head = await call('/breakers', { method: 'HEAD' });
    const get = await call('/breakers');
    expect([head.status, head.text]).toEqual([200, '']);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
  });

  it.each([
    ['GET', '//', 404, 'NOT_FOUND'],
    ['GET', '/assets/', 404, 'NOT_FOUND'],
    ['POST', '/', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/events?after=new', 400, 'BAD_REQUEST'],
    ['GET', '/breaker', 404, 'NOT_FOUND'],
    ['POST', '/breakers/auth-service-http/explode', 404, 'NOT_FOUND'],
    ['GET', '/breakers/', 404, 'BREAKER_NOT_FOUND'],
    ['GET', '/breakers/__proto__', 404, 'BREAKER_NOT_FOUND'],
    ['POST', '/breakers/nobody/reset', 404, 'BREAKER_NOT_FOUND'],
    ['GET', '/breakers/%zz', 400, 'BAD_REQUEST'],
    ['DELETE', '/breakers', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/breakers/auth-service-http/reset', 405, 'METHOD_NOT_ALLOWED'],
    ['OPTIONS', '/breakers/auth-service-http/open', 405, 'METHOD_NOT_ALLOWED'],
  ])('%s %s is answered with %i %s', async (method, path, status, code) => {
    const reply = await call(path, { method });
    expect(reply.status).toBe(status);
    expect(reply.json()).toEqual({
      error: { code, message: expect.any(String), request_id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    expect(breakers.every((breaker) => breaker.asked.length === 0)).toBe(true);
  });

  it('says in Allow what a path takes', async () => {
    expect((await call('/breakers', { method: 'PUT' })).headers.allow).toBe('GET, HEAD');
    expect((await call('/breakers/reset', { method: 'PUT' })).headers.allow).toBe('POST, GET, HEAD');
    expect((await call('/breakers/x/open')).headers.allow).toBe('POST');
  });

  it('takes small bodies without looking at them, and refuses large ones', async () => {
    const reset = '/breakers/auth-service-http/reset';
    expect((await call(reset, { method: 'POST', body: '{"state":' })).status).toBe(200);
    const large = await call(reset, { method: 'POST', body: Buffer.alloc(70 * 1024) });
    expect(large.status).toBe(413);
    expect(large.json()).toMatchObject({ error: { code: 'BODY_TOO_LARGE' } });
    expect(breakers[0]?.asked).toEqual(['reset']);
  });

  it('tells the log, not the client, why it failed', async () => {
    failing = true;
    const reply = await call('/config');
    expect(reply.status).toBe(500);
    expect(reply.text).not.toContain('secret');
    expect(logged).toMatchObject([{ level: 'error', fields: { err: { message: 'a secret inside' } } }]);
    failing = false;
    expect((await call('/config')).status).toBe(200);
  });
});
