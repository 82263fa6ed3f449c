import { describe, expect, it } from 'vitest';
import { reachesRate } from '../../../../src/resilience/breaker/rules/reaches-rate.ts';
import { BreakerKit, KINDS } from './breaker-kit.ts';

describe.each(KINDS)('the failure rate, on %s memory', (kind) => {
  const window = { type: 'time', durationMs: 10_000 } as const;

  it('opens at exactly its threshold, of at least 20 calls', () => {
    const kit = new BreakerKit({ failureRate: 50, window }, kind);
    kit.fail(9);
    kit.succeed(9);
    kit.fail(1);
    expect(kit.breaker.state).toBe('CLOSED');
    kit.succeed(1);
    expect(kit.breaker.lastReason()).toMatchObject({
      rule: 'failure_rate',
      message: 'failure rate exceeded',
      failures: 10,
      requests: 20,
      threshold: 50,
    });
  });

  it('stays closed one failure below', () => {
    const kit = new BreakerKit({ failureRate: 50, window }, kind);
    kit.fail(9);
    kit.succeed(11);
    expect(kit.breaker.snapshot()).toMatchObject({ state: 'CLOSED', failureRate: 45, requestCount: 20 });
  });

  it('is of counted calls: neither those under way, nor excluded, nor refused', () => {
    const kit = new BreakerKit({ failureRate: 50, window, minRequests: 4 }, kind);
    for (let call = 0; call < 10; call++) kit.permit();
    kit.calls(10, 'excluded');
    kit.succeed(2);
    kit.fail(2);
    expect(kit.breaker.lastReason()).toMatchObject({ failures: 2, requests: 4 });
  });

  it('is judged at the next result when successes have left the window', () => {
    const kit = new BreakerKit({ failureRate: 50, window, minRequests: 4 }, kind);
    kit.succeed(10);
    kit.clock.advance(5000);
    kit.fail(4);
    expect(kit.breaker.state).toBe('CLOSED');
    kit.clock.advance(5000);
    kit.succeed(1);
    expect(kit.breaker.lastReason()).toMatchObject({ rule: 'failure_rate', failures: 4, requests: 5 });
  });

  it('can be a hundredth of a percent', () => {
    const kit = new BreakerKit({ failureRate: 33.33, window, minRequests: 3 }, kind);
    kit.succeed(2);
    kit.fail(1);
    expect(kit.breaker.state).toBe('OPEN');
    const other = new BreakerKit({ failureRate: 33.34, window, minRequests: 3 }, kind);
    other.succeed(2);
    other.fail(1);
    expect(other.breaker.state).toBe('CLOSED');
  });
});

describe('a rate', () => {
  it('is compared without rounding, for every share of up to 400 calls', () => {
    for (let whole = 1; whole <= 400; whole++) {
      for (let part = 0; part <= whole; part++) {
        const exact = (10_000n * BigInt(part)) / BigInt(whole);
        const reached = Number(exact);
        if (reached > 0) expect(reachesRate(part, whole, reached)).toBe(true);
        if (reached < 10_000) expect(reachesRate(part, whole, reached + 1)).toBe(false);
      }
    }
  });

  it('of 7 percent is reached by 7 of 100 and not by 6.99 percent', () => {
    expect(reachesRate(7, 100, 700)).toBe(true);
    expect(reachesRate(699, 10_000, 700)).toBe(false);
    expect(reachesRate(0, 0, 1)).toBe(false);
  });
});
