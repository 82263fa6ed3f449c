import { describe, expect, it } from 'vitest';
import { configOf, ROUTE, SMALLEST, UPSTREAM } from './problems-of.ts';

describe('the smallest file', () => {
  it('has every default', () => {
    const config = configOf(`upstreams:
  api: { targets: [http://127.0.0.1:9001] }
routes:
  - { path: /*, upstream: api }
`);
    expect(config.server).toEqual({
      listen: { host: '0.0.0.0', port: 8080 },
      headerTimeoutMs: 30_000,
      bodyTimeoutMs: 30_000,
      idleTimeoutMs: 60_000,
      sendTimeoutMs: 60_000,
      shutdownTimeoutMs: 10_000,
      maxHeaderBytes: 32 * 1024,
      maxHeaderCount: 100,
      maxTargetBytes: 8 * 1024,
      maxBodyBytes: 10 * 1024 * 1024,
      maxConnections: 10_000,
      trustedProxies: [],
      via: null,
    });
    expect(config.profile).toBeNull();
    expect(config.answers).toEqual({
      requestId: true,
      via: true,
      circuitBreaker: true,
      degraded: true,
      serverTiming: true,
      cacheStatus: true,
    });
    expect(config.admin).toBeNull();
    expect(config.log).toEqual({ level: 'info' });
    expect(config.cache).toEqual({ maxBytes: 67_108_864, maxEntryBytes: 1_048_576, redis: null });
    expect([...config.bulkheads]).toEqual([]);
    expect([...config.upstreams]).toEqual([
      [
        'api',
        {
          name: 'api',
          targets: [
            { url: 'http://127.0.0.1:9001', protocol: 'http:', hostname: '127.0.0.1', port: 9001, weight: 1 },
          ],
          balance: { type: 'round_robin' },
          slowStartMs: 0,
          ejection: null,
          dns: null,
          healthCheck: null,
          bulkhead: null,
          connectTimeoutMs: 5000,
          responseTimeoutMs: 30_000,
          idleBodyTimeoutMs: 60_000,
          maxConnections: 256,
          keepAliveMs: 60_000,
          allowH2: true,
          preserveHost: false,
          circuitBreaker: {
            name: 'api',
            failureThreshold: 5,
            consecutiveFailures: null,
            failureRate: null,
            slowCall: null,
            window: null,
            minRequests: null,
            failureStatuses: [
              { from: 500, to: 500 },
              { from: 502, to: 504 },
              { from: 506, to: 599 },
            ],
            excludedStatuses: [],
            failureErrors: ['connect', 'timeout', 'reset', 'protocol'],
            failureGrpcStatuses: [2, 4, 13, 14, 15],
            successThreshold: 1,
            halfOpenRequests: 1,
            halfOpenTimeoutMs: 10_000,
            requestTimeoutMs: 10_000,
            openTimeoutMs: 60_000,
            openTimeoutGrowth: null,
            openTimeoutJitter: 0,
            mode: 'enforce',
          },
        },
      ],
    ]);
    expect(config.routes).toEqual([
      {
        path: '/*',
        host: null,
        methods: null,
        upstream: 'api',
        timeoutMs: 60_000,
        stripPrefix: null,
        rewrite: null,
        retry: null,
        fallback: [],
        cache: null,
        bulkhead: { read: null, write: null },
        webSocket: true,
        tunnelIdleTimeoutMs: 600_000,
        line: 4,
      },
    ]);
  });
});

