import { describe, expect, it } from 'vitest';
import { configOf } from './problems-of.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: references to variables look like that

/** Every key of the file that Breakwater promises, with the fallback's second upstream and its elisions filled in. */
const FILE = `server: { listen: 0.0.0.0:8080, workers: auto, fast_lane: true }
admin: { listen: 127.0.0.1:9901, token: \${BREAKWATER_ADMIN_TOKEN} }   # health detail, metrics, reset, dashboard
circuit_breakers:                        # named profiles
  production: { failure_threshold: 10, open_timeout: 120s }
upstreams:
  auth-secondary: { targets: [http://auth-secondary:8081] }
  auth:
    targets: [http://auth-service:8081]  # or { url, weight }
    balance: round_robin
    circuit_breaker:                     # a profile's name, or the fields
      name: auth-service-http            # in logs and metrics; default: the upstream's name
      failure_threshold: 5               # failures in a row; with \`window\`, failures within it
      consecutive_failures: 5
      failure_rate: 50%                  # of at least min_requests within window
      slow_call: { duration: 2s, rate: 80% }
      window: 30s
      min_requests: 20
      success_threshold: 1
      half_open_requests: 1
      half_open_timeout: 10s
      request_timeout: 10s
      open_timeout: 60s                  # or { initial, factor, max, jitter }
      mode: enforce                      # enforce | observe | disabled
    bulkhead: { max_concurrent: 256, queue: 64, queue_timeout: 1s }
    health_check: { path: /health, interval: 15s, timeout: 2s }
routes:
  - path: /auth/*                        # whole segments; also host, methods, headers
    upstream: auth
    timeout: 30s
    retry: { attempts: 3, backoff: { initial: 50ms, factor: 2, max: 1s, jitter: full }, budget: 20% }
    fallback:                            # tried in this order
      - { upstream: auth-secondary }
      - { stale: 5m }
      - { static: { status: 200, headers: { X-Source: default }, json: [] } }
`;
const ENV = { BREAKWATER_ADMIN_TOKEN: 'abc' };

describe('the full configuration file that is promised', () => {
  it('is right as printed', () => {
    const { admin, upstreams, routes } = configOf(FILE, ENV);
    expect(admin?.token).toBe('abc');
    expect(upstreams.get('auth')).toMatchObject({
      balance: { type: 'round_robin' },
      bulkhead: { name: 'auth', maxConcurrent: 256, queue: 64, queueTimeoutMs: 1000 },
      healthCheck: { path: '/health', intervalMs: 15_000, timeoutMs: 2000 },
      circuitBreaker: {
        name: 'auth-service-http',
        failureThreshold: 5,
        consecutiveFailures: 5,
        failureRate: 50,
        slowCall: { durationMs: 2000, rate: 80 },
        window: { type: 'time', durationMs: 30_000 },
        minRequests: 20,
        halfOpenTimeoutMs: 10_000,
        openTimeoutMs: 60_000,
      },
    });
    expect(routes).toMatchObject([
      {
        path: '/auth/*',
        timeoutMs: 30_000,
        retry: {
          attempts: 3,
          backoff: { initialMs: 50, factor: 2, maxMs: 1000, jitter: 'full' },
          budget: 20,
        },
        fallback: [
          { type: 'upstream', upstream: 'auth-secondary' },
          { type: 'stale', maxAgeMs: 300_000 },
          {
            type: 'static',
            answer: {
              status: 200,
              headers: ['Content-Type', 'application/json', 'X-Source', 'default'],
              body: '[]',
            },
          },
        ],
      },
    ]);
  });
});

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
