import { expect, it } from 'vitest';
import { probeLeftMs } from '../../../../src/dashboard/words/probe-left.ts';

it.each([
  ['runs down from what was left', 8_000, 1_000, 4_000, 5_000],
  ['ends at nothing', 8_000, 1_000, 60_000, 0],
  ['does not begin again for an overview that is newer than the time shown', 0, 1_900, 1_000, 0],
  ['is not more than what was left', 8_000, 1_900, 1_000, 8_000],
])('the time until a probe %s', (_, retryAfterMs, at, now, left) => {
  expect(probeLeftMs(retryAfterMs, at, now)).toBe(left);
});
