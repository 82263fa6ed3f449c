import { describe, expect, it } from 'vitest';
import { BreakerKit, KINDS } from './breaker-kit.ts';

const OPTIONS = { failureThreshold: 2, openTimeoutMs: 1000 };

describe.each(KINDS)('permitProbe on %s memory', (kind) => {
  it('lets the next call be a probe before the open time is over', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    kit.fail(2);
    kit.clock.advance(10);
    expect(kit.refuses).toBe(true);
    expect(kit.breaker.permitProbe()).toBe(true);
    expect(kit.breaker.state).toBe('OPEN');
    expect(kit.breaker.retryAfterMs()).toBe(0);
    const probe = kit.permit();
    expect(kit.breaker.state).toBe('HALF_OPEN');
    expect(kit.refuses).toBe(true);
    kit.breaker.settle(probe, 'success');
    expect(kit.story).toEqual([
      'CLOSED>OPEN: max failures reached',
      'OPEN>HALF_OPEN: attempting recovery',
      'HALF_OPEN>CLOSED: recovery successful',
    ]);
  });

  it('tells nobody by itself', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    kit.fail(2);
    kit.breaker.permitProbe();
    expect(kit.story).toEqual(['CLOSED>OPEN: max failures reached']);
  });

  it('leaves the whole open time to the next opening', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    kit.fail(2);
    kit.breaker.permitProbe();
    kit.fail(1);
    expect(kit.breaker.retryAfterMs()).toBe(1000);
    kit.clock.advance(999);
    expect(kit.refuses).toBe(true);
  });

  it('ends a time once, and none that is over', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    kit.fail(2);
    expect([kit.breaker.permitProbe(), kit.breaker.permitProbe()]).toEqual([true, false]);
    const other = new BreakerKit(OPTIONS, kind);
    other.fail(2);
    other.clock.advance(1000);
    expect(other.breaker.permitProbe()).toBe(false);
  });

  it('does nothing to a breaker that is closed', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    expect(kit.breaker.permitProbe()).toBe(false);
    kit.fail(1);
    expect([kit.breaker.permitProbe(), kit.breaker.state]).toEqual([false, 'CLOSED']);
    kit.fail(1);
    expect(kit.breaker.state).toBe('OPEN');
  });

  it('does nothing to a breaker that is half-open: its probe keeps its lease', () => {
    const kit = new BreakerKit({ ...OPTIONS, halfOpenTimeoutMs: 500 }, kind);
    kit.fail(2);
    kit.clock.advance(1000);
    const probe = kit.permit();
    expect([kit.breaker.permitProbe(), kit.refuses, kit.breaker.state]).toEqual([false, true, 'HALF_OPEN']);
    kit.clock.advance(499);
    expect(kit.breaker.settle(probe, 'success')).toBe(true);
  });

  it('does not end what an operator forced open', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    kit.breaker.forceOpen();
    expect([kit.breaker.permitProbe(), kit.refuses, kit.breaker.forced]).toEqual([false, true, 'open']);
  });

  it('ends the time that mode observe would have refused for', () => {
    const kit = new BreakerKit({ ...OPTIONS, mode: 'observe' }, kind);
    kit.fail(2);
    expect(kit.breaker.snapshot().wouldBe).toBe('OPEN');
    expect(kit.breaker.permitProbe()).toBe(true);
    kit.succeed(1);
    expect(kit.breaker.snapshot().wouldBe).toBe('CLOSED');
  });
});
