import { describe, expect, it } from 'vitest';
import { BreakerKit, KINDS } from './breaker-kit.ts';

describe.each(KINDS)('failures in a row, on %s memory', (kind) => {
  it('begin anew after a success', () => {
    const kit = new BreakerKit({ failureThreshold: 3 }, kind);
    for (let round = 0; round < 4; round++) {
      kit.fail(2);
      kit.succeed(1);
    }
    expect(kit.breaker.snapshot()).toMatchObject({
      consecutiveFailures: 0,
      failureCount: 0,
      failureRate: 66.67,
    });
    kit.fail(2);
    expect(kit.breaker.state).toBe('CLOSED');
    kit.fail(1);
    expect(kit.breaker.state).toBe('OPEN');
  });

  it('can be judged beside a window', () => {
    const kit = new BreakerKit(
      { consecutiveFailures: 3, failureThreshold: 10, window: { type: 'time', durationMs: 1000 } },
      kind,
    );
    kit.fail(2);
    // Far apart: the window has forgotten the first ones, the row has not.
    kit.clock.advance(5000);
    kit.fail(1);
    expect(kit.breaker.lastReason()).toMatchObject({
      rule: 'consecutive_failures',
      threshold: 3,
      failures: 1,
    });
  });

  it('open at the lower of two limits when there is no window', () => {
    const kit = new BreakerKit({ failureThreshold: 5, consecutiveFailures: 2 }, kind);
    kit.fail(2);
    expect(kit.breaker.lastReason()).toMatchObject({ rule: 'consecutive_failures', threshold: 2 });
  });

  it('may be a million', () => {
    const kit = new BreakerKit({ failureThreshold: 1_000_000 }, kind);
    kit.fail(999_999);
    expect(kit.breaker.state).toBe('CLOSED');
    kit.fail(1);
    expect(kit.breaker.state).toBe('OPEN');
  });
});
