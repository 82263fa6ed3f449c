import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/resilience/clock.ts';
import { Deadline, deadlineOf } from '../../../src/resilience/deadline.ts';
import { TimeoutError } from '../../../src/resilience/errors.ts';
import type { Timer } from '../../../src/resilience/timer.ts';
import { FakeTime } from '../../helpers/fake-time.ts';
import { abortListeners } from '../../helpers/listener-count.ts';

function deadlineAfter(time: FakeTime, ms: number, signal?: AbortSignal): Deadline {
  return Deadline.after(ms, { clock: time, timer: time, signal });
}

describe('Deadline', () => {
  it('aborts its signal with a TimeoutError when the time is up, and not before', async () => {
    const time = new FakeTime();
    const deadline = deadlineAfter(time, 100);
    await time.advance(99);
    expect(deadline.signal.aborted).toBe(false);
    expect(deadline.remainingMs()).toBe(1);
    await time.advance(1);
    expect(deadline.signal.reason).toBeInstanceOf(TimeoutError);
    expect(deadline.signal.reason).toMatchObject({ code: 'TIMEOUT' });
    expect(deadline.remainingMs()).toBe(0);
  });

  it('passes on the abort of the caller, with its reason', () => {
    const caller = new AbortController();
    const time = new FakeTime();
    const deadline = deadlineAfter(time, 100, caller.signal);
    caller.abort('client left');
    expect(deadline.signal.reason).toBe('client left');
    expect(deadline.remainingMs()).toBe(0);
    expect(time.pending).toBe(0);
  });

  it.each([0, -5])('of %d ms is over at once', (ms) => {
    const time = new FakeTime();
    expect(deadlineAfter(time, ms).signal.reason).toBeInstanceOf(TimeoutError);
    expect(time.pending).toBe(0);
  });

  it('without an end of its own only has the one of its caller', () => {
    const time = new FakeTime();
    expect(deadlineAfter(time, Number.POSITIVE_INFINITY).remainingMs()).toBe(Number.POSITIVE_INFINITY);
    const outer = deadlineAfter(time, 50);
    expect(deadlineAfter(time, Number.POSITIVE_INFINITY, outer.signal).remainingMs()).toBe(50);
  });

  it('is over at once when the caller had given up before', () => {
    const time = new FakeTime();
    const deadline = deadlineAfter(time, 100, AbortSignal.abort('gone'));
    expect(deadline.signal.reason).toBe('gone');
    expect(time.pending).toBe(0);
  });

  it('refuses what is no number', () => {
    expect(() => Deadline.after(Number.NaN)).toThrow('ms');
  });
});

describe('a deadline within a deadline', () => {
  it('shortens it', async () => {
    const time = new FakeTime();
    const outer = deadlineAfter(time, 100);
    const inner = deadlineAfter(time, 30, outer.signal);
    await time.advance(30);
    expect(inner.signal.aborted).toBe(true);
    expect(outer.signal.aborted).toBe(false);
  });

  it('never prolongs it', async () => {
    const time = new FakeTime();
    const outer = deadlineAfter(time, 100);
    await time.advance(40);
    const inner = deadlineAfter(time, 1000, outer.signal);
    expect(inner.remainingMs()).toBe(60);
    await time.advance(60);
    expect(inner.signal.aborted).toBe(true);
  });

  it('ends by the signal of the outer one when that is shorter, whatever the order of the timers', async () => {
    const time = new FakeTime();
    // As setTimeout does it: whole milliseconds, cut off, so that the rest of a time can be over before the time is.
    const whole: Timer = { start: (ms, fire) => time.start(Math.trunc(ms), fire) };
    const limit = (ms: number, signal?: AbortSignal): Deadline =>
      Deadline.after(ms, { clock: time, timer: whole, signal });
    const outer = limit(50);
    await time.advance(0.5);
    const inner = limit(1000, outer.signal);
    await time.advance(49.3);
    expect(inner.signal.aborted).toBe(false);
    await time.advance(0.2);
    expect(outer.signal.aborted).toBe(true);
    expect(inner.signal.reason).toBe(outer.signal.reason);
  });

  it('ends the outer ones whose time is over, though their timers had no turn yet', () => {
    const clock = new ManualClock();
    const timer: Timer = { start: () => () => {} };
    const outermost = Deadline.after(100, { clock, timer });
    const outer = Deadline.after(500, { clock, timer, signal: outermost.signal });
    clock.advance(100);
    const inner = Deadline.after(1000, { clock, timer, signal: outer.signal });
    expect(outermost.signal.reason).toMatchObject({ code: 'TIMEOUT', timeoutMs: 100 });
    expect(outer.signal.reason).toBe(outermost.signal.reason);
    expect(inner.signal.reason).toBe(outermost.signal.reason);
  });

  it('leaves the signal of an outer one alone that was disposed of', () => {
    const clock = new ManualClock();
    const timer: Timer = { start: () => () => {} };
    const outer = Deadline.after(100, { clock, timer });
    outer[Symbol.dispose]();
    clock.advance(100);
    const inner = Deadline.after(1000, { clock, timer, signal: outer.signal });
    expect(outer.signal.aborted).toBe(false);
    expect(inner.signal.aborted).toBe(true);
  });

  it('is known by its signal', () => {
    const time = new FakeTime();
    const deadline = deadlineAfter(time, 100);
    expect(deadlineOf(deadline.signal)).toBe(deadline);
    expect(deadlineOf(new AbortController().signal)).toBeUndefined();
    expect(deadlineOf(undefined)).toBeUndefined();
  });
});

describe('a deadline that is disposed of', () => {
  it('leaves no timer, and no listener at a caller that lives on', () => {
    const time = new FakeTime();
    const { signal } = new AbortController();
    for (let call = 0; call < 20; call++) {
      using deadline = deadlineAfter(time, 100, signal);
      expect(deadline.signal.aborted).toBe(false);
      expect(abortListeners(signal)).toBe(1);
    }
    expect(abortListeners(signal)).toBe(0);
    expect(time.pending).toBe(0);
  });

  it('leaves no listener either when it ended by itself', async () => {
    const time = new FakeTime();
    const { signal } = new AbortController();
    deadlineAfter(time, 100, signal);
    await time.advance(100);
    expect(abortListeners(signal)).toBe(0);
  });
});
