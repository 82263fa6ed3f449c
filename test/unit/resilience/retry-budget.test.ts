import { describe, expect, it } from 'vitest';
import { RetryBudget } from '../../../src/resilience/retry-budget.ts';

function withLive(budget: RetryBudget, live: number): RetryBudget {
  for (let call = 0; call < live; call++) budget.enter();
  return budget;
}

/** Retries that the budget allows at the same time. */
function allowed(budget: RetryBudget): number {
  let count = 0;
  while (budget.tryAcquire()) count++;
  return count;
}

describe('RetryBudget', () => {
  it('allows its share of the calls that are alive', () => {
    expect(allowed(withLive(new RetryBudget({ percent: 20 }), 100))).toBe(20);
    expect(allowed(withLive(new RetryBudget({ percent: 20 }), 104))).toBe(20);
    expect(allowed(withLive(new RetryBudget({ percent: 20 }), 105))).toBe(21);
    expect(allowed(withLive(new RetryBudget({ percent: 100 }), 7))).toBe(7);
  });

  it('does not let rounding decide', () => {
    // 0.07 * 100 is 7.000000000000001 in floating point.
    expect(allowed(withLive(new RetryBudget({ percent: 7, minConcurrent: 0 }), 100))).toBe(7);
    expect(allowed(withLive(new RetryBudget({ percent: 0.29, minConcurrent: 0 }), 10_000))).toBe(29);
  });

  it('always allows the minimum, however little traffic there is', () => {
    expect(allowed(withLive(new RetryBudget({ percent: 20, minConcurrent: 3 }), 1))).toBe(3);
    expect(allowed(withLive(new RetryBudget({ percent: 20, minConcurrent: 0 }), 4))).toBe(0);
  });

  it('shrinks with the traffic', () => {
    const budget = withLive(new RetryBudget({ percent: 50, minConcurrent: 0 }), 10);
    expect(allowed(budget)).toBe(5);
    budget.release();
    for (let call = 0; call < 5; call++) budget.leave();
    expect(budget.tryAcquire()).toBe(false);
  });

  it('gives room back on release, and counts refusals', () => {
    const budget = withLive(new RetryBudget({ percent: 10, minConcurrent: 1 }), 1);
    expect(budget.tryAcquire()).toBe(true);
    expect(budget.tryAcquire()).toBe(false);
    budget.release();
    expect(budget.tryAcquire()).toBe(true);
    expect(budget.snapshot()).toEqual({ live: 1, retrying: 1, refused: 1 });
  });

  it.each([
    [{ percent: 0 }, 'percent'],
    [{ percent: 101 }, 'percent'],
    [{ percent: Number.NaN }, 'percent'],
    [{ minConcurrent: -1 }, 'minConcurrent'],
  ])('refuses %o', (options, name) => {
    expect(() => new RetryBudget(options)).toThrow(name);
  });
});
