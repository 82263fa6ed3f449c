import { describe, expect, it } from 'vitest';
import { type HealthSource, healthReport, type TargetObservation } from '../../../src/proxy/health.ts';
import { type BreakerSnapshot, Bulkhead } from '../../../src/resilience/index.ts';
import { breakerSnapshot } from '../../helpers/breaker-snapshot.ts';

const NOW = Date.UTC(2026, 0, 1, 12);

function service(
  name: string,
  snapshot: Partial<BreakerSnapshot> = {},
  targets: TargetObservation[] = [],
): HealthSource {
  return {
    name,
    breaker: { snapshot: () => breakerSnapshot(`${name}-http`, snapshot) },
    breakerRules: 'opens after 5 failures in a row, for 60s',
    targets,
    bulkhead: null,
  };
}

function target(overrides: Partial<TargetObservation> = {}): TargetObservation {
  return {
    url: 'http://127.0.0.1:1',
    requests: 0,
    failures: 0,
    status: 'unknown',
    inFlight: 0,
    probes: { last: null },
    lastFailureAt: null,
    ...overrides,
  };
}

describe('the health report', () => {
  it('is healthy only when every service is', () => {
    const all = [service('auth'), service('school')];
    expect(healthReport(all, { now: NOW })).toMatchObject({
      message: 'All services are healthy',
      status: 'healthy',
    });
    for (const state of ['OPEN', 'HALF_OPEN'] as const) {
      expect(healthReport([service('student', { state }), ...all], { now: NOW })).toMatchObject({
        message: 'Some services are degraded',
        status: 'degraded',
      });
    }
  });

  it('has the shape that the school system reads', () => {
    const report = healthReport(
      [
        service('auth'),
        service('school', { state: 'HALF_OPEN', failureCount: 2, successCount: 1 }),
        service('student', {
          state: 'OPEN',
          failureCount: 5,
          failureRate: 62.5,
          openedAt: NOW - 18_000,
          retryAfterMs: 42_000,
          totals: { successes: 3, failures: 5, timeouts: 1, rejections: 7, excluded: 2, slow: 0 },
        }),
      ],
      { now: NOW },
    );
    const closed = {
      name: 'auth-http',
      state: 'CLOSED',
      mode: 'enforce',
      rules: 'opens after 5 failures in a row, for 60s',
      failure_count: 0,
      success_count: 0,
      failure_rate: 0,
      total_requests: 0,
      opened_at: null,
      retry_after_ms: 0,
    };
    const quiet = { availability: null, fallbacks: 0, recovery_ms: null, targets: [] };
    expect(report).toEqual({
      message: 'Some services are degraded',
      status: 'degraded',
      timestamp: '2026-01-01T12:00:00.000Z',
      data: {
        auth: { ...quiet, status: 'healthy', circuit_breaker: closed },
        school: {
          ...quiet,
          status: 'recovering',
          circuit_breaker: {
            ...closed,
            name: 'school-http',
            state: 'HALF_OPEN',
            failure_count: 2,
            success_count: 1,
          },
        },
        student: {
          ...quiet,
          status: 'unhealthy',
          // 3 of the 15 that asked.
          availability: 20,
          circuit_breaker: {
            ...closed,
            name: 'student-http',
            state: 'OPEN',
            failure_count: 5,
            success_count: 0,
            failure_rate: 62.5,
            total_requests: 8,
            opened_at: '2026-01-01T11:59:42.000Z',
            retry_after_ms: 42_000,
          },
        },
      },
      fallback_routes: [],
      fallbacks: [],
    });
  });

  it('calls a service healthy whose breaker only observes, and says what it would be', () => {
    const { message, data } = healthReport([service('auth', { mode: 'observe', wouldBe: 'OPEN' })], {
      now: NOW,
    });
    expect(message).toBe('All services are healthy');
    expect(data.auth).toMatchObject({
      status: 'healthy',
      circuit_breaker: { state: 'CLOSED', mode: 'observe', would_be: 'OPEN' },
    });
  });

  it('shows what traffic and probes have shown of each target', () => {
    const targets = [
      target(),
      target({ status: 'healthy', requests: 4, failures: 1, inFlight: 2, lastFailureAt: NOW }),
      target({ status: 'ejected', requests: 4, failures: 2, lastFailureAt: NOW }),
    ];
    const { auth } = healthReport([service('auth', {}, targets)], { now: NOW }).data;
    expect(auth?.targets.map(({ status }) => status)).toEqual(['unknown', 'healthy', 'ejected']);
    expect(auth?.targets[1]).toEqual({
      url: 'http://127.0.0.1:1',
      status: 'healthy',
      in_flight: 2,
      requests: 4,
      failures: 1,
      last_failure_at: '2026-01-01T12:00:00.000Z',
    });
  });

  it('shows what the last health check of a target has found', () => {
    const last = { ok: false, detail: 'status 503', durationMs: 3, at: NOW };
    const { auth } = healthReport([service('auth', {}, [target({ probes: { last } })])], { now: NOW }).data;
    const at = '2026-01-01T12:00:00.000Z';
    expect(auth?.targets[0]?.last_check).toEqual({ ok: false, detail: 'status 503', at });
  });

  it('shows what is used of a bulkhead', () => {
    const bulkhead = new Bulkhead({ name: 'auth', maxConcurrent: 3, queue: 1 });
    bulkhead.tryAcquire();
    const { auth } = healthReport([{ ...service('auth'), bulkhead }], { now: NOW }).data;
    expect(auth?.bulkhead).toEqual({ name: 'auth', in_use: 1, max_concurrent: 3, queued: 0, rejected: 0 });
  });

  it('shows how long the last recovery took', () => {
    const recoveries = { lastMs: (breaker: string) => (breaker === 'auth-http' ? 61_000 : null) };
    const { data } = healthReport([service('auth'), service('school')], { now: NOW, recoveries });
    expect([data.auth?.recovery_ms, data.school?.recovery_ms]).toEqual([61_000, null]);
  });

  it('shows which routes have a fallback, and how often it has answered', () => {
    const routes = [
      {
        path: '/courses/*',
        upstream: { name: 'courses' },
        fallback: [{ source: 'stale' as const }, { source: 'static' as const }],
        fallbackUse: { secondary: 0, stale: 4, static: 1, mock: 0 },
      },
      {
        path: '/auth/*',
        upstream: { name: 'auth' },
        fallback: [],
        fallbackUse: { secondary: 0, stale: 0, static: 0, mock: 0 },
      },
    ];
    const report = healthReport([service('courses'), service('auth')], { now: NOW, routes });
    expect(report.fallback_routes).toEqual(['/courses/*']);
    expect(report.fallbacks).toEqual([
      { route: '/courses/*', upstream: 'courses', answered: { stale: 4, static: 1 } },
    ]);
    expect([report.data.courses?.fallbacks, report.data.auth?.fallbacks]).toEqual([5, 0]);
  });

  it('can list a service of any name', () => {
    const text = JSON.stringify(healthReport([service('__proto__')], { now: NOW }));
    expect(text).toContain('"data":{"__proto__":{"status":"healthy"');
  });
});
