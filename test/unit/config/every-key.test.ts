import { describe, expect, it } from 'vitest';
import { configOf, ROUTE, SMALLEST, UPSTREAM } from './problems-of.ts';

describe('every key', () => {
  it('of server arrives under its own name', () => {
    const { server } = configOf(`server:
  listen: "[::1]:0"
  fast_lane: true
  workers: 4
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
      fastLane: true,
      workers: 4,
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
    expect(config.log).toEqual({ level: 'silent', format: 'json', access: null });
  });

  it('of the access log arrives, and each form of it means what it says', () => {
    const log = (keys: string) => configOf(`log: { ${keys} }\n${SMALLEST}`).log;
    expect(
      log(
        'format: logfmt, access: { sample: 12.5%, slow: 250ms, file: /tmp/a, query: keep, redact: [X-User, pin], request_headers: [User-Agent], client_address: prefix }',
      ),
    ).toEqual({
      level: 'info',
      format: 'logfmt',
      access: {
        sample: 12.5,
        slowMs: 250,
        file: '/tmp/a',
        query: 'keep',
        redact: ['x-user', 'pin'],
        requestHeaders: ['user-agent'],
        clientAddress: 'prefix',
      },
    });
    const usual = log('access: true').access;
    expect(usual).toEqual({
      sample: 100,
      slowMs: 1000,
      file: null,
      query: 'names',
      redact: [],
      requestHeaders: [],
      clientAddress: 'full',
    });
    expect(log('access: {}').access).toEqual(usual);
    expect(log('access: { file: "" }').access).toEqual(usual);
    expect(log('access: false').access).toBeNull();
  });

  it('of tracing arrives under its own name, and it is off without an endpoint', () => {
    const { tracing } = configOf(`tracing:
  endpoint: https://otlp.example:4318/in?key=1
  headers: { X-Api-Key: s3cret }
  sample: 12.5%
  trust_parent: true
  service_name: edge
  export: { interval: 1s, batch: 2, queue: 3, timeout: 4s }
${SMALLEST}`);
    expect(tracing).toEqual({
      endpoint: 'https://otlp.example:4318/in?key=1',
      headers: { 'X-Api-Key': 's3cret' },
      sample: 12.5,
      trustParent: true,
      serviceName: 'edge',
      export: { intervalMs: 1000, batch: 2, queue: 3, timeoutMs: 4000 },
    });
    expect(configOf(SMALLEST).tracing).toBeNull();
    expect(configOf(`tracing: { endpoint: "\${NOT_SET:-}" }\n${SMALLEST}`).tracing).toBeNull();
  });

  it('of tracing has its default', () => {
    const { tracing } = configOf(`tracing: { endpoint: "http://127.0.0.1:4318" }\n${SMALLEST}`);
    expect(tracing).toEqual({
      endpoint: 'http://127.0.0.1:4318/v1/traces',
      headers: {},
      sample: 10,
      trustParent: false,
      serviceName: 'breakwater',
      export: { intervalMs: 5000, batch: 512, queue: 4096, timeoutMs: 10_000 },
    });
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
