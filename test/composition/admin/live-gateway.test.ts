import { describe, expect, it } from 'vitest';
import type { EventList, History, Overview, TrafficSample } from '../../../src/admin/live/live-types.ts';
import type { WouldOpenEvent } from '../../../src/observe/gateway-event.ts';
import { callAdmin } from '../../helpers/admin-client.ts';
import { eventually } from '../../helpers/eventually.ts';
import { GatewayPath, get } from '../../helpers/gateway-path.ts';
import { SseClient } from '../../helpers/sse-client.ts';
import { startTestGateway, startTestUpstream } from '../../helpers/test-gateway.ts';
import { until } from '../../helpers/until.ts';

const DEAD = 'http://127.0.0.1:1';

async function read<T>(path: { gateway: GatewayPath['gateway'] }, target: string): Promise<T> {
  return (await callAdmin(path.gateway.adminAddress!, target)).json() as T;
}

describe('the overview of a running gateway', () => {
  it('shows upstreams, pools, routes and totals as they are configured and have been used', async () => {
    await using api = await startTestUpstream((request, response) => {
      response.writeHead(request.url === '/bad' ? 503 : 200).end('x');
    });
    await using gateway = await startTestGateway(
      `
bulkheads: { shared: { max_concurrent: 4 } }
upstreams:
  api:
    { targets: ['${api.url}'], bulkhead: { max_concurrent: 9 },
      circuit_breaker: { name: api-http, failure_rate: 50%, min_requests: 3, window: 30s } }
  dead: { targets: ['${DEAD}'], bulkhead: shared, circuit_breaker: { failure_threshold: 1 } }
routes:
  - { path: /*, upstream: api }
  - { path: /soft, host: soft.test, methods: [GET], upstream: dead, fallback: [{ static: { status: 200, body: soft } }] }
  - { path: /hard, upstream: dead }
`,
      { admin: true },
    );
    const before = Date.now();
    const ask = async (path: string, init?: RequestInit) =>
      (await fetch(`${gateway.url}${path}`, init)).text();
    for (const path of ['/', '/bad', '/', '/hard', '/hard', '/health']) await ask(path);
    const overview = await eventually(async () => {
      const now = await read<Overview>({ gateway }, '/overview');
      expect(now.totals.requests).toBe(5);
      return now;
    });
    expect(overview.at).toBeGreaterThanOrEqual(before);
    expect(overview.gateway).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      host: expect.any(String),
      listen: `127.0.0.1:${gateway.address.port}`,
      startedAt: expect.any(Number),
      workers: gateway.workers,
      profile: null,
      status: 'degraded',
      connections: expect.any(Number),
    });
    expect(overview.gateway.connections).toBeGreaterThan(0);
    const [one, two, ...others] = overview.upstreams;
    expect(others).toEqual([]);
    expect(one).toMatchObject({
      name: 'api',
      breaker: {
        name: 'api-http',
        state: 'CLOSED',
        wouldBe: null,
        rules: expect.stringContaining('50%'),
        gauges: [{ rule: 'failure_rate', value: 33.33, threshold: 50, unit: 'percent' }],
        totals: { successes: 2, failures: 1, timeouts: 0, rejections: 0 },
        openedAt: null,
        reason: null,
      },
      targets: [{ url: api.url, status: 'healthy', inFlight: 0, requests: 3, failures: 1, lastCheck: null }],
      bulkhead: { name: 'api', inUse: 0, maxConcurrent: 9, queued: 0, rejected: 0 },
      totals: { requests: 3, classes: { '2xx': 2, '5xx': 1 }, rejected: 0 },
      failures: [{ route: '/*', target: api.url, kind: 'status', status: 503, code: null }],
    });
    expect(two).toMatchObject({
      name: 'dead',
      breaker: { state: 'OPEN', reason: { rule: 'consecutive_failures' }, totals: { rejections: 1 } },
      totals: { requests: 2, classes: { '5xx': 2 }, rejected: 1 },
      bulkhead: { name: 'shared' },
      failures: [{ route: '/hard', kind: 'connect', status: null, code: 'ECONNREFUSED' }],
    });
    expect(two!.breaker.retryAfterMs).toBeGreaterThan(0);
    expect(overview.pools).toMatchObject([{ name: 'shared', maxConcurrent: 4 }]);
    expect(overview.cacheBreaker).toBeNull();
    expect(overview.routes).toMatchObject([
      { path: '/*', host: null, methods: null, upstream: 'api', totals: { requests: 3 } },
      { path: '/soft', host: 'soft.test', methods: ['GET'], upstream: 'dead', totals: { requests: 0 } },
      {
        path: '/hard',
        upstream: 'dead',
        pipeline: expect.stringContaining('breaker(dead)'),
        totals: { rejected: 1 },
      },
    ]);
  });
});

