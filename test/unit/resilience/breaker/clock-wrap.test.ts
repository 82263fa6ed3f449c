import { describe, expect, it } from 'vitest';
import { CircuitBreaker, ManualClock } from '../../../../src/resilience/index.ts';

const ORIGINS = [2 ** 31 - 500, 2 ** 32 - 500, 2 ** 40 + 0.25, 0.75];

describe('32-bit times', () => {
  it.each(ORIGINS)('keep open times and leases right around %d', (origin) => {
    const clock = new ManualClock(origin);
    const breaker = new CircuitBreaker({
      name: 'wrap',
      clock,
      failureThreshold: 1,
      openTimeoutMs: 1000,
      halfOpenTimeoutMs: 1000,
    });
    for (let round = 0; round < 3; round++) {
      breaker.settle(breaker.tryAcquire(), 'failure');
      expect(breaker.retryAfterMs()).toBe(1000);
      expect(breaker.tryAcquire()).toBe(0);
      clock.advance(999);
      expect(breaker.tryAcquire()).toBe(0);
      clock.advance(1);
      expect(breaker.tryAcquire()).not.toBe(0);
      clock.advance(999);
      expect(breaker.tryAcquire()).toBe(0);
      expect(breaker.state).toBe('HALF_OPEN');
      clock.advance(1);
      expect(breaker.tryAcquire()).toBe(0);
      expect(breaker.state).toBe('OPEN');
      breaker.reset();
    }
  });

  it.each([25, 40, 49, 60, 400])('do not keep a breaker open that nobody asked for %d days', (days) => {
    const clock = new ManualClock();
    const breaker = new CircuitBreaker({ name: 'idle', clock, failureThreshold: 1 });
    breaker.settle(breaker.tryAcquire(), 'failure');
    clock.advance(days * 86_400_000);
    expect(breaker.retryAfterMs()).toBe(0);
    const probe = breaker.tryAcquire();
    expect(probe).not.toBe(0);
    clock.advance(days * 86_400_000);
    expect(breaker.settle(probe, 'success')).toBe(false);
    expect(breaker.lastReason()?.rule).toBe('probe_lost');
  });
});
