import { describe, expect, it } from 'vitest';
import type { RouteConfig, UpstreamConfig } from '../../../src/config/gateway-config.ts';
import { configOf, ROUTE, SMALLEST } from './problems-of.ts';

const ALL = ['connect', 'timeout', 'reset', 'protocol', 'status', 'open', 'full'];

const route = (keys: string): RouteConfig =>
  configOf(`bulkheads: { r: { max_concurrent: 1 }, w: { max_concurrent: 1 } }
upstreams: { api: { targets: [http://a:1] }, b: { targets: [http://b:1] }, c: { targets: [http://c:1] } }
routes: [{ path: /, upstream: api, ${keys} }]
`).routes[0]!;
const upstream = (keys: string, targets = 'http://a:1'): UpstreamConfig =>
  configOf(
    `bulkheads: { pool: { max_concurrent: 1 } }\nupstreams: { api: { targets: [${targets}], ${keys} } }\n${ROUTE}`,
  ).upstreams.get('api')!;

describe('every key', () => {
  it.each([
    ['request_id', 'requestId'],
    ['via', 'via'],
    ['circuit_breaker', 'circuitBreaker'],
    ['degraded', 'degraded'],
    ['server_timing', 'serverTiming'],
    ['cache_status', 'cacheStatus'],
  ])('of answers switches off its own field: %s', (key, name) => {
    const { answers } = configOf(`answers: { ${key}: false }\n${SMALLEST}`);
    expect(Object.entries(answers).filter(([, on]) => !on)).toEqual([[name, false]]);
  });

  it('of cache and Redis arrives under its own name', () => {
    const { cache } = configOf(`cache:
  max_size: 2MiB
  max_entry_size: 3KiB
  redis:
    url: rediss://user:pass@cache:6380/4
    command_timeout: 5ms
    prefix: "six:"
    failure_threshold: 7
    open_timeout: 8s
${SMALLEST}`);
    expect(cache).toEqual({
      maxBytes: 2_097_152,
      maxEntryBytes: 3072,
      redis: {
        url: 'rediss://user:pass@cache:6380/4',
        commandTimeoutMs: 5,
        prefix: 'six:',
        failureThreshold: 7,
        openTimeoutMs: 8000,
      },
    });
  });

  it('of a pool arrives under its own name', () => {
    const { bulkheads } = configOf(
      `bulkheads: { read: { max_concurrent: 1, queue: 2, queue_timeout: 3s }, w: { max_concurrent: 4 } }\n${SMALLEST}`,
    );
    expect([...bulkheads.values()]).toEqual([
      { name: 'read', maxConcurrent: 1, queue: 2, queueTimeoutMs: 3000 },
      { name: 'w', maxConcurrent: 4, queue: 0, queueTimeoutMs: 1000 },
    ]);
  });

  it('of retry arrives under its own name', () => {
    const { retry } = route(
      `retry: { attempts: 1, backoff: { initial: 2ms, factor: 3.5, max: 4s, jitter: decorrelated }, budget: 5.5%, methods: [POST, GET, POST], on: [protocol, status, status], statuses: [429, 500-599], max_body: 6KiB, max_retry_after: 7s }`,
    );
    expect(retry).toEqual({
      attempts: 1,
      backoff: { initialMs: 2, factor: 3.5, maxMs: 4000, jitter: 'decorrelated' },
      budget: 5.5,
      methods: ['POST', 'GET'],
      on: ['protocol', 'status'],
      statuses: [
        { from: 429, to: 429 },
        { from: 500, to: 599 },
      ],
      maxBodyBytes: 6144,
      maxRetryAfterMs: 7000,
    });
  });

  it('of the fallbacks arrives under its own name', () => {
    const { fallback } = route(`fallback: [
      { upstream: b, methods: [POST, POST], on: [open, full, open] },
      { stale: 5m, methods: [GET] },
      { static: { status: 203, headers: { X-A: "1, 2", x-b: "" }, json: { a: [1, null, "x"] } }, on: [status] },
      { upstream: c }]`);
    expect(fallback).toEqual([
      { type: 'upstream', upstream: 'b', methods: ['POST'], on: ['open', 'full'] },
      { type: 'stale', maxAgeMs: 300_000, methods: ['GET'], on: ALL },
      {
        type: 'static',
        answer: {
          status: 203,
          headers: ['Content-Type', 'application/json', 'X-A', '1, 2', 'x-b', ''],
          body: '{"a":[1,null,"x"]}',
        },
        methods: ['GET', 'HEAD'],
        on: ['status'],
      },
      { type: 'upstream', upstream: 'c', methods: null, on: ALL },
    ]);
  });

  it('of tunnels arrives under its own name', () => {
    expect(route('websocket: false, tunnel_idle_timeout: 3s')).toMatchObject({
      webSocket: false,
      tunnelIdleTimeoutMs: 3000,
    });
  });
});

