import { describe, expect, it } from 'vitest';
import { Deadline } from '../../../src/resilience/deadline.ts';
import { TimeoutError } from '../../../src/resilience/errors.ts';
import { Timeout, withTimeout } from '../../../src/resilience/timeout.ts';
import { FakeTime } from '../../helpers/fake-time.ts';
import { abortListeners } from '../../helpers/listener-count.ts';

const never = (): Promise<never> => new Promise(() => {});

function limits(): {
  time: FakeTime;
  of: <T>(work: (s: AbortSignal) => T | Promise<T>, ms: number, signal?: AbortSignal) => Promise<T>;
} {
  const time = new FakeTime();
  return { time, of: (work, ms, signal) => withTimeout(work, ms, { signal, clock: time, timer: time }) };
}

describe('withTimeout', () => {
  it('gives what the work gives, and its error', async () => {
    const { of, time } = limits();
    await expect(of(() => 1, 100)).resolves.toBe(1);
    await expect(of(async () => 2, 100)).resolves.toBe(2);
    await expect(of(() => Promise.reject(new Error('no')), 100)).rejects.toThrow('no');
    await expect(
      of(() => {
        throw new Error('at once');
      }, 100),
    ).rejects.toThrow('at once');
    expect(time.pending).toBe(0);
  });

  it('ends work that does not heed its signal', async () => {
    const { of, time } = limits();
    const call = of(never, 100);
    call.catch(() => {});
    await time.advance(100);
    await expect(call).rejects.toBeInstanceOf(TimeoutError);
  });

  it('aborts the signal that the work has, with the same error', async () => {
    const { of, time } = limits();
    let seen: AbortSignal | undefined;
    const call = of((signal) => {
      seen = signal;
      return never();
    }, 100);
    const error = call.catch((reason: unknown) => reason);
    await time.advance(100);
    expect(seen?.reason).toBe(await error);
  });

  it('drops what late work answers, also an error', async () => {
    const { of, time } = limits();
    let fail = (_: Error): void => {};
    const call = of(() => new Promise<void>((_, reject) => (fail = reject)), 100);
    call.catch(() => {});
    await time.advance(100);
    // vitest fails the run on an unhandled rejection.
    fail(new Error('late'));
    await time.advance(0);
    await expect(call).rejects.toBeInstanceOf(TimeoutError);
  });

  it('does not begin work when there is no time, or the caller has gone', async () => {
    const { of } = limits();
    let began = 0;
    const work = (): number => ++began;
    await expect(of(work, 0)).rejects.toBeInstanceOf(TimeoutError);
    await expect(of(work, 100, AbortSignal.abort('gone'))).rejects.toBe('gone');
    expect(began).toBe(0);
  });

  it('ends when the caller gives up, with its reason', async () => {
    const { of, time } = limits();
    const caller = new AbortController();
    const call = of(never, 100, caller.signal);
    caller.abort('gone');
    await expect(call).rejects.toBe('gone');
    expect(time.pending).toBe(0);
  });

  it('leaves no listener at the caller, however it ends', async () => {
    const { of, time } = limits();
    const { signal } = new AbortController();
    await of(() => 1, 100, signal);
    await of(() => Promise.reject(new Error('no')), 100, signal).catch(() => {});
    const late = of(never, 100, signal).catch(() => {});
    await time.advance(100);
    await late;
    expect(abortListeners(signal)).toBe(0);
  });

  it('never takes longer than the deadline that the caller has', async () => {
    const { of, time } = limits();
    using outer = Deadline.after(40, { clock: time, timer: time });
    const call = of(never, 1000, outer.signal);
    call.catch(() => {});
    await time.advance(40);
    await expect(call).rejects.toBeInstanceOf(TimeoutError);
  });
});

describe('Timeout', () => {
  it('is withTimeout as a layer', async () => {
    const time = new FakeTime();
    const layer = new Timeout({ ms: 100, clock: time, timer: time });
    await expect(layer.execute(() => 'in time')).resolves.toBe('in time');
    const call = layer.execute(never);
    call.catch(() => {});
    await time.advance(100);
    await expect(call).rejects.toBeInstanceOf(TimeoutError);
  });

  it.each([0, -1, Number.NaN])('refuses %d ms', (ms) => {
    expect(() => new Timeout({ ms })).toThrow('ms');
  });
});
