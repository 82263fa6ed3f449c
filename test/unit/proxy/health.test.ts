import { describe, expect, it } from 'vitest';
import { type HealthSource, healthReport, type TargetObservation } from '../../../src/proxy/health.ts';
import type { BreakerSnapshot } from '../../../src/resilience/index.ts';
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
  };
}

function target(overrides: Partial<TargetObservation> = {}): TargetObservation {
  return {
    url: 'http://127.0.0.1:1',
    requests: 0,
    failures: 0,
    consecutiveFailures: 0,
    lastFailureAt: null,
    ...overrides,
  };
}

describe('the health report', () => {
  it('is healthy only when every service is', () => {
    const all = [service('auth'), service('school')];
    expect(healthReport(all, NOW)).toMatchObject({ message: 'All services are healthy', status: 'healthy' });
    for (const state of ['OPEN', 'HALF_OPEN'] as const) {
      expect(healthReport([service('student', { state }), ...all], NOW)).toMatchObject({
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
      NOW,
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
    expect(report).toEqual({
      message: 'Some services are degraded',
      status: 'degraded',
      timestamp: '2026-01-01T12:00:00.000Z',
      data: {
        auth: { status: 'healthy', circuit_breaker: closed, targets: [] },
        school: {
          status: 'recovering',
          circuit_breaker: {
            ...closed,
            name: 'school-http',
            state: 'HALF_OPEN',
            failure_count: 2,
            success_count: 1,
          },
          targets: [],
        },
        student: {
          status: 'unhealthy',
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
          targets: [],
        },
      },
      fallback_routes: [],
    });
  });

  it('calls a service healthy whose breaker only observes, and says what it would be', () => {
    const { message, data } = healthReport([service('auth', { mode: 'observe', wouldBe: 'OPEN' })], NOW);
    expect(message).toBe('All services are healthy');
    expect(data.auth).toMatchObject({
      status: 'healthy',
      circuit_breaker: { state: 'CLOSED', mode: 'observe', would_be: 'OPEN' },
    });
  });

  it('shows what the traffic has shown of each target', () => {
    const targets = [
      target(),
      target({ requests: 4, failures: 1, lastFailureAt: NOW }),
      target({ requests: 4, failures: 2, consecutiveFailures: 1, lastFailureAt: NOW }),
    ];
    const { auth } = healthReport([service('auth', {}, targets)], NOW).data;
    expect(auth?.targets.map(({ status }) => status)).toEqual(['unknown', 'healthy', 'unhealthy']);
    expect(auth?.targets[1]).toEqual({
      url: 'http://127.0.0.1:1',
      status: 'healthy',
      requests: 4,
      failures: 1,
      last_failure_at: '2026-01-01T12:00:00.000Z',
    });
  });

  it('can list a service of any name', () => {
    const text = JSON.stringify(healthReport([service('__proto__')], NOW));
    expect(text).toContain('"data":{"__proto__":{"status":"healthy"');
  });
});
