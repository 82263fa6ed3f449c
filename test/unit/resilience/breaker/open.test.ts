import { describe, expect, it } from 'vitest';
import { BreakerKit, KINDS } from './breaker-kit.ts';

const OPTIONS = { failureThreshold: 2, openTimeoutMs: 1000 };

describe.each(KINDS)('an open breaker on %s memory', (kind) => {
  it('refuses until its time is over, to the millisecond', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    kit.fail(2);
    expect(kit.refuses).toBe(true);
    kit.clock.advance(999);
    expect(kit.refuses).toBe(true);
    expect(kit.breaker.retryAfterMs()).toBe(1);
    kit.clock.advance(1);
    expect(kit.refuses).toBe(false);
    expect(kit.breaker.snapshot().totals.rejections).toBe(2);
  });

  it('is not changed by looking at it', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    kit.fail(2);
    kit.clock.advance(5000);
    for (let look = 0; look < 3; look++) {
      expect(kit.breaker.state).toBe('OPEN');
      expect(kit.breaker.retryAfterMs()).toBe(0);
      expect(kit.breaker.snapshot()).toMatchObject({ state: 'OPEN', halfOpenInFlight: 0, transitions: 1 });
      kit.breaker.save();
      kit.breaker.lastReason();
    }
    expect(kit.transitions).toHaveLength(1);
  });

  it('says since when and why, the same as long as it is open, whatever the wall clock does', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    kit.succeed(3);
    kit.fail(2);
    const openedAt = kit.clock.wallNow();
    for (const wall of [0, openedAt + 1e9, openedAt - 1e9]) {
      kit.clock.setWall(wall);
      kit.clock.advance(10);
      expect(kit.refuses).toBe(true);
      expect(kit.breaker.snapshot()).toMatchObject({
        openedAt,
        lastChangeAt: openedAt,
        failureCount: 2,
        requestCount: 5,
        reason: { rule: 'consecutive_failures', message: 'max failures reached', failures: 2, requests: 5 },
      });
    }
  });

  it('keeps its reason after recovery, as the last one', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    kit.fail(2);
    kit.clock.advance(1000);
    kit.succeed(1);
    expect(kit.breaker.lastReason()?.rule).toBe('consecutive_failures');
    expect(kit.breaker.snapshot()).toMatchObject({ state: 'CLOSED', openedAt: null, failureCount: 0 });
  });

  it('tells of each refusal, with the time left', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    const told: unknown[] = [];
    kit.breaker.on('rejected', (event) => told.push(event));
    kit.fail(2);
    kit.clock.advance(400);
    expect(kit.refuses).toBe(true);
    expect(told).toEqual([{ breaker: 'service', state: 'OPEN', retryAfterMs: 600 }]);
  });
});
