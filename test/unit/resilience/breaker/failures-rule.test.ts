import { describe, expect, it } from 'vitest';
import { BreakerKit, KINDS } from './breaker-kit.ts';

describe.each(KINDS)('failures within a window, on %s memory', (kind) => {
  const window = { type: 'time', durationMs: 30_000 } as const;

  it('count whether or not there were successes between them', () => {
    const kit = new BreakerKit({ failureThreshold: 3, window }, kind);
    for (let round = 0; round < 2; round++) {
      kit.fail(1);
      kit.succeed(10);
    }
    expect(kit.breaker.state).toBe('CLOSED');
    kit.fail(1);
    expect(kit.breaker.lastReason()).toMatchObject({
      rule: 'failures',
      message: 'max failures reached',
      failures: 3,
      requests: 23,
      threshold: 3,
      windowMs: 30_000,
    });
  });

  it('wait for minRequests when it is given: 3 failures within 30 s of at least 5 requests', () => {
    const kit = new BreakerKit({ failureThreshold: 3, window, minRequests: 5 }, kind);
    kit.fail(4);
    expect(kit.breaker.state).toBe('CLOSED');
    // The fifth call completes the sample, and it need not be a failure.
    kit.succeed(1);
    expect(kit.breaker.lastReason()).toMatchObject({ rule: 'failures', failures: 4, requests: 5 });
  });

  it('do not wait for the default minRequests', () => {
    const kit = new BreakerKit({ failureThreshold: 3, window }, kind);
    kit.fail(3);
    expect(kit.breaker.state).toBe('OPEN');
  });

  it('are no rule when only other rules are given', () => {
    const kit = new BreakerKit({ failureRate: 50, window }, kind);
    expect(kit.breaker.options.failureThreshold).toBeNull();
    kit.succeed(30);
    kit.fail(20);
    expect(kit.breaker.state).toBe('CLOSED');
  });
});
