import { describe, expect, it } from 'vitest';
import type { RuleGauge } from '../../../../src/admin/live/live-types.ts';
import { ruleGauges } from '../../../../src/admin/live/rule-gauges.ts';
import { CircuitBreaker, type CircuitBreakerOptions, ManualClock } from '../../../../src/resilience/index.ts';

type Call = 'good' | 'bad' | 'slow';

/** What the gauges of a real breaker say after calls. */
function gaugesAfter(calls: readonly Call[], options: Omit<CircuitBreakerOptions, 'name'>): RuleGauge[] {
  const breaker = new CircuitBreaker({ name: 'a', clock: new ManualClock(), ...options });
  for (const call of calls) {
    breaker.settle(breaker.tryAcquire(), call === 'bad' ? 'failure' : 'success', call === 'slow' ? 5000 : 1);
  }
  return ruleGauges(breaker.options, breaker.snapshot());
}

const WINDOW = { type: 'count', size: 20 } as const;

describe('the gauges of a breaker', () => {
  it('count failures in a row without a window, and begin anew after a success', () => {
    const streak = (value: number) => [{ rule: 'consecutive_failures', value, threshold: 5, unit: 'calls' }];
    expect(gaugesAfter([], {})).toEqual(streak(0));
    expect(gaugesAfter(['bad', 'good', 'bad', 'bad'], {})).toEqual(streak(2));
  });

  it('show the smaller of two thresholds for failures in a row', () => {
    const [gauge, ...others] = gaugesAfter(['bad'], { failureThreshold: 7, consecutiveFailures: 3 });
    expect(gauge).toEqual({ rule: 'consecutive_failures', value: 1, threshold: 3, unit: 'calls' });
    expect(others).toEqual([]);
  });

  it('count failures within a window, beside those in a row', () => {
    const options = { failureThreshold: 5, consecutiveFailures: 4, window: WINDOW };
    expect(gaugesAfter(['bad', 'good', 'bad'], options)).toEqual([
      { rule: 'failures', value: 2, threshold: 5, unit: 'calls' },
      { rule: 'consecutive_failures', value: 1, threshold: 4, unit: 'calls' },
    ]);
    expect(gaugesAfter([], options)[0]).toMatchObject({ value: 0 });
  });

  it('say nothing of failures before there are enough calls', () => {
    const options = { failureThreshold: 2, minRequests: 4, window: WINDOW };
    expect(gaugesAfter(['bad', 'bad', 'good'], options)).toMatchObject([{ rule: 'failures', value: null }]);
    expect(gaugesAfter(['bad', 'good', 'good', 'good'], options)).toMatchObject([{ value: 1 }]);
  });

  it('show rates in percent, once there are enough calls', () => {
    const options = {
      failureRate: 50,
      slowCall: { durationMs: 1000, rate: 80 },
      minRequests: 4,
      window: WINDOW,
    };
    const rates = (failed: number | null, slow: number | null) => [
      { rule: 'failure_rate', value: failed, threshold: 50, unit: 'percent' },
      { rule: 'slow_call_rate', value: slow, threshold: 80, unit: 'percent' },
    ];
    expect(gaugesAfter(['bad', 'slow', 'slow'], options)).toEqual(rates(null, null));
    expect(gaugesAfter(['bad', 'slow', 'slow', 'good'], options)).toEqual(rates(25, 50));
  });

  it('stand at their threshold when it has opened', () => {
    expect(gaugesAfter(['bad', 'bad', 'bad'], { failureThreshold: 3 })).toMatchObject([
      { value: 3, threshold: 3 },
    ]);
    const rate = gaugesAfter(['bad', 'bad'], { failureRate: 90, minRequests: 2, window: WINDOW });
    expect(rate).toMatchObject([{ value: 100, threshold: 90 }]);
  });

  it('go on in mode observe, and are none in mode disabled', () => {
    expect(gaugesAfter(['bad'], { mode: 'observe' })).toMatchObject([{ value: 1, threshold: 5 }]);
    expect(gaugesAfter(['bad'], { mode: 'disabled' })).toEqual([]);
  });
});
