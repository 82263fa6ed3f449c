import { describe, expect, it } from 'vitest';
import { SUCCESSES } from '../../../../src/resilience/breaker/layout.ts';
import { CircuitBreaker, wordsNeeded } from '../../../../src/resilience/index.ts';
import { BreakerKit, KINDS } from './breaker-kit.ts';

describe.each(KINDS)('the statistics on %s memory', (kind) => {
  it('time the calls that have a duration', () => {
    const kit = new BreakerKit({ failureThreshold: 100 }, kind);
    expect(kit.breaker.snapshot()).toMatchObject({ minMs: null, avgMs: null, maxMs: null });
    kit.calls(1, 'success', 0.5);
    kit.calls(1, 'failure', 2.5);
    kit.calls(1, 'timeout', 3);
    kit.succeed(5);
    kit.calls(1, 'excluded', 1000);
    kit.calls(1, 'success', Number.NaN);
    kit.calls(1, 'success', -1);
    expect(kit.breaker.snapshot()).toMatchObject({
      minMs: 0.5,
      avgMs: 2,
      maxMs: 3,
      totals: { successes: 8, failures: 2, timeouts: 1, excluded: 1 },
    });
  });

  it('sum beyond 32 bits of microseconds', () => {
    const kit = new BreakerKit({}, kind);
    kit.calls(20, 'success', 1_000_000);
    expect(kit.breaker.snapshot()).toMatchObject({ minMs: 1e6, avgMs: 1e6, maxMs: 1e6 });
  });

  it('take what is longer than a word holds for the longest', () => {
    const kit = new BreakerKit({}, kind);
    kit.calls(1, 'success', 1e9);
    kit.calls(1, 'success', Number.POSITIVE_INFINITY);
    expect(kit.breaker.snapshot().maxMs).toBeCloseTo(2_147_483.647);
  });

  it('are not touched by transitions and resets', () => {
    const kit = new BreakerKit({ failureThreshold: 1, openTimeoutMs: 10 }, kind);
    kit.calls(1, 'failure', 4);
    kit.clock.advance(10);
    kit.calls(1, 'success', 2);
    kit.breaker.reset();
    expect(kit.breaker.snapshot()).toMatchObject({
      minMs: 2,
      maxMs: 4,
      transitions: 3,
      totals: { failures: 1 },
    });
  });
});

describe('totals', () => {
  it('are unsigned and come back to zero after 2^32', () => {
    const memory = new Int32Array(wordsNeeded({}));
    const breaker = new CircuitBreaker({ name: 'x', memory });
    memory[SUCCESSES] = 0x7fffffff;
    breaker.settle(breaker.tryAcquire(), 'success');
    expect(breaker.snapshot()).toMatchObject({ totals: { successes: 2 ** 31 }, requestCount: 2 ** 31 });
    memory[SUCCESSES] = -1;
    breaker.settle(breaker.tryAcquire(), 'success');
    expect(breaker.snapshot().totals.successes).toBe(0);
  });
});