describe('every key', () => {
  it('of server arrives under its own name', () => {
    const { server } = configOf(`server:
  listen: "[::1]:0"
  header_timeout: 1s
  body_timeout: 2s
  idle_timeout: 3s
  send_timeout: 4s
  shutdown_timeout: 5s
  max_header_size: 6KiB
  max_header_count: 7
  max_target_size: 8kB
  max_body_size: unlimited
  max_connections: unlimited
  trusted_proxies: [10.0.0.0/8, "::1"]
  via: edge-9
${SMALLEST}`);
    expect(server).toEqual({
      listen: { host: '::1', port: 0 },
      headerTimeoutMs: 1000,
      bodyTimeoutMs: 2000,
      idleTimeoutMs: 3000,
      sendTimeoutMs: 4000,
      shutdownTimeoutMs: 5000,
      maxHeaderBytes: 6144,
      maxHeaderCount: 7,
      maxTargetBytes: 8000,
      maxBodyBytes: null,
      maxConnections: null,
      trustedProxies: ['10.0.0.0/8', '::1'],
      via: 'edge-9',
    });
  });

  it('of admin and log arrives', () => {
    const config = configOf(
      `admin: { listen: 0.0.0.0:9902, token: s3cret }\nlog: { level: silent }\n${SMALLEST}`,
    );
    expect(config.admin).toEqual({ listen: { host: '0.0.0.0', port: 9902 }, token: 's3cret' });
    expect(config.log).toEqual({ level: 'silent' });
  });

  it('of an upstream and its breaker arrives under its own name', () => {
    const { upstreams } = configOf(`upstreams:
  api:
    targets: [https://a.example, { url: "http://[::1]:81/", weight: 3 }]
    balance: { hash: { cookie: sid } }
    slow_start: 6s
    ejection: { consecutive_failures: 2, base_time: 7s, max_time: 8s, max_ejected: 9% }
    dns: { refresh: 10s, records: aaaa, servers: ["127.0.0.1:8600", "::1"] }
    health_check:
      path: /ready?x=1
      method: GET
      interval: 11s
      unhealthy_interval: 12s
      timeout: 13s
      jitter: 14%
      rise: 15
      fall: 16
      expect: { status: [100-199, 201], body: fine }
    bulkhead: { max_concurrent: 17, queue: 18, queue_timeout: 19s }
    connect_timeout: 1ms
    response_timeout: 3s
    idle_body_timeout: 3ms
    max_connections: 4
    keep_alive: 5ms
    allow_h2: false
    preserve_host: true
    circuit_breaker:
      name: api-http
      failure_threshold: 1000
      consecutive_failures: 6
      failure_rate: 12.5%
      slow_call: { duration: 2s, rate: 80% }
      window: { duration: 1m, buckets: 30 }
      min_requests: 7
      failure_statuses: [429, 500-599]
      excluded_statuses: [404, 418-420]
      failure_errors: [timeout, reset]
      failure_grpc_statuses: [UNAVAILABLE, 4]
      success_threshold: 2
      half_open_requests: 3
      half_open_timeout: 30s
      request_timeout: 4s
      open_timeout: { initial: 1.5s, factor: 2.5, max: 5m, jitter: 20% }
      mode: observe
${ROUTE}`);
    expect(upstreams.get('api')).toEqual({
      name: 'api',
      targets: [
        { url: 'https://a.example', protocol: 'https:', hostname: 'a.example', port: 443, weight: 1 },
        { url: 'http://[::1]:81', protocol: 'http:', hostname: '::1', port: 81, weight: 3 },
      ],
      balance: { type: 'hash', by: 'cookie', name: 'sid' },
      slowStartMs: 6000,
      ejection: { consecutiveFailures: 2, baseTimeMs: 7000, maxTimeMs: 8000, maxEjected: 9 },
      dns: { refreshMs: 10_000, records: 'aaaa', servers: ['127.0.0.1:8600', '::1'] },
      healthCheck: {
        path: '/ready?x=1',
        method: 'GET',
        intervalMs: 11_000,
        unhealthyIntervalMs: 12_000,
        timeoutMs: 13_000,
        jitter: 14,
        rise: 15,
        fall: 16,
        expectStatuses: [
          { from: 100, to: 199 },
          { from: 201, to: 201 },
        ],
        expectBody: 'fine',
      },
      bulkhead: { name: 'api', maxConcurrent: 17, queue: 18, queueTimeoutMs: 19_000 },
      connectTimeoutMs: 1,
      responseTimeoutMs: 3000,
      idleBodyTimeoutMs: 3,
      maxConnections: 4,
      keepAliveMs: 5,
      allowH2: false,
      preserveHost: true,
      circuitBreaker: {
        name: 'api-http',
        failureThreshold: 1000,
        consecutiveFailures: 6,
        failureRate: 12.5,
        slowCall: { durationMs: 2000, rate: 80 },
        window: { type: 'time', durationMs: 60_000, buckets: 30 },
        minRequests: 7,
        failureStatuses: [
          { from: 429, to: 429 },
          { from: 500, to: 599 },
        ],
        excludedStatuses: [
          { from: 404, to: 404 },
          { from: 418, to: 420 },
        ],
        failureErrors: ['timeout', 'reset'],
        failureGrpcStatuses: [14, 4],
        successThreshold: 2,
        halfOpenRequests: 3,
        halfOpenTimeoutMs: 30_000,
        requestTimeoutMs: 4000,
        openTimeoutMs: 1500,
        openTimeoutGrowth: { factor: 2.5, maxMs: 300_000 },
        openTimeoutJitter: 20,
        mode: 'observe',
      },
    });
  });

  it('of a route arrives under its own name, with its line', () => {
    const { routes } = configOf(`${UPSTREAM}routes:

  - path: /a/:id/*
    host: "*.Example.com"
    methods: [GET, PURGE, GET]
    upstream: api
    timeout: 1m
    strip_prefix: /a
  - { path: /b/:id/*, upstream: api, rewrite: /c/:id/* }
`);
    expect(routes).toEqual([
      {
        path: '/a/:id/*',
        host: '*.example.com',
        methods: ['GET', 'PURGE'],
        upstream: 'api',
        timeoutMs: 60_000,
        stripPrefix: '/a',
        rewrite: null,
        retry: null,
        fallback: [],
        cache: null,
        bulkhead: { read: null, write: null },
        webSocket: true,
        tunnelIdleTimeoutMs: 600_000,
        line: 4,
      },
      {
        path: '/b/:id/*',
        host: null,
        methods: null,
        upstream: 'api',
        timeoutMs: 60_000,
        stripPrefix: null,
        rewrite: '/c/:id/*',
        retry: null,
        fallback: [],
        cache: null,
        bulkhead: { read: null, write: null },
        webSocket: true,
        tunnelIdleTimeoutMs: 600_000,
        line: 10,
      },
    ]);
  });
});

