import { describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../../src/resilience/deadline.ts';
import { BulkheadFullError } from '../../../src/resilience/errors.ts';
import { Retry, type RetryEvent } from '../../../src/resilience/retry.ts';
import { RetryBudget } from '../../../src/resilience/retry-budget.ts';
import { settled } from '../../helpers/fake-time.ts';
import { abortListeners } from '../../helpers/listener-count.ts';
import { errorOf, flaky, retrying } from './retry-kit.ts';

describe('Retry.execute', () => {
  it('repeats what failed, after growing waits, and gives the answer', async () => {
    const { retry, time } = retrying();
    const work = flaky(2);
    const call = retry.execute(work);
    await time.advance(99);
    expect(work).toHaveBeenCalledTimes(1);
    await time.advance(1);
    expect(work).toHaveBeenCalledTimes(2);
    await time.advance(199);
    expect(work).toHaveBeenCalledTimes(2);
    await time.advance(1);
    await expect(call).resolves.toBe('answer 3');
  });

  it('counts the first attempt, and throws the error of the last one as it is', async () => {
    const { retry, time } = retrying({ attempts: 2 });
    const error = new Error('broken');
    const work = flaky(5, error);
    const caught = errorOf(retry.execute(work));
    await time.advance(10_000);
    expect(await caught).toBe(error);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('does not repeat what the predicate does not allow', async () => {
    const { retry, time } = retrying({ isRetryable: (error) => error !== 'final' });
    const work = flaky(5, 'final');
    const caught = errorOf(retry.execute(work));
    await time.advance(10_000);
    expect(await caught).toBe('final');
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('does not repeat a refusal by a full bulkhead unless told to', async () => {
    const { retry, time } = retrying();
    const work = flaky(1, new BulkheadFullError('db'));
    const caught = errorOf(retry.execute(work));
    await time.advance(10_000);
    expect(await caught).toBeInstanceOf(BulkheadFullError);
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('tells of each retry before its wait; a listener that throws changes nothing', async () => {
    const events: RetryEvent[] = [];
    const { retry, time } = retrying({
      onRetry: (event) => {
        events.push(event);
        throw new Error('listener');
      },
    });
    const call = retry.execute(flaky(2, 'broken'));
    await time.advance(300);
    await expect(call).resolves.toBe('answer 3');
    expect(events).toEqual([
      { attempt: 1, error: 'broken', delayMs: 100 },
      { attempt: 2, error: 'broken', delayMs: 200 },
    ]);
  });

  it('ends its wait at once when the caller gives up, and leaves nothing behind', async () => {
    const { retry, time } = retrying();
    const caller = new AbortController();
    const work = flaky(5);
    const caught = errorOf(retry.execute(work, { signal: caller.signal }));
    await settled();
    expect(time.pending).toBe(1);
    caller.abort('gone');
    expect(await caught).toBe('gone');
    expect(time.pending).toBe(0);
    expect(abortListeners(caller.signal)).toBe(0);
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('does not repeat work that failed because the caller gave up', async () => {
    const { retry, time } = retrying();
    const caller = new AbortController();
    const work = vi.fn(async () => {
      caller.abort('gone');
      throw new Error('aborted');
    });
    const caught = errorOf(retry.execute(work, { signal: caller.signal }));
    await time.advance(10_000);
    expect(await caught).toBe('gone');
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('answers a caller that gives up at once, also while work runs that does not heed its signal', async () => {
    const { retry } = retrying();
    const caller = new AbortController();
    const caught = errorOf(retry.execute(() => new Promise(() => {}), { signal: caller.signal }));
    await settled();
    caller.abort('gone');
    expect(await caught).toBe('gone');
    expect(abortListeners(caller.signal)).toBe(0);
  });

  it('does not begin for a caller that gave up before', async () => {
    const { retry } = retrying();
    const work = flaky(0);
    expect(await errorOf(retry.execute(work, { signal: AbortSignal.abort('gone') }))).toBe('gone');
    expect(work).not.toHaveBeenCalled();
  });

  it('throws the error of the work when a predicate cannot handle it', async () => {
    const { retry } = retrying({ isRetryable: (error) => (error as Error).message.length > 0 });
    const work = flaky(5, null);
    expect(await errorOf(retry.execute(work))).toBeNull();
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('leaves no listener behind after its waits', async () => {
    const { retry, time } = retrying();
    const { signal } = new AbortController();
    const call = retry.execute(flaky(2), { signal });
    await time.advance(300);
    await call;
    expect(abortListeners(signal)).toBe(0);
  });
});

describe('the deadline of the caller', () => {
  it('is never waited beyond: the error comes at once when the next attempt would begin after it', async () => {
    const { retry, time } = retrying();
    using deadline = Deadline.after(100, { clock: time, timer: time });
    const work = flaky(1);
    const caught = errorOf(retry.execute(work, { signal: deadline.signal }));
    expect(await caught).toMatchObject({ message: 'broken' });
    expect(deadline.remainingMs()).toBe(100);
  });

  it('leaves room for a retry before it', async () => {
    const { retry, time } = retrying();
    using deadline = Deadline.after(101, { clock: time, timer: time });
    const call = retry.execute(flaky(1), { signal: deadline.signal });
    await time.advance(100);
    await expect(call).resolves.toBe('answer 2');
  });
});

describe('the two-step form', () => {
  it('says how long to wait, then that it is enough, and why', () => {
    const { retry } = retrying({ attempts: 3 });
    const run = retry.begin();
    expect(run.next('first')).toBe(100);
    expect(run.attempt).toBe(2);
    expect(run.next('second')).toBe(200);
    expect(run.next('third')).toBeNull();
    expect(run.gaveUp).toBe('attempts');
    run.end();
  });

  it('holds its part of the budget from the failure to the end of the retry', () => {
    const budget = new RetryBudget({ percent: 1, minConcurrent: 1 });
    const { retry } = retrying({ budget });
    const run = retry.begin();
    expect(budget.snapshot()).toMatchObject({ live: 1, retrying: 0 });
    run.next('in backoff from here');
    expect(budget.snapshot()).toMatchObject({ live: 1, retrying: 1 });
    run.next('the retry failed, the next one begins');
    expect(budget.snapshot()).toMatchObject({ live: 1, retrying: 1 });
    run.end();
    run.end();
    expect(budget.snapshot()).toMatchObject({ live: 0, retrying: 0 });
  });

  it('is refused by a budget that others have used up, and gives back what it held', () => {
    const budget = new RetryBudget({ percent: 1, minConcurrent: 1 });
    const { retry } = retrying({ budget });
    const [first, second] = [retry.begin(), retry.begin()];
    expect(first.next('down')).toBe(100);
    expect(second.next('down')).toBeNull();
    expect(second.gaveUp).toBe('budget');
    second.end();
    first.end();
    expect(budget.snapshot()).toEqual({ live: 0, retrying: 0, refused: 1 });
  });
});

describe('a budget', () => {
  it('keeps a crowd whose service is down from multiplying its load', async () => {
    const budget = new RetryBudget({ percent: 20, minConcurrent: 3 });
    const { retry, time } = retrying({ budget, attempts: 5 });
    let calls = 0;
    const crowd = Array.from({ length: 100 }, () =>
      errorOf(
        retry.execute(async () => {
          calls++;
          await settled();
          throw new Error('down');
        }),
      ),
    );
    await settled();
    await settled();
    // A fifth of those that were alive when they asked; everybody else has its error already.
    expect(budget.snapshot().retrying).toBeLessThanOrEqual(20);
    await time.advance(60_000);
    await Promise.all(crowd);
    expect(calls).toBeLessThan(100 + 5 * 20);
    expect(budget.snapshot()).toMatchObject({ live: 0, retrying: 0 });
  });

  it('gets everything back when callers give up during their waits', async () => {
    const budget = new RetryBudget();
    const { retry } = retrying({ budget });
    const caller = new AbortController();
    const calls = [1, 2, 3].map(() => errorOf(retry.execute(flaky(9), { signal: caller.signal })));
    await settled();
    expect(budget.snapshot()).toMatchObject({ live: 3, retrying: 3 });
    caller.abort('gone');
    await Promise.all(calls);
    expect(budget.snapshot()).toMatchObject({ live: 0, retrying: 0 });
  });
});

it.each([
  [{ attempts: 0 }, 'attempts'],
  [{ attempts: 2.5 }, 'attempts'],
  [{ maxRetryAfterMs: -1 }, 'maxRetryAfterMs'],
])('Retry refuses %o', (options, name) => {
  expect(() => new Retry(options)).toThrow(name);
});
