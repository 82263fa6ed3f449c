import { describe, expect, it } from 'vitest';
import { configOf, ROUTE, SMALLEST } from './problems-of.ts';

describe('the smallest file', () => {
  it('has every default', () => {
    const config = configOf(`upstreams:
  api: { targets: [http://127.0.0.1:9001] }
routes:
  - { path: /*, upstream: api }
`);
    expect(config.server).toEqual({
      listen: { host: '0.0.0.0', port: 8080 },
      fastLane: true,
      workers: 'auto',
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
    expect(config.log).toEqual({ level: 'info', format: 'json', access: null });
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
