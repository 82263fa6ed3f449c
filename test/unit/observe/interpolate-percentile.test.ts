import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpolatePercentile } from '../../../src/observe/interpolate-percentile.ts';

const BOUNDS = [10, 20, 40];

describe('a percentile out of a histogram', () => {
  it.each([
    ['exactly a border where a bucket ends with its rank', 0.5, [50, 50, 0, 0], 10],
    ['that border too when the next values are far above it', 0.5, [2, 0, 2, 0], 10],
    ['in the middle of a bucket that holds all', 0.5, [0, 8, 0, 0], 15],
    ['as far into its bucket as its rank', 0.95, [90, 10, 0, 0], 15],
    ['the upper end of the last bucket used at 100 %', 1, [1, 1, 1, 0], 40],
    ['the beginning of the first bucket used at 0 %', 0, [0, 0, 4, 0], 20],
    ['not taken from empty buckets between two', 0.75, [2, 0, 2, 0], 30],
    ['the last border when it lies above all', 0.99, [1, 0, 0, 99], 40],
    ['the last border when all lie above it', 0.5, [0, 0, 0, 7], 40],
  ])('is %s', (_what, share, counts, expected) => {
    expect(interpolatePercentile(share, counts, BOUNDS)).toBeCloseTo(expected, 10);
  });

  it('is nothing without values', () => {
    expect(interpolatePercentile(0.5, [0, 0, 0, 0], BOUNDS)).toBeNull();
  });

  it('never falls with the share, and stays within the borders', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1000), { minLength: 4, maxLength: 4 }),
        fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
        (counts, shares) => {
          const [low, high] = [...shares]
            .sort((a, b) => a - b)
            .map((one) => interpolatePercentile(one, counts, BOUNDS));
          if (low === null || high === null) return counts.every((count) => count === 0);
          return low! >= 0 && low! <= high! + 1e-9 && high! <= 40 + 1e-9;
        },
      ),
    );
  });
});
