import { describe, expect, it } from 'vitest';
import { BreakerKit, KINDS } from './breaker-kit.ts';

describe.each(KINDS)('a reset on %s memory', (kind) => {
  it('tells nobody when the breaker is closed', () => {
    const kit = new BreakerKit({ failureThreshold: 2 }, kind);
    kit.breaker.reset();
    kit.fail(1);
    kit.breaker.reset();
    expect(kit.transitions).toEqual([]);
    expect(kit.breaker.snapshot().transitions).toBe(0);
  });

  it('closes an open one', () => {
    const kit = new BreakerKit({ failureThreshold: 1 }, kind);
    kit.fail(1);
    kit.breaker.reset();
    expect(kit.story).toEqual(['CLOSED>OPEN: max failures reached', 'OPEN>CLOSED: reset by operator']);
    expect(kit.breaker.lastReason()).toBeNull();
    kit.succeed(1);
  });

  it.each([
    ['failures in a row', { failureThreshold: 3 }],
    ['failures in a time window', { failureThreshold: 3, window: { type: 'time', durationMs: 1000 } }],
    ['failures in a count window', { failureThreshold: 3, window: { type: 'count', size: 5 } }],
  ] as const)('forgets %s', (_what, options) => {
    const kit = new BreakerKit(options, kind);
    kit.fail(2);
    kit.breaker.reset();
    expect(kit.breaker.snapshot()).toMatchObject({
      failureCount: 0,
      requestCount: 0,
      consecutiveFailures: 0,
    });
    kit.fail(2);
    expect(kit.breaker.state).toBe('CLOSED');
    kit.fail(1);
    expect(kit.breaker.state).toBe('OPEN');
  });

  it('forgets growth, and keeps totals', () => {
    const kit = new BreakerKit({ failureThreshold: 1, openTimeoutMs: { initialMs: 100, factor: 2 } }, kind);
    kit.fail(1);
    kit.clock.advance(100);
    kit.fail(1);
    expect(kit.breaker.retryAfterMs()).toBe(200);
    kit.breaker.reset();
    kit.fail(1);
    expect(kit.breaker.retryAfterMs()).toBe(100);
    expect(kit.breaker.snapshot().totals.failures).toBe(3);
  });

  it('lets calls under way count nowhere', () => {
    const kit = new BreakerKit({ failureThreshold: 1 }, kind);
    const before = kit.permit();
    kit.breaker.reset();
    expect(kit.breaker.settle(before, 'failure')).toBe(false);
    expect(kit.breaker.state).toBe('CLOSED');
  });

  it('is complete even after 256 of them, when the tags of counts come round', () => {
    const kit = new BreakerKit({ failureThreshold: 3, window: { type: 'count', size: 4 } }, kind);
    kit.fail(2);
    for (let time = 0; time < 256; time++) kit.breaker.reset();
    expect(kit.breaker.snapshot()).toMatchObject({
      failureCount: 0,
      requestCount: 0,
      consecutiveFailures: 0,
    });
  });
});
