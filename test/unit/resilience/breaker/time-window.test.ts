import { describe, expect, it } from 'vitest';
import { CircuitBreaker, wordsNeeded } from '../../../../src/resilience/index.ts';
import { BreakerKit, KINDS } from './breaker-kit.ts';

describe.each(KINDS)('a time window on %s memory', (kind) => {
  const make = (window = { type: 'time' as const, durationMs: 1000, buckets: 10 }, threshold = 100) =>
    new BreakerKit({ failureThreshold: threshold, window }, kind);

  it('forgets by buckets as the clock goes on', () => {
    const kit = make();
    for (let bucket = 0; bucket < 10; bucket++) {
      kit.fail(bucket + 1);
      kit.clock.advance(100);
    }
    // One bucket after the other leaves: 1 + 2 + … + 10 less the first ones.
    let left = 55;
    for (let bucket = 0; bucket < 10; bucket++) {
      left -= bucket + 1;
      expect(kit.breaker.snapshot().failureCount).toBe(left);
      kit.clock.advance(100);
    }
  });

  it('ages when nothing happens, for a moment or for years', () => {
    for (const idleMs of [1000, 1001, 9999, 10_000, 256_000, 1000 * 2 ** 20 - 1000, 2 ** 31, 2 ** 32, 1e12]) {
      const kit = make(undefined, 3);
      kit.fail(2);
      kit.clock.advance(idleMs);
      expect(kit.breaker.snapshot()).toMatchObject({ failureCount: 0, requestCount: 0 });
      kit.fail(2);
      expect(kit.breaker.state).toBe('CLOSED');
      expect(kit.breaker.snapshot().failureCount).toBe(2);
    }
  });

  it('holds nothing that is older than its duration, and everything younger than that less one bucket', () => {
    const kit = make();
    kit.clock.advance(50);
    kit.fail(1);
    kit.clock.advance(900);
    expect(kit.breaker.snapshot().failureCount).toBe(1);
    kit.clock.advance(100);
    expect(kit.breaker.snapshot().failureCount).toBe(0);
  });

  it('may have buckets of a fraction of a millisecond’s multiple, and only one', () => {
    const thirds = make({ type: 'time', durationMs: 1000, buckets: 3 });
    thirds.fail(1);
    thirds.clock.advance(999);
    thirds.fail(1);
    expect(thirds.breaker.snapshot().failureCount).toBe(2);
    thirds.clock.advance(1);
    expect(thirds.breaker.snapshot().failureCount).toBe(1);
    const one = make({ type: 'time', durationMs: 1000, buckets: 1 });
    one.fail(5);
    one.clock.advance(999);
    expect(one.breaker.snapshot().failureCount).toBe(5);
    one.clock.advance(1);
    expect(one.breaker.snapshot().failureCount).toBe(0);
  });

  it('begins empty after a recovery, within the same bucket too', () => {
    const kit = new BreakerKit(
      { failureThreshold: 3, window: { type: 'time', durationMs: 60_000 }, openTimeoutMs: 10 },
      kind,
    );
    kit.fail(3);
    kit.clock.advance(10);
    kit.succeed(1);
    expect(kit.breaker.snapshot()).toMatchObject({ state: 'CLOSED', failureCount: 0, requestCount: 0 });
    kit.fail(2);
    expect(kit.breaker.state).toBe('CLOSED');
  });
});

describe('threads whose clocks are a microsecond apart', () => {
  it('keep what the one that is ahead has counted in the next lap', () => {
    const options = {
      failureThreshold: 100,
      window: { type: 'time', durationMs: 1000, buckets: 1 },
    } as const;
    const memory = new Int32Array(new SharedArrayBuffer(wordsNeeded(options) * 4));
    // Time goes on by 10 ns at each look.
    let now = 999.9995;
    const at = (aheadMs: number): CircuitBreaker => {
      const look = (): number => {
        now += 1e-5;
        return now + aheadMs;
      };
      const clock = { now: look, wallNow: () => 0 };
      return new CircuitBreaker({ name: 'x', ...options, memory, clock });
    };
    const [behind, ahead] = [at(0), at(0.001)];
    for (let round = 0; round < 3; round++) {
      for (const breaker of [ahead, behind]) breaker.settle(breaker.tryAcquire(), 'failure');
    }
    expect(ahead.snapshot().failureCount).toBe(6);
  });
});
