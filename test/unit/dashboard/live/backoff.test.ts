import { expect, it } from 'vitest';
import { backoffMs } from '../../../../src/dashboard/live/backoff.ts';

it('waits longer with each failed try, up to 10 s', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 100].map((failures) => backoffMs(failures, 0))).toEqual([
    1000, 2000, 3000, 5000, 8000, 10_000, 10_000, 10_000,
  ]);
});

it('takes off up to a fifth at random', () => {
  expect(backoffMs(1, 0.5)).toBe(900);
  expect(backoffMs(6, 0.999)).toBeGreaterThan(8000);
});
