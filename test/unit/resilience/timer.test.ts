import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backgroundTimer, waitingTimer } from '../../../src/resilience/timer.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('the system timers', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('fire once, when the time is up', () => {
    const fire = vi.fn();
    waitingTimer.start(100, fire);
    vi.advanceTimersByTime(99);
    expect(fire).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10_000);
    expect(fire).toHaveBeenCalledTimes(1);
  });

  it('do not fire once stopped, nor for an infinite time', () => {
    const fire = vi.fn();
    const stop = waitingTimer.start(100, fire);
    stop();
    waitingTimer.start(Number.POSITIVE_INFINITY, fire)();
    vi.advanceTimersByTime(60 * DAY_MS);
    expect(fire).not.toHaveBeenCalled();
  });

  it('wait longer than the 24.8 days that setTimeout can, and can be stopped after those', () => {
    const [fire, never] = [vi.fn(), vi.fn()];
    waitingTimer.start(60 * DAY_MS, fire);
    const stop = waitingTimer.start(60 * DAY_MS, never);
    vi.advanceTimersByTime(40 * DAY_MS);
    stop();
    vi.advanceTimersByTime(20 * DAY_MS - 1);
    expect(fire).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(fire).toHaveBeenCalledTimes(1);
    expect(never).not.toHaveBeenCalled();
  });
});

it('only a timer that somebody awaits holds the process', () => {
  const timeouts = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timeouts();
  const stopBackground = backgroundTimer.start(60_000, () => {});
  expect(timeouts()).toBe(before);
  const stopWaiting = waitingTimer.start(60_000, () => {});
  expect(timeouts()).toBe(before + 1);
  stopBackground();
  stopWaiting();
});
