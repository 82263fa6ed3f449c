import { describe, expect, it } from 'vitest';
import type { RetryConfig } from '../../../src/config/gateway-config.ts';
import { type AttemptFailure, RetryPlan, retryAfterMs } from '../../../src/proxy/retry-plan.ts';
import { RetryBudget } from '../../../src/resilience/index.ts';

const CONFIG: RetryConfig = {
  attempts: 3,
  backoff: { initialMs: 100, factor: 2, maxMs: 1000, jitter: 'none' },
  budget: null,
  methods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'],
  on: ['connect', 'timeout', 'reset', 'status'],
  statuses: [{ from: 502, to: 504 }],
  maxBodyBytes: 1000,
  maxRetryAfterMs: 10_000,
};

const FAILED: AttemptFailure = { condition: 'reset', status: 0, method: 'GET', retryAfterMs: 0 };
const first = (failure: Partial<AttemptFailure>, config: Partial<RetryConfig> = {}) =>
  new RetryPlan({ ...CONFIG, ...config }, null).begin().next({ ...FAILED, ...failure });

describe('whether a failed attempt is repeated', () => {
  it.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])('%s after all that is listed', (method) => {
    for (const condition of ['connect', 'timeout', 'reset'] as const) {
      expect(first({ method, condition })).toBe(100);
    }
    expect(first({ method, condition: 'status', status: 503 })).toBe(100);
  });

  it.each(['POST', 'PATCH', 'FROB', 'get'])('%s only when nothing was sent', (method) => {
    expect(first({ method, condition: 'connect' })).toBe(100);
    for (const condition of ['timeout', 'reset'] as const) expect(first({ method, condition })).toBeNull();
    expect(first({ method, condition: 'status', status: 503 })).toBeNull();
  });

  it('POST too when it is listed', () => {
    expect(first({ method: 'POST' }, { methods: ['POST'] })).toBe(100);
    expect(first({ method: 'GET' }, { methods: ['POST'] })).toBeNull();
  });

  it('not after what is not listed', () => {
    expect(first({ condition: 'protocol' })).toBeNull();
    expect(first({ condition: 'connect' }, { on: ['reset'] })).toBeNull();
    expect(first({ condition: 'status', status: 503 }, { on: ['reset'] })).toBeNull();
  });

  it('by the statuses that are listed, and no others', () => {
    const plan = new RetryPlan(CONFIG, null);
    for (const status of [502, 503, 504]) {
      expect(plan.isRetriedStatus(status)).toBe(true);
      expect(first({ condition: 'status', status })).toBe(100);
    }
    for (const status of [200, 429, 500, 501, 505]) {
      expect(plan.isRetriedStatus(status)).toBe(false);
      expect(first({ condition: 'status', status })).toBeNull();
    }
  });

  it('as often as configured, each time after a longer wait', () => {
    const run = new RetryPlan(CONFIG, null).begin();
    expect([run.next(FAILED), run.next(FAILED), run.next(FAILED)]).toEqual([100, 200, null]);
  });

  it('not before the time that the upstream asked for, and not at all when that is too long', () => {
    expect(first({ retryAfterMs: 5000 })).toBe(5000);
    expect(first({ retryAfterMs: 10_000 })).toBe(10_000);
    expect(first({ retryAfterMs: 10_001 })).toBeNull();
    expect(first({ retryAfterMs: 1 })).toBe(100);
  });

  it('only as far as the budget goes, in which one that waits counts', () => {
    const budget = new RetryBudget({ percent: 20 });
    const plan = new RetryPlan(CONFIG, budget);
    const runs = Array.from({ length: 10 }, () => plan.begin());
    // Three at any time, then a fifth of the ten.
    expect(runs.map((run) => run.next(FAILED))).toEqual([100, 100, 100, ...new Array(7).fill(null)]);
    for (const run of runs) run.end();
    expect(budget.snapshot()).toEqual({ live: 0, retrying: 0, refused: 7 });
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 10, 28, 12, 0, 0);
  const of = (value: string) => retryAfterMs(['Retry-After', value], now);

  it('in seconds', () => {
    expect([of('0'), of('3'), of(' 120 ')]).toEqual([0, 3000, 120_000]);
  });

  it('as a date, from now on', () => {
    expect(of('Sat, 28 Nov 2026 12:00:05 GMT')).toBe(5000);
    expect(of('Sat, 28 Nov 2026 11:00:00 GMT')).toBe(0);
  });

  it('of more seconds than anybody lives is long, not none', () => {
    expect(of('99999999999')).toBeGreaterThan(1e12);
    expect(of('9'.repeat(400))).toBe(Number.POSITIVE_INFINITY);
  });

  it.each(['', '-1', '1.5', 'soon', '2026-11-28', '0x10', '3, 4', 'Sat, nonsense'])(
    '"%s" asks for nothing',
    (value) => {
      expect(of(value)).toBe(0);
    },
  );

  it('that is not there asks for nothing', () => {
    expect(retryAfterMs(['X-Retry-After', '5'])).toBe(0);
  });
});