describe('what happens at a running gateway', () => {
  it('is told with its causes, from the first failure to the recovery, and to an operator who does it', async () => {
    let ill = true;
    await using path = await GatewayPath.start(
      async (connection) => {
        for (;;) {
          await connection.request();
          const status = ill ? '503 Ill' : '200 OK';
          connection.send(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);
        }
      },
      { breaker: 'failure_threshold: 2, open_timeout: 100ms' },
    );
    const viewer = await SseClient.open(path.gateway.adminAddress!, '/events?after=0');
    const client = await path.connect();
    for (const id of ['first', 'second']) await client.ask(get('/', [`X-Request-Id: ${id}`]));
    expect((await client.ask(get('/'))).status).toBe(503);
    ill = false;
    await eventually(async () => expect((await client.ask(get('/'))).status).toBe(200));
    const admin = path.gateway.adminAddress!;
    await callAdmin(admin, '/breakers/api/open', { method: 'POST' });
    const events = (await viewer.first(6, 'event')).map(({ data }) => data);
    expect(events.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6]);
    const [started, opened, half, closed, forced, action] = events;
    expect(started).toMatchObject({ type: 'gateway', what: 'started' });
    expect(opened).toMatchObject({
      type: 'transition',
      breaker: 'api',
      upstream: 'api',
      from: 'CLOSED',
      to: 'OPEN',
      reason: { rule: 'consecutive_failures', threshold: 2 },
      counts: { failures: 2 },
      openForMs: null,
      samples: [
        { kind: 'status', status: 503, requestId: 'first', route: '/*', target: path.upstream.url },
        { requestId: 'second' },
      ],
    });
    expect(opened.retryAfterMs).toBeGreaterThan(0);
    expect(half).toMatchObject({ from: 'OPEN', to: 'HALF_OPEN', samples: [], retryAfterMs: null });
    expect(closed).toMatchObject({ from: 'HALF_OPEN', to: 'CLOSED', samples: [] });
    expect(closed.openForMs).toBeGreaterThanOrEqual(100);
    expect(forced).toMatchObject({
      to: 'OPEN',
      reason: { rule: 'forced_open' },
      retryAfterMs: null,
      samples: [],
    });
    expect(action).toMatchObject({ type: 'admin', action: 'force open api', from: '127.0.0.1' });
    expect((await read<EventList>(path, '/events')).events).toEqual(events);
    viewer.close();
  });

  it('is told of a breaker that only observes, too, and of targets', async () => {
    await using gateway = await startTestGateway(
      `
upstreams:
  api:
    { targets: ['${DEAD}', 'http://127.0.0.2:1'], ejection: { consecutive_failures: 2 },
      circuit_breaker: { mode: observe, failure_threshold: 3 } }
routes: [{ path: /*, upstream: api }]
`,
      { admin: true },
    );
    for (let nth = 0; nth < 6; nth++) await fetch(gateway.url);
    const { events } = await eventually(async () => {
      const list = await read<EventList>({ gateway }, '/events');
      expect(new Set(list.events.map(({ type }) => type))).toEqual(
        new Set(['gateway', 'would_open', 'target']),
      );
      return list;
    });
    const would = events.find(({ type }) => type === 'would_open');
    expect(would).toMatchObject({ breaker: 'api', upstream: 'api' });
    expect((would as WouldOpenEvent).samples.length).toBeGreaterThan(0);
    expect(events.find(({ type }) => type === 'target')).toMatchObject({
      upstream: 'api',
      change: 'ejected',
    });
  });

  it('becomes a sample every two seconds, in the stream and in the history', async () => {
    await using path = await GatewayPath.start(async (connection) => {
      for (;;) {
        await connection.request();
        connection.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      }
    });
    const viewer = await SseClient.open(path.gateway.adminAddress!);
    const client = await path.connect();
    for (let nth = 0; nth < 20; nth++) await client.ask(get('/'));
    await callAdmin(path.gateway.adminAddress!, '/breakers/api/open', { method: 'POST' });
    for (let nth = 0; nth < 4; nth++) expect((await client.ask(get('/'))).status).toBe(503);
    // On a busy machine the requests may lie in two samples.
    const inAll = (rate: (sample: TrafficSample) => number): number =>
      viewer.of('sample').reduce((sum, { data }) => sum + (rate(data) * data.spanMs) / 1000, 0);
    await until(() => inAll(({ rates }) => rates.requests) > 23.5);
    expect(inAll(({ rates }) => rates.ok)).toBeCloseTo(20, 0);
    expect(inAll(({ rates }) => rates.serverErrors)).toBeCloseTo(4, 0);
    expect(inAll(({ rates }) => rates.rejected)).toBeCloseTo(4, 0);
    expect(inAll(({ upstreams }) => upstreams[0]!.requests)).toBeCloseTo(24, 0);
    const [sample] = viewer.of('sample');
    expect(sample!.data.latency.p50).toBeGreaterThan(0);
    const history = await read<History>(path, '/history');
    expect(history.upstreams).toEqual(['api']);
    expect(history.samples).toContainEqual(sample!.data);
    viewer.close();
  });

  it('counts what a full pool refuses once, whoever shares it', async () => {
    const held = Promise.withResolvers<void>();
    await using slow = await startTestUpstream((_request, response) => {
      void held.promise.then(() => response.end());
    });
    await using gateway = await startTestGateway(
      `
bulkheads: { shared: { max_concurrent: 1, queue: 0 } }
upstreams:
  one: { targets: ['${slow.url}'], bulkhead: shared }
  two: { targets: ['${slow.url}'], bulkhead: shared }
routes:
  - { path: /one, upstream: one }
  - { path: /two, upstream: two }
`,
      { admin: true },
    );
    const viewer = await SseClient.open(gateway.adminAddress!);
    const first = fetch(`${gateway.url}/one`);
    await eventually(async () => {
      const { pools } = await read<Overview>({ gateway }, '/overview');
      expect(pools).toMatchObject([{ inUse: 1 }]);
    });
    for (let nth = 0; nth < 3; nth++) expect((await fetch(`${gateway.url}/two`)).status).toBe(503);
    const rejected = (): number =>
      viewer.of('sample').reduce((sum, { data }) => sum + (data.rates.rejected * data.spanMs) / 1000, 0);
    await until(() => rejected() > 2.5);
    expect(rejected()).toBeCloseTo(3, 0);
    const { pools, upstreams } = await read<Overview>({ gateway }, '/overview');
    expect(pools).toMatchObject([{ name: 'shared', rejected: 3 }]);
    expect(upstreams.map(({ totals }) => totals.rejected)).toEqual([0, 3]);
    held.resolve();
    expect((await first).status).toBe(200);
    viewer.close();
  });

  it('keeps no stop waiting: those who watch are told the end', async () => {
    await using path = await GatewayPath.start(async () => {});
    const viewer = await SseClient.open(path.gateway.adminAddress!);
    await viewer.first(1, 'overview');
    await path.gateway.stop();
    await eventually(() => expect(viewer.ended).toBe('end'));
  });
});
