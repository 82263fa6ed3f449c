import { describe, expect, it } from 'vitest';
import { BreakerKit, KINDS } from './breaker-kit.ts';

describe.each(KINDS)('the slow-call rate, on %s memory', (kind) => {
  const make = (type: 'time' | 'count') =>
    new BreakerKit(
      {
        slowCall: { durationMs: 100, rate: 50 },
        window: type === 'time' ? { type, durationMs: 10_000 } : { type, size: 10 },
        minRequests: 4,
      },
      kind,
    );

  it.each(['time', 'count'] as const)('opens by successes that are slow (%s window)', (type) => {
    const kit = make(type);
    kit.calls(2, 'success', 50);
    kit.calls(1, 'success', 100.5);
    expect(kit.breaker.state).toBe('CLOSED');
    kit.calls(1, 'success', 5000);
    expect(kit.breaker.lastReason()).toMatchObject({
      rule: 'slow_call_rate',
      message: 'slow call rate exceeded',
      slowCalls: 2,
      failures: 0,
      requests: 4,
      threshold: 50,
    });
  });

  it('takes a call for slow only if it is longer than the limit', () => {
    const kit = make('time');
    kit.calls(50, 'success', 100);
    expect(kit.breaker.snapshot()).toMatchObject({ state: 'CLOSED', slowRate: 0, totals: { slow: 0 } });
  });

  it('counts slow failures too', () => {
    const kit = make('time');
    kit.calls(2, 'success', 1);
    kit.calls(2, 'failure', 200);
    expect(kit.breaker.lastReason()?.rule).toBe('slow_call_rate');
  });

  it('takes a call without a duration for not slow', () => {
    const kit = make('time');
    kit.succeed(10);
    expect(kit.breaker.snapshot()).toMatchObject({ slowRate: 0, avgMs: null });
  });
});
