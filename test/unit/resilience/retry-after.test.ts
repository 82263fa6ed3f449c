import { describe, expect, it } from 'vitest';
import { errorOf, flaky, retrying } from './retry-kit.ts';

describe('what the service asks to wait', () => {
  const asks = (retryAfterMs: number) => Object.assign(new Error('later'), { retryAfterMs });

  it('is waited when it is longer than the backoff', async () => {
    const { retry, time } = retrying();
    const work = flaky(1, asks(5000));
    const call = retry.execute(work);
    await time.advance(4999);
    expect(work).toHaveBeenCalledTimes(1);
    await time.advance(1);
    await expect(call).resolves.toBe('answer 2');
  });

  it('does not shorten the backoff', async () => {
    const { retry, time } = retrying();
    const work = flaky(1, asks(10));
    const call = retry.execute(work);
    await time.advance(99);
    expect(work).toHaveBeenCalledTimes(1);
    await time.advance(1);
    await call;
  });

  it('ends the attempts when it is too long, without any wait', async () => {
    const { retry } = retrying({ maxRetryAfterMs: 4999 });
    const work = flaky(1, asks(5000));
    expect(await errorOf(retry.execute(work))).toMatchObject({ message: 'later' });
    expect(work).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['is no number', () => Number('soon')],
    [
      'cannot be read',
      () => {
        throw new Error('no such field');
      },
    ],
  ])('does not take the backoff away when it %s', async (_, retryAfterMs) => {
    const { retry, time } = retrying({ retryAfterMs });
    const work = flaky(1);
    const call = retry.execute(work);
    await time.advance(99);
    expect(work).toHaveBeenCalledTimes(1);
    await time.advance(1);
    await call;
  });

  it('can be read from somewhere else', async () => {
    const { retry, time } = retrying({ retryAfterMs: () => 700 });
    const call = retry.execute(flaky(1));
    await time.advance(699);
    expect(time.pending).toBe(1);
    await time.advance(1);
    await call;
  });
});
