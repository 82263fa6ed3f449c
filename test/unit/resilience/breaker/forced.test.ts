import { describe, expect, it } from 'vitest';
import { BreakerKit, KINDS } from './breaker-kit.ts';

const OPTIONS = { failureThreshold: 2, openTimeoutMs: 1000 };

describe.each(KINDS)('a forced breaker on %s memory', (kind) => {
  it('stays open without end, until it is released to a probe', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    kit.breaker.forceOpen();
    kit.clock.advance(1e8);
    expect(kit.refuses).toBe(true);
    expect(kit.breaker.forced).toBe('open');
    expect(kit.breaker.retryAfterMs()).toBe(1000);
    kit.breaker.release();
    expect(kit.breaker.forced).toBeNull();
    expect(kit.breaker.state).toBe('HALF_OPEN');
    kit.succeed(1);
    expect(kit.story).toEqual([
      'CLOSED>OPEN: forced open',
      'OPEN>HALF_OPEN: attempting recovery',
      'HALF_OPEN>CLOSED: recovery successful',
    ]);
  });

  it('stays closed whatever fails, and is judged from nothing after its release', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    kit.fail(2);
    kit.breaker.forceClose();
    expect([kit.breaker.state, kit.breaker.forced]).toEqual(['CLOSED', 'closed']);
    kit.fail(50);
    expect(kit.breaker.state).toBe('CLOSED');
    kit.breaker.release();
    expect(kit.breaker.forced).toBeNull();
    kit.fail(1);
    expect(kit.breaker.state).toBe('CLOSED');
    kit.fail(1);
    expect(kit.breaker.state).toBe('OPEN');
    expect(kit.story).toEqual([
      'CLOSED>OPEN: max failures reached',
      'OPEN>CLOSED: forced closed',
      'CLOSED>OPEN: max failures reached',
    ]);
  });

  it('goes from one force to the other, and to none by a reset', () => {
    const { breaker } = new BreakerKit(OPTIONS, kind);
    breaker.forceOpen();
    breaker.forceClose();
    expect([breaker.state, breaker.forced]).toEqual(['CLOSED', 'closed']);
    breaker.forceOpen();
    expect([breaker.state, breaker.forced]).toEqual(['OPEN', 'open']);
    breaker.reset();
    expect([breaker.state, breaker.forced]).toEqual(['CLOSED', null]);
  });

  it('tells nothing when nothing changes', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    kit.breaker.release();
    kit.breaker.forceClose();
    kit.breaker.forceClose();
    kit.breaker.release();
    kit.fail(2);
    const { openedAt } = kit.breaker.snapshot();
    kit.clock.advance(10);
    kit.breaker.forceOpen();
    kit.breaker.forceOpen();
    expect(kit.transitions).toHaveLength(1);
    expect(kit.breaker.snapshot()).toMatchObject({
      openedAt,
      transitions: 1,
      reason: { rule: 'forced_open' },
    });
  });

  it('does not let results from before count', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    const before = kit.permit();
    kit.breaker.forceClose();
    expect(kit.breaker.settle(before, 'failure')).toBe(false);
  });

  it('holds in every mode', () => {
    for (const mode of ['observe', 'disabled'] as const) {
      const kit = new BreakerKit({ ...OPTIONS, mode }, kind);
      kit.breaker.forceOpen();
      expect(kit.refuses).toBe(true);
      expect(kit.breaker.state).toBe('OPEN');
    }
  });
});
