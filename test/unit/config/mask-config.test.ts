import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { maskConfig } from '../../../src/config/mask-config.ts';
import { configOf, SMALLEST } from './problems-of.ts';

const FULL = `server: { listen: "[::1]:8080", max_body_size: unlimited, trusted_proxies: [10.0.0.0/8] }
admin: { listen: 0.0.0.0:9901, token: s3cret-t0ken }
answers: { via: false, server_timing: false }
log: { level: warn, format: logfmt, access: { sample: 0.5%, slow: 2s, file: a.txt, query: drop, redact: [pin], request_headers: [Referer], client_address: none } }
cache:
  max_size: 100MiB
  max_entry_size: 64KiB
  redis: { url: "rediss://default:s3cret@pw@cache:6380/3", command_timeout: 1s, prefix: "bw:", failure_threshold: 2, open_timeout: 3s }
tracing: { endpoint: "https://otlp:4318/v1/traces?key=s3cret", headers: { Authorization: Bearer s3cret }, sample: 0.5%, trust_parent: true, service_name: edge, export: { interval: 1s, batch: 5, queue: 50, timeout: 2s } }
bulkheads: { read: { max_concurrent: 5, queue: 6, queue_timeout: 7s }, write: { max_concurrent: 8 } }
upstreams:
  api:
    targets: [{ url: http://a:1, weight: 2 }, https://b]
    circuit_breaker: { name: api-http, failure_threshold: 3, open_timeout: 90s, half_open_timeout: 250ms, excluded_statuses: [404, 420-429], failure_errors: [], failure_grpc_statuses: [UNAVAILABLE, 8] }
    balance: { hash: { header: X-User } }
    slow_start: 30s
    ejection: false
    bulkhead: { max_concurrent: 9, queue: 1, queue_timeout: 2s }
    health_check: { path: /up, method: GET, interval: 10s, unhealthy_interval: 1s, timeout: 3s, jitter: 5%, rise: 1, fall: 1, expect: { status: 204, body: ok } }
  b:
    targets: [http://_b._tcp.internal]
    dns: { refresh: 5s, records: srv, servers: ["[::1]:53"] }
    ejection: { consecutive_failures: 1, base_time: 2s, max_time: 3s, max_ejected: 12.5% }
    balance: { hash: ip }
    bulkhead: read
    circuit_breaker: { window: 1m, failure_rate: 12.5%, slow_call: { duration: 2s, rate: 80% }, min_requests: 7, failure_statuses: [429, 500-599], open_timeout: { initial: 1s, factor: 2, max: 5m, jitter: 20% }, mode: observe }
  c:
    targets: [http://c:1, http://d:1]
    balance: latency
    health_check: { method: HEAD }
    circuit_breaker: { window: { count: 50 }, failure_threshold: 3, consecutive_failures: 2, open_timeout: { initial: 1s, jitter: full } }
routes:
  - { path: /a/*, host: "*.example.com", methods: [GET], upstream: api, strip_prefix: /a, cache: true, bulkhead: read, websocket: false }
  - path: /b/:id
    upstream: api
    rewrite: /:id
    timeout: 5m
    tunnel_idle_timeout: 1m
    cache: { ttl: 90s }
    bulkhead: { write: write }
    retry: { attempts: 5, backoff: { initial: 1ms, factor: 1.5, max: 2ms, jitter: none }, budget: unlimited, methods: [GET], on: [connect, protocol], max_body: 0B, max_retry_after: 0s }
    fallback:
      - { upstream: b, methods: [POST], on: [open] }
      - { stale: 1h }
      - { static: { status: 503, headers: { retry-after: "5", content-type: text/html }, body: <p> }, on: [full] }
      - { static: { status: 204 }, methods: [HEAD] }
      - { static: { json: { a: [1, null] } } }
  - { path: /c, upstream: c, retry: 2 }
`;

describe('the configuration that operators see', () => {
  it('has no secrets', () => {
    const masked = maskConfig(configOf(FULL));
    expect(JSON.stringify(masked)).not.toMatch(/s3cret|default|pw/);
    expect(masked).toMatchObject({ cache: { redis: { url: 'rediss://********@cache:6380/3' } } });
    expect(masked).toMatchObject({
      tracing: {
        endpoint: 'https://otlp:4318/v1/traces?********',
        headers: { Authorization: '********' },
      },
    });
    expect(maskConfig(configOf(SMALLEST))).not.toHaveProperty('tracing');
    expect(masked).toMatchObject({ admin: { listen: '0.0.0.0:9901', token: '********' } });
    expect(maskConfig(configOf(`admin: {}\n${SMALLEST}`))).toMatchObject({ admin: { token: null } });
    expect(maskConfig(configOf(SMALLEST))).toMatchObject({ admin: null });
  });

  it('has no password in a URL, even if one got there', () => {
    const config = structuredClone(configOf(SMALLEST));
    Object.assign(config.upstreams.get('api')!.targets[0]!, { url: 'http://user:pass@a:1' });
    expect(JSON.stringify(maskConfig(config))).not.toMatch(/user|pass/);
  });

  it('is a configuration that means the same', () => {
    const config = configOf(FULL);
    const again = configOf(stringify(maskConfig(config)));
    const withoutLines = (routes: typeof config.routes) => routes.map((route) => ({ ...route, line: 0 }));
    for (const key of ['server', 'answers', 'log', 'bulkheads'] as const)
      expect(again[key]).toEqual(config[key]);
    expect(again.cache).toEqual({
      ...config.cache,
      redis: { ...config.cache.redis, url: 'rediss://********@cache:6380/3' },
    });
    expect(again.tracing).toEqual({
      ...config.tracing,
      endpoint: 'https://otlp:4318/v1/traces?********',
      headers: { Authorization: '********' },
    });
    expect(again.upstreams).toEqual(config.upstreams);
    expect(withoutLines(again.routes)).toEqual(withoutLines(config.routes));
  });

  it('names the profile in effect, and its fields where they hold', () => {
    const masked = maskConfig(configOf(`profile: development\n${SMALLEST}`));
    expect(masked).toMatchObject({
      profile: 'development',
      upstreams: { api: { circuit_breaker: { failure_threshold: 3, open_timeout: '30s' } } },
    });
    expect(maskConfig(configOf(SMALLEST))).not.toHaveProperty('profile');
  });
});
