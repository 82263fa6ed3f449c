import { describe, expect, it } from 'vitest';
import { BreakerKit, KINDS } from './breaker-kit.ts';

describe.each(KINDS)('the open time on %s memory', (kind) => {
  const openTimeoutMs = { initialMs: 100, factor: 2, maxMs: 500 };
  const make = (more: object = {}, random?: () => number) =>
    new BreakerKit({ failureThreshold: 1, openTimeoutMs: { ...openTimeoutMs, ...more }, random }, kind);

  /** Opens it by a failure or a failed probe. @returns for how long */
  const open = (kit: BreakerKit): number => {
    kit.clock.advance(kit.breaker.retryAfterMs());
    kit.fail(1);
    return kit.breaker.retryAfterMs();
  };

  it('grows from failed probe to failed probe, up to its cap', () => {
    const kit = make();
    expect(Array.from({ length: 6 }, () => open(kit))).toEqual([100, 200, 400, 500, 500, 500]);
  });

  it('grows when a probe is lost, too', () => {
    const kit = make();
    open(kit);
    kit.clock.advance(100);
    kit.permit();
    kit.clock.advance(10_000);
    expect(kit.refuses).toBe(true);
    expect(kit.breaker.retryAfterMs()).toBe(200);
  });

  it('does not fall back by one lucky probe', () => {
    const kit = make();
    open(kit);
    open(kit);
    kit.clock.advance(200);
    kit.succeed(1);
    expect(kit.breaker.state).toBe('CLOSED');
    expect(open(kit)).toBe(400);
  });

  it('falls back after a success that comes when it has been closed as long as it had been open', () => {
    const kit = make();
    open(kit);
    open(kit);
    kit.clock.advance(200);
    kit.succeed(1);
    kit.clock.advance(199);
    kit.succeed(1);
    kit.clock.advance(1);
    kit.succeed(1);
    expect(open(kit)).toBe(100);
  });

  it('does not fall back by successes before that', () => {
    const kit = make();
    open(kit);
    open(kit);
    kit.clock.advance(200);
    kit.succeed(1);
    kit.clock.advance(199);
    kit.succeed(10);
    expect(open(kit)).toBe(400);
  });

  it('does not fall back by time without a success', () => {
    const kit = make();
    open(kit);
    kit.clock.advance(100);
    kit.succeed(1);
    kit.clock.advance(1e6);
    expect(open(kit)).toBe(200);
  });

  it('does not grow by being forced open', () => {
    const kit = make();
    kit.breaker.forceOpen();
    kit.breaker.forceClose();
    kit.breaker.release();
    expect(open(kit)).toBe(100);
  });

  it('is shortened by jitter, never lengthened', () => {
    expect(open(make({ jitter: 0.5 }, () => 0))).toBe(100);
    expect(open(make({ jitter: 0.5 }, () => 0.5))).toBe(75);
    expect(open(make({ jitter: 1 }, () => 0.999999))).toBe(1);
  });

  it('does not grow unless told to', () => {
    const kit = make({ factor: undefined, maxMs: undefined });
    expect([open(kit), open(kit), open(kit)]).toEqual([100, 100, 100]);
  });
});