describe('a breaker', () => {
  const profiles = 'circuit_breakers: { production: { failure_threshold: 10, open_timeout: 120s } }\n';
  const breaker = (value: string) =>
    configOf(
      `${profiles}upstreams: { api: { targets: [http://a:1], circuit_breaker: ${value} } }\n${ROUTE}`,
    ).upstreams.get('api')!.circuitBreaker;

  it('takes what its profile says and defaults for the rest', () => {
    expect(breaker('production')).toMatchObject({
      name: 'api',
      failureThreshold: 10,
      openTimeoutMs: 120_000,
      successThreshold: 1,
    });
  });

  it('puts its own fields before those of its profile, even where they equal the default', () => {
    expect(breaker('{ profile: production, failure_threshold: 5, request_timeout: 3s }')).toMatchObject({
      failureThreshold: 5,
      openTimeoutMs: 120_000,
      requestTimeoutMs: 3000,
    });
  });

  it('waits for a probe as long as for a request, unless told otherwise', () => {
    expect(breaker('{ request_timeout: 3s }').halfOpenTimeoutMs).toBe(3000);
    expect(breaker('{ request_timeout: 3s, half_open_timeout: 7s }').halfOpenTimeoutMs).toBe(7000);
  });
});

describe('a resolved configuration', () => {
  it('cannot be changed at any depth', () => {
    const config = configOf(`server: { trusted_proxies: [10.0.0.1] }\n${SMALLEST}`);
    const api = config.upstreams.get('api')!;
    const attempts: (() => void)[] = [
      () => Object.assign(config, { log: null }),
      () => Object.assign(config.server.listen, { port: 1 }),
      () => (config.server.trustedProxies as string[]).push('0.0.0.0/0'),
      () => Object.assign(api.circuitBreaker, { failureThreshold: 1 }),
      () => Object.assign(api.targets[0]!, { port: 1 }),
      () => Object.assign(config.routes[0]!, { upstream: 'x' }),
      () => (config.upstreams as Map<string, unknown>).set('b', api),
      () => (config.upstreams as Map<string, unknown>).delete('api'),
      () => (config.upstreams as Map<string, unknown>).clear(),
    ];
    for (const attempt of attempts) expect(attempt).toThrow(TypeError);
    expect([...config.upstreams.keys()]).toEqual(['api']);
  });
});
