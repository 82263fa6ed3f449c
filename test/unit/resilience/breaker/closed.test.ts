import { describe, expect, it } from 'vitest';
import { BreakerKit, KINDS } from './breaker-kit.ts';

describe.each(KINDS)('a closed breaker on %s memory', (kind) => {
  it('lets everything through and is the first state', () => {
    const { breaker } = new BreakerKit({}, kind);
    expect(breaker.state).toBe('CLOSED');
    const permits = Array.from({ length: 100 }, () => breaker.tryAcquire());
    expect(permits.every((permit) => permit !== 0)).toBe(true);
    expect(breaker.retryAfterMs()).toBe(0);
    expect(breaker.lastReason()).toBeNull();
  });

  it('opens at the fifth failure in a row unless told otherwise, and tells it once', () => {
    const kit = new BreakerKit({}, kind);
    kit.fail(4);
    expect(kit.breaker.state).toBe('CLOSED');
    kit.fail(1);
    expect(kit.breaker.state).toBe('OPEN');
    expect(kit.story).toEqual(['CLOSED>OPEN: max failures reached']);
    expect(kit.transitions[0]).toMatchObject({
      breaker: 'service',
      at: kit.clock.wallNow(),
      counts: { failures: 5, successes: 0, requests: 5 },
      reason: { rule: 'consecutive_failures', failures: 5, threshold: 5 },
      retryAfterMs: 60_000,
    });
  });

  it('counts nothing for an excluded call', () => {
    const kit = new BreakerKit({ failureThreshold: 2 }, kind);
    kit.fail(1);
    expect(kit.calls(10, 'excluded')).toBe(true);
    expect(kit.breaker.snapshot()).toMatchObject({ consecutiveFailures: 1, requestCount: 1 });
    kit.fail(1);
    expect(kit.breaker.state).toBe('OPEN');
  });

  it('takes a timeout for a failure', () => {
    const kit = new BreakerKit({ failureThreshold: 2 }, kind);
    kit.calls(2, 'timeout');
    expect(kit.breaker.state).toBe('OPEN');
    expect(kit.breaker.snapshot().totals).toMatchObject({ failures: 2, timeouts: 2 });
  });

  it('lets results that come after it opened count nowhere', () => {
    const kit = new BreakerKit({ failureThreshold: 2 }, kind);
    const late = [kit.permit(), kit.permit(), kit.permit()];
    kit.fail(2);
    expect(late.map((permit) => kit.breaker.settle(permit, 'failure', 5))).toEqual([false, false, false]);
    expect(kit.breaker.snapshot()).toMatchObject({ failureCount: 2, maxMs: null, totals: { failures: 2 } });
    expect(kit.transitions).toHaveLength(1);
  });
});
