import { describe, expect, it } from 'vitest';
import { BreakerKit, KINDS } from './breaker-kit.ts';

const OPTIONS = { failureThreshold: 1, openTimeoutMs: 1000, halfOpenTimeoutMs: 500 };

function halfOpen(options: object, kind: (typeof KINDS)[number]): BreakerKit {
  const kit = new BreakerKit({ ...OPTIONS, ...options }, kind);
  kit.fail(1);
  kit.clock.advance(1000);
  return kit;
}

describe.each(KINDS)('a half-open breaker on %s memory', (kind) => {
  it('begins with the call that asks after the open time, which is its probe', () => {
    const kit = halfOpen({}, kind);
    const probe = kit.permit();
    expect(kit.breaker.state).toBe('HALF_OPEN');
    expect(kit.refuses).toBe(true);
    expect(kit.breaker.settle(probe, 'success')).toBe(true);
    expect(kit.story.slice(1)).toEqual([
      'OPEN>HALF_OPEN: attempting recovery',
      'HALF_OPEN>CLOSED: recovery successful',
    ]);
    expect(kit.transitions.at(-1)).toMatchObject({ openForMs: 1000, counts: { successes: 1 } });
  });

  it('permits so many probes at a time and refuses the rest', () => {
    const kit = halfOpen({ halfOpenRequests: 3, successThreshold: 10 }, kind);
    const probes = [kit.permit(), kit.permit(), kit.permit()];
    expect(kit.breaker.snapshot().halfOpenInFlight).toBe(3);
    expect([kit.refuses, kit.refuses]).toEqual([true, true]);
    kit.breaker.settle(probes[0]!, 'success');
    kit.permit();
    expect(kit.refuses).toBe(true);
  });

  it('closes after so many successful probes, not before', () => {
    const kit = halfOpen({ successThreshold: 3 }, kind);
    kit.succeed(2);
    expect(kit.breaker.snapshot()).toMatchObject({ state: 'HALF_OPEN', successCount: 2 });
    kit.succeed(1);
    expect(kit.breaker.snapshot()).toMatchObject({ state: 'CLOSED', requestCount: 0, failureRate: null });
  });

  it('opens again at the first failed probe, however many succeeded', () => {
    const kit = halfOpen({ halfOpenRequests: 2, successThreshold: 5 }, kind);
    kit.succeed(4);
    const other = kit.permit();
    kit.fail(1);
    expect(kit.breaker.snapshot()).toMatchObject({
      state: 'OPEN',
      retryAfterMs: 1000,
      failureCount: 2,
      reason: { rule: 'probe_failed', message: 'probe failed' },
    });
    expect(kit.breaker.settle(other, 'success')).toBe(false);
    expect(kit.breaker.state).toBe('OPEN');
  });

  it('gets the place of an excluded probe back, and learns nothing from it', () => {
    const kit = halfOpen({ successThreshold: 2 }, kind);
    for (let probe = 0; probe < 5; probe++) expect(kit.calls(1, 'excluded')).toBe(true);
    expect(kit.breaker.snapshot()).toMatchObject({
      state: 'HALF_OPEN',
      halfOpenInFlight: 0,
      successCount: 0,
    });
    kit.succeed(2);
    expect(kit.breaker.state).toBe('CLOSED');
  });

  it('takes a slow probe for a failed one where slow calls are judged', () => {
    const kit = halfOpen(
      { window: { type: 'count', size: 5 }, slowCall: { durationMs: 100, rate: 100 } },
      kind,
    );
    kit.calls(1, 'success', 101);
    expect(kit.breaker.lastReason()?.rule).toBe('probe_failed');
    kit.clock.advance(1000);
    kit.calls(1, 'success', 100);
    expect(kit.breaker.state).toBe('CLOSED');
  });

  it('opens again when a probe is lost, at the end of its lease', () => {
    const kit = halfOpen({}, kind);
    const lost = kit.permit();
    kit.clock.advance(499);
    expect(kit.refuses).toBe(true);
    expect(kit.breaker.state).toBe('HALF_OPEN');
    kit.clock.advance(1);
    expect(kit.refuses).toBe(true);
    expect(kit.breaker.snapshot()).toMatchObject({
      state: 'OPEN',
      retryAfterMs: 1000,
      reason: { rule: 'probe_lost', message: 'probe timed out' },
    });
    expect(kit.breaker.settle(lost, 'success')).toBe(false);
    kit.clock.advance(1000);
    kit.succeed(1);
    expect(kit.breaker.state).toBe('CLOSED');
  });

  it('does not count a probe that comes back after its lease, and opens then at the latest', () => {
    const kit = halfOpen({}, kind);
    const probe = kit.permit();
    kit.clock.advance(500);
    expect(kit.breaker.settle(probe, 'success')).toBe(false);
    expect(kit.story.at(-1)).toBe('HALF_OPEN>OPEN: probe timed out');
    expect(kit.breaker.snapshot().totals.successes).toBe(0);
  });

  it('is not opened by a free place, however long nobody asks', () => {
    const kit = halfOpen({ successThreshold: 2 }, kind);
    kit.succeed(1);
    kit.clock.advance(1e7);
    kit.succeed(1);
    expect(kit.breaker.state).toBe('CLOSED');
  });

  it('gives each new probe a whole lease', () => {
    const kit = halfOpen({ halfOpenRequests: 2, successThreshold: 2 }, kind);
    kit.permit();
    kit.clock.advance(400);
    const second = kit.permit();
    kit.clock.advance(400);
    expect(kit.breaker.settle(second, 'success')).toBe(true);
    kit.clock.advance(100);
    expect(kit.refuses).toBe(true);
    expect(kit.story.at(-1)).toBe('HALF_OPEN>OPEN: probe timed out');
  });

  it('does not let results of calls from before it opened close or open it', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    const old = [kit.permit(), kit.permit()];
    kit.fail(1);
    kit.clock.advance(1000);
    const probe = kit.permit();
    expect(kit.breaker.settle(old[0]!, 'success')).toBe(false);
    expect(kit.breaker.settle(old[1]!, 'failure')).toBe(false);
    expect(kit.breaker.snapshot()).toMatchObject({ state: 'HALF_OPEN', halfOpenInFlight: 1 });
    kit.breaker.settle(probe, 'success');
    expect(kit.breaker.state).toBe('CLOSED');
  });
});
