import { describe, expect, it } from 'vitest';
import { BreakerKit, KINDS } from './breaker-kit.ts';

describe.each(KINDS)('an observing breaker on %s memory', (kind) => {
  const make = () => new BreakerKit({ failureThreshold: 2, openTimeoutMs: 1000, mode: 'observe' }, kind);

  it('never refuses, and says once when it would have opened', () => {
    const kit = make();
    const told: unknown[] = [];
    kit.breaker.on('would_open', (event) => told.push(event));
    kit.fail(20);
    expect(kit.breaker.state).toBe('CLOSED');
    expect(kit.transitions).toEqual([]);
    expect(told).toMatchObject([
      { reason: { rule: 'consecutive_failures' }, retryAfterMs: 1000, counts: { failures: 2, requests: 2 } },
    ]);
    expect(kit.breaker.snapshot()).toMatchObject({
      state: 'CLOSED',
      wouldBe: 'OPEN',
      openedAt: null,
      retryAfterMs: 0,
      transitions: 0,
      totals: { failures: 20, rejections: 0, wouldReject: 18 },
    });
  });

  it('goes on as the real one would: the first call after the open time is its probe', () => {
    const kit = make();
    let told = 0;
    kit.breaker.on('would_open', () => told++);
    kit.fail(2);
    const unjudged = kit.permit();
    kit.clock.advance(1000);
    const probe = kit.permit();
    expect(kit.breaker.settle(unjudged, 'failure')).toBe(false);
    expect(kit.breaker.settle(probe, 'failure')).toBe(true);
    expect(told).toBe(2);
    kit.clock.advance(1000);
    kit.succeed(1);
    expect(kit.breaker.snapshot().wouldBe).toBe('CLOSED');
  });
});

describe.each(KINDS)('a disabled breaker on %s memory', (kind) => {
  it('lets everything pass and counts nothing', () => {
    const kit = new BreakerKit({ failureThreshold: 1, mode: 'disabled' }, kind);
    expect(kit.fail(50)).toBe(false);
    expect(kit.breaker.snapshot()).toMatchObject({
      state: 'CLOSED',
      failureCount: 0,
      totals: { failures: 0, rejections: 0 },
    });
  });
});
