import { describe, expect, it } from 'vitest';
import { Backoff } from '../../../src/resilience/backoff.ts';

const always = (value: number) => () => value;
const ALMOST_ONE = 1 - Number.EPSILON;

function delays(backoff: Backoff, retries: number): number[] {
  return Array.from({ length: retries }, (_, index) => backoff.delayMs(index + 1));
}

describe('Backoff', () => {
  it('grows by the factor up to the cap', () => {
    const backoff = new Backoff({ initialMs: 100, factor: 3, maxMs: 2000, jitter: 'none' });
    expect(delays(backoff, 5)).toEqual([100, 300, 900, 2000, 2000]);
  });

  it('spreads full jitter from nothing to the whole delay', () => {
    const options = { initialMs: 100, factor: 2, maxMs: 10_000, jitter: 'full' } as const;
    expect(delays(new Backoff({ ...options, random: always(0) }), 3)).toEqual([0, 0, 0]);
    expect(delays(new Backoff({ ...options, random: always(0.5) }), 3)).toEqual([50, 100, 200]);
    expect(new Backoff({ ...options, random: always(ALMOST_ONE) }).delayMs(3)).toBeCloseTo(400);
  });

  it('spreads equal jitter over the upper half of the delay', () => {
    const options = { initialMs: 100, factor: 2, maxMs: 10_000, jitter: 'equal' } as const;
    expect(delays(new Backoff({ ...options, random: always(0) }), 3)).toEqual([50, 100, 200]);
    expect(delays(new Backoff({ ...options, random: always(0.5) }), 2)).toEqual([75, 150]);
    expect(new Backoff({ ...options, random: always(ALMOST_ONE) }).delayMs(2)).toBeCloseTo(200);
  });

  it('spreads decorrelated jitter from the initial delay to three times the one before, below the cap', () => {
    const options = { initialMs: 100, maxMs: 1000, jitter: 'decorrelated' } as const;
    expect(new Backoff({ ...options, random: always(0) }).delayMs(4, 700)).toBe(100);
    const half = new Backoff({ ...options, random: always(0.5) });
    expect(half.delayMs(1)).toBe(200);
    expect(half.delayMs(2, 200)).toBe(350);
    expect(half.delayMs(3, 900)).toBe(1000);
  });

  it.each([0, 1, 50])(
    'stays a number at the thousandth retry with an initial delay of %d ms',
    (initialMs) => {
      const backoff = new Backoff({ initialMs, maxMs: 1000, jitter: 'none' });
      expect(backoff.delayMs(5000)).toBe(initialMs === 0 ? 0 : 1000);
    },
  );

  it('is never above the cap with any jitter', () => {
    for (const jitter of ['none', 'full', 'equal', 'decorrelated'] as const) {
      const backoff = new Backoff({ initialMs: 10, maxMs: 70, jitter, random: always(ALMOST_ONE) });
      for (let retry = 1; retry < 20; retry++) expect(backoff.delayMs(retry, 70)).toBeLessThanOrEqual(70);
    }
  });

  it.each([
    [{ initialMs: -1 }, 'initialMs'],
    [{ initialMs: Number.NaN }, 'initialMs'],
    [{ factor: 0.5 }, 'factor'],
    [{ initialMs: 100, maxMs: 99 }, 'maxMs'],
    [{ jitter: 'some' as 'full' }, 'jitter'],
  ])('refuses %o', (options, name) => {
    expect(() => new Backoff(options)).toThrow(name);
  });
});
