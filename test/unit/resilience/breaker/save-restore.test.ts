import { describe, expect, it } from 'vitest';
import type { SavedBreaker } from '../../../../src/resilience/index.ts';
import { BreakerKit, KINDS } from './breaker-kit.ts';

const OPTIONS = { failureThreshold: 2, openTimeoutMs: { initialMs: 1000, factor: 2 } };

describe.each(KINDS)('a saved breaker on %s memory', (kind) => {
  /** Another process, where the clocks show something else. */
  const moved = (kit: BreakerKit): BreakerKit => {
    const other = new BreakerKit(OPTIONS, kind);
    other.clock.advance(123_456);
    other.clock.setWall(5_000_000);
    other.breaker.restore(JSON.parse(JSON.stringify(kit.breaker.save())));
    return other;
  };

  it('stays open for what remains', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    kit.fail(2);
    kit.clock.advance(400);
    const other = moved(kit);
    expect(other.breaker.snapshot()).toMatchObject({
      state: 'OPEN',
      retryAfterMs: 600,
      failureCount: 2,
      openedAt: other.clock.wallNow(),
      reason: { rule: 'consecutive_failures', failures: 2 },
      totals: { failures: 2 },
    });
    other.clock.advance(599);
    expect(other.refuses).toBe(true);
    other.clock.advance(1);
    other.succeed(1);
    expect(other.transitions.at(-1)).toMatchObject({ to: 'CLOSED', openForMs: 1000 });
  });

  it('keeps its growth, its row of failures, its totals and what was forced', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    kit.fail(2);
    kit.clock.advance(1000);
    kit.succeed(1);
    kit.fail(1);
    const other = moved(kit);
    expect(other.breaker.snapshot()).toMatchObject({
      state: 'CLOSED',
      consecutiveFailures: 1,
      totals: { failures: 3 },
    });
    other.fail(1);
    expect(other.breaker.retryAfterMs()).toBe(2000);
    for (const force of ['forceOpen', 'forceClose'] as const) {
      kit.breaker[force]();
      const forced = moved(kit).breaker;
      expect([forced.state, forced.forced]).toEqual([kit.breaker.state, kit.breaker.forced]);
    }
  });

  it('asks for a new probe if it was half-open, because the old one is gone', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    kit.fail(2);
    kit.clock.advance(1000);
    kit.permit();
    const other = moved(kit);
    expect(other.breaker.state).toBe('OPEN');
    other.succeed(1);
    expect(other.breaker.state).toBe('CLOSED');
  });

  it('names no time of day', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    kit.fail(2);
    const saved = JSON.stringify(kit.breaker.save());
    kit.clock.setWall(42);
    expect(JSON.stringify(kit.breaker.save())).toBe(saved);
  });

  it('is refused when it is not one', () => {
    const { breaker } = new BreakerKit(OPTIONS, kind);
    const good = breaker.save();
    const wrong: unknown[] = [
      null,
      {},
      { ...good, version: 2 },
      { ...good, state: 'AJAR' },
      { ...good, growth: -1 },
      { ...good, openMsLeft: 'soon' },
      { ...good, rule: 'mood' },
      { ...good, totals: undefined },
    ];
    for (const saved of wrong) {
      expect(() => breaker.restore(saved as SavedBreaker)).toThrow(
        expect.objectContaining({ option: 'saved' }),
      );
    }
    breaker.restore(good);
  });
});
