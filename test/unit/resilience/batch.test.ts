import { describe, expect, it, vi } from 'vitest';
import { batch } from '../../../src/resilience/batch.ts';
import { CircuitBreaker } from '../../../src/resilience/circuit-breaker.ts';
import { ManualClock } from '../../../src/resilience/clock.ts';
import { BatchError } from '../../../src/resilience/policy-errors.ts';
import { settled } from '../../helpers/fake-time.ts';

const items = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

async function failureOf(call: Promise<unknown>): Promise<BatchError<number, string>> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BatchError);
  return error as BatchError<number, string>;
}

describe('batch', () => {
  it('gives the values in the order of the items, whichever is ready first', async () => {
    const result = await batch([30, 20, 10], async (item) => {
      for (let turn = 0; turn < item; turn++) await undefined;
      return item * 2;
    });
    expect(result).toEqual([60, 40, 20]);
    expect(await batch([], () => 1)).toEqual([]);
  });

  it('never works on more items at a time than allowed, and uses what is allowed', async () => {
    let running = 0;
    let most = 0;
    await batch(
      items(20),
      async () => {
        most = Math.max(most, ++running);
        await settled();
        running--;
      },
      { concurrency: 3 },
    );
    expect(most).toBe(3);
  });

  it('goes on after an error, and reports all errors together with what succeeded', async () => {
    const error = await failureOf(
      batch(items(5), async (item) => {
        if (item % 2 === 1) throw new Error(`no ${item}`);
        return `ok ${item}`;
      }),
    );
    expect(error).toBeInstanceOf(AggregateError);
    expect(error.code).toBe('BATCH_FAILED');
    expect(error.errors.map((reason: Error) => reason.message)).toEqual(['no 1', 'no 3']);
    expect(error.succeeded).toEqual([0, 2, 4].map((index) => ({ index, item: index, value: `ok ${index}` })));
    expect(error.failed.map(({ index }) => index)).toEqual([1, 3]);
    expect(error.notStarted).toEqual([]);
    expect(error.stoppedBy).toBeNull();
    expect(error.message).toBe('Batch: 3 succeeded, 2 failed');
  });

  it('begins nothing more once the breaker is open, and waits for what is running', async () => {
    const breaker = { state: 'CLOSED' };
    const slow = Promise.withResolvers<string>();
    const work = vi.fn(async (item: number) => {
      if (item === 0) return slow.promise;
      if (item === 2) {
        breaker.state = 'OPEN';
        throw new Error('third failure');
      }
      throw new Error('down');
    });
    const call = failureOf(batch(items(10), work, { concurrency: 2, breaker }));
    await settled();
    slow.resolve('slow but fine');
    const error = await call;
    expect(work).toHaveBeenCalledTimes(3);
    expect(error.stoppedBy).toBe('breaker_open');
    expect(error.succeeded).toEqual([{ index: 0, item: 0, value: 'slow but fine' }]);
    expect(error.notStarted).toEqual([3, 4, 5, 6, 7, 8, 9]);
    expect(error.message).toContain('7 not started');
  });

  it('begins when the open time of the breaker is over: nothing else could close it', async () => {
    const clock = new ManualClock();
    const breaker = new CircuitBreaker({ name: 'db', failureThreshold: 1, openTimeoutMs: 100, clock });
    const call = (): Promise<number[]> =>
      batch([1, 2], (item) => breaker.execute(() => item), { breaker, concurrency: 1 });
    breaker.settle(breaker.tryAcquire(), 'failure');
    clock.advance(99);
    expect(await failureOf(call())).toMatchObject({ stoppedBy: 'breaker_open', notStarted: [0, 1] });
    clock.advance(1);
    expect(await call()).toEqual([1, 2]);
    breaker.forceOpen();
    clock.advance(1_000_000);
    expect(await failureOf(call())).toMatchObject({ stoppedBy: 'breaker_open', notStarted: [0, 1] });
  });

  it('stops on an error at which the predicate throws, and still reports everything', async () => {
    const stopOn = (): boolean => {
      throw new Error('predicate');
    };
    const error = await failureOf(batch(items(5), () => Promise.reject('no'), { concurrency: 2, stopOn }));
    expect(error).toMatchObject({ stoppedBy: 'stop_on', errors: ['no', 'no'], notStarted: [2, 3, 4] });
  });

  it('stops on an error that the caller named', async () => {
    const stopOn = (reason: unknown): boolean => reason === 'quota';
    const error = await failureOf(batch(items(5), () => Promise.reject('quota'), { concurrency: 1, stopOn }));
    expect(error.stoppedBy).toBe('stop_on');
    expect(error.notStarted).toEqual([1, 2, 3, 4]);
  });

  it('stops when the caller gives up, and keeps what succeeded', async () => {
    const caller = new AbortController();
    const error = await failureOf(
      batch(
        items(5),
        (item) => {
          if (item === 1) caller.abort('enough');
          return `ok ${item}`;
        },
        { concurrency: 1, signal: caller.signal },
      ),
    );
    expect(error).toMatchObject({ stoppedBy: 'aborted', cause: 'enough', notStarted: [2, 3, 4] });
    expect(error.succeeded).toHaveLength(2);
  });

  it('gives work the signal of the caller', async () => {
    const { signal } = new AbortController();
    expect(await batch([1], (_, given) => given === signal, { signal })).toEqual([true]);
  });

  it('refuses to work on nothing at a time', async () => {
    await expect(batch([1], () => 1, { concurrency: 0 })).rejects.toThrow('concurrency');
  });
});
