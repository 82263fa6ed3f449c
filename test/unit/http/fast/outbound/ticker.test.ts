import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Ticker } from '../../../../../src/http/fast/outbound/ticker.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a ticker', () => {
  it.each([
    [[30_000, 4_000, 60_000], 500],
    [[30_000, 1_000], 250],
    [[100, 30_000], 25],
    [[1], 10],
  ])('for limits of %j ms ticks every %i ms', (limits, everyMs) => {
    let ticks = 0;
    const ticker = new Ticker(limits, () => ticks++);
    ticker.start();
    vi.advanceTimersByTime(everyMs - 1);
    expect(ticks).toBe(0);
    vi.advanceTimersByTime(1 + everyMs);
    expect(ticks).toBe(2);
    ticker.stop();
  });

  it('is one timer however often it is started, and none once it is stopped', () => {
    const ticker = new Ticker([100], () => {});
    ticker.start();
    ticker.start();
    expect(vi.getTimerCount()).toBe(1);
    ticker.stop();
    ticker.stop();
    expect(vi.getTimerCount()).toBe(0);
    ticker.start();
    expect(vi.getTimerCount()).toBe(1);
    ticker.stop();
  });
});