describe('what is not said', () => {
  it('of Redis has defaults, and its URL alone is enough', () => {
    const expected = {
      url: 'redis://localhost',
      commandTimeoutMs: 250,
      prefix: 'breakwater:cache:',
      failureThreshold: 5,
      openTimeoutMs: 10_000,
    };
    for (const redis of ['redis://localhost', '{ url: redis://localhost }'])
      expect(configOf(`cache: { redis: ${redis} }\n${SMALLEST}`).cache.redis).toEqual(expected);
  });

  it('of the largest entry is no more than the cache holds', () => {
    expect(configOf(`cache: { max_size: 9KiB }\n${SMALLEST}`).cache.maxEntryBytes).toBe(9216);
  });

  it.each(['3', '{}', '{ attempts: 3 }', '{ backoff: {} }'])('of retry has defaults: %s', (retry) => {
    expect(route(`retry: ${retry}`).retry).toEqual({
      attempts: 3,
      backoff: { initialMs: 50, factor: 2, maxMs: 1000, jitter: 'full' },
      budget: 20,
      methods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'],
      on: ['connect', 'timeout', 'reset', 'status'],
      statuses: [{ from: 502, to: 504 }],
      maxBodyBytes: 65_536,
      maxRetryAfterMs: 10_000,
    });
  });

  it('of a health check has defaults, and a third of the interval for who is not healthy', () => {
    expect(upstream('health_check: {}').healthCheck).toEqual({
      path: '/health',
      method: 'GET',
      intervalMs: 15_000,
      unhealthyIntervalMs: 5000,
      timeoutMs: 2000,
      jitter: 10,
      rise: 2,
      fall: 3,
      expectStatuses: [{ from: 200, to: 299 }],
      expectBody: null,
    });
    expect(upstream('health_check: { interval: 100ms }').healthCheck?.unhealthyIntervalMs).toBe(34);
    expect(upstream('health_check: { expect: { body: ok } }').healthCheck).toMatchObject({
      expectStatuses: [{ from: 200, to: 299 }],
      expectBody: 'ok',
    });
  });

  it('of dns has defaults', () => {
    expect(upstream('dns: {}').dns).toEqual({ refreshMs: 30_000, records: 'any', servers: [] });
  });
});

describe('a key of several forms', () => {
  it.each([
    ['round_robin', { type: 'round_robin' }],
    ['least_requests', { type: 'least_requests' }],
    ['latency', { type: 'latency' }],
    ['{ hash: ip }', { type: 'hash', by: 'ip', name: '' }],
    ['{ hash: { header: X-User } }', { type: 'hash', by: 'header', name: 'x-user' }],
    ['{ hash: { cookie: Sid } }', { type: 'hash', by: 'cookie', name: 'Sid' }],
  ])('takes each of them: balance: %s', (balance, expected) => {
    expect(upstream(`balance: ${balance}`).balance).toEqual(expected);
  });

  const EJECTION = { consecutiveFailures: 5, baseTimeMs: 10_000, maxTimeMs: 300_000, maxEjected: 50 };

  it.each([
    ['', 'http://a:1', null],
    ['', 'http://a:1, http://b:1', EJECTION],
    ['dns: {},', 'http://a:1', EJECTION],
    ['ejection: false,', 'http://a:1, http://b:1', null],
    ['ejection: true,', 'http://a:1', EJECTION],
    ['ejection: { base_time: 2s },', 'http://a:1', { ...EJECTION, baseTimeMs: 2000 }],
  ])('ejects by itself where there is more than one target: "%s" [%s]', (keys, targets, expected) => {
    expect(upstream(`${keys} allow_h2: true`, targets).ejection).toEqual(expected);
  });

  it.each([
    ['pool', 'pool'],
    ['{ max_concurrent: 3 }', { name: 'api', maxConcurrent: 3, queue: 0, queueTimeoutMs: 1000 }],
  ])('takes each of them: bulkhead of an upstream: %s', (bulkhead, expected) => {
    expect(upstream(`bulkhead: ${bulkhead}`).bulkhead).toEqual(expected);
  });

  it.each([
    ['r', { read: 'r', write: 'r' }],
    ['{ read: r, write: w }', { read: 'r', write: 'w' }],
    ['{ read: r }', { read: 'r', write: null }],
    ['{ write: w }', { read: null, write: 'w' }],
  ])('takes each of them: bulkhead of a route: %s', (bulkhead, expected) => {
    expect(route(`bulkhead: ${bulkhead}`).bulkhead).toEqual(expected);
  });

  it.each([
    ['true', { ttlMs: null }],
    ['false', null],
    ['{}', { ttlMs: null }],
    ['{ ttl: 90s }', { ttlMs: 90_000 }],
  ])('takes each of them: cache of a route: %s', (cache, expected) => {
    expect(route(`cache: ${cache}`).cache).toEqual(expected);
  });

  it.each([
    ['204', [{ from: 204, to: 204 }]],
    ['200-204', [{ from: 200, to: 204 }]],
    [
      '[100, 401-403]',
      [
        { from: 100, to: 100 },
        { from: 401, to: 403 },
      ],
    ],
  ])('takes each of them: expect.status: %s', (status, expected) => {
    expect(upstream(`health_check: { expect: { status: ${status} } }`).healthCheck?.expectStatuses).toEqual(
      expected,
    );
  });

  it.each([
    ['{ json: [] }', ['Content-Type', 'application/json'], '[]'],
    ['{ json: null }', ['Content-Type', 'application/json'], 'null'],
    ['{ json: "é", headers: { content-type: a/b } }', ['content-type', 'a/b'], '"é"'],
    ['{ body: hi }', ['Content-Type', 'text/plain; charset=utf-8'], 'hi'],
    ['{ body: "", headers: { X-A: b } }', ['Content-Type', 'text/plain; charset=utf-8', 'X-A', 'b'], ''],
    ['{ body: <p>, headers: { CONTENT-TYPE: text/html } }', ['CONTENT-TYPE', 'text/html'], '<p>'],
    ['{ status: 204 }', [], ''],
    ['{}', [], ''],
  ])('gives a fixed answer its type: %s', (answer, headers, body) => {
    const [step] = route(`fallback: [{ static: ${answer} }]`).fallback;
    expect(step).toMatchObject({ answer: { headers, body } });
  });
});
