import { describe, expect, it } from 'vitest';
import { RestartDelay } from '../../../src/workers/restart-delay.ts';

describe('a dead worker', () => {
  it('is replaced at once, and ever later while its successors die quickly', () => {
    const delay = new RestartDelay();
    const delays = Array.from({ length: 8 }, () => delay.after(29_999));
    expect(delays).toEqual([0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it('is replaced at once again after one that lived for half a minute', () => {
    const delay = new RestartDelay();
    expect([delay.after(0), delay.after(0), delay.after(30_000), delay.after(0)]).toEqual([0, 1000, 0, 1000]);
  });
});
