import { describe, expect, it, vi } from 'vitest';
import { Fallback, type FallbackStep } from '../../../src/resilience/fallback.ts';
import { FallbackExhaustedError, NothingThereError } from '../../../src/resilience/policy-errors.ts';

const fails = (
  name: string,
  error: unknown = new Error(`${name} is down`),
): FallbackStep<string, string> => ({
  name,
  run: () => Promise.reject(error),
});
const answers = (name: string): FallbackStep<string, string> => ({ name, run: (id) => `${id} of ${name}` });

describe('Fallback', () => {
  it('takes the first step that answers, says which it was, and asks no further', async () => {
    const last = vi.fn();
    const chain = new Fallback<string, string>({
      name: 'courses',
      steps: [fails('live'), answers('cache'), { name: 'static', run: last }],
    });
    const answer = await chain.execute('c1');
    expect(answer).toMatchObject({ value: 'c1 of cache', source: 'cache', degraded: true });
    expect(answer.failures).toEqual([{ step: 'live', error: new Error('live is down') }]);
    expect(last).not.toHaveBeenCalled();
  });

  it('is not degraded when the first step answers', async () => {
    const chain = new Fallback({ name: 'courses', steps: [answers('live'), fails('cache')] });
    expect(await chain.execute('c1')).toEqual({
      value: 'c1 of live',
      source: 'live',
      degraded: false,
      failures: [],
    });
  });

  it('goes on when a step has nothing', async () => {
    const empty: FallbackStep<string, string> = { name: 'cache', run: () => undefined };
    const chain = new Fallback({ name: 'courses', steps: [empty, answers('static')] });
    const { source, failures } = await chain.execute('c1');
    expect(source).toBe('static');
    expect(failures[0]?.error).toBeInstanceOf(NothingThereError);
  });

  it('keeps the errors of all steps when none answers; the cause is the first', async () => {
    const chain = new Fallback({ name: 'courses', steps: [fails('live'), fails('cache', 'empty')] });
    const error = (await chain.execute('c1').catch((reason: unknown) => reason)) as FallbackExhaustedError;
    expect(error).toBeInstanceOf(FallbackExhaustedError);
    expect(error.code).toBe('FALLBACK_EXHAUSTED');
    expect(error.message).toContain('live: live is down; cache: empty');
    expect(error.cause).toMatchObject({ message: 'live is down' });
    expect(error.failures.map(({ step }) => step)).toEqual(['live', 'cache']);
  });

  it('shows each step what failed before it', async () => {
    const chain = new Fallback<string, string>({
      name: 'courses',
      steps: [
        fails('live'),
        { name: 'default', run: (_, __, failures) => failures.map((f) => f.step).join() },
      ],
    });
    expect((await chain.execute('c1')).value).toBe('live');
  });

  it('throws an error that is the answer as it is', async () => {
    const notFound = new Error('no such course');
    const chain = new Fallback({
      name: 'courses',
      steps: [fails('live', notFound), answers('cache')],
      fallsBack: (error) => error !== notFound,
    });
    await expect(chain.execute('c1')).rejects.toBe(notFound);
  });

  it('asks no further step once the caller has given up', async () => {
    const caller = new AbortController();
    const next = vi.fn(() => 'late');
    const chain = new Fallback<string, string>({
      name: 'courses',
      steps: [
        {
          name: 'live',
          run: () => {
            caller.abort('gone');
            throw new Error('aborted');
          },
        },
        { name: 'cache', run: next },
      ],
    });
    await expect(chain.execute('c1', { signal: caller.signal })).rejects.toBe('gone');
    expect(next).not.toHaveBeenCalled();
  });

  it('does not blame its steps when the caller gives up during the last one', async () => {
    const caller = new AbortController();
    const last: FallbackStep<string, string> = {
      name: 'static',
      run: () => {
        caller.abort('gone');
        throw new Error('aborted');
      },
    };
    const chain = new Fallback({ name: 'courses', steps: [fails('live'), last] });
    await expect(chain.execute('c1', { signal: caller.signal })).rejects.toBe('gone');
    expect(chain.snapshot().exhausted).toBe(0);
  });

  it('counts who answered', async () => {
    let down = false;
    const live: FallbackStep<string, string> = {
      name: 'live',
      run: () => (down ? Promise.reject('down') : 'a'),
    };
    const chain = new Fallback({
      name: 'courses',
      steps: [live, { name: 'cache', run: (id) => (id === 'c1' ? 'b' : undefined) }],
    });
    await chain.execute('c1');
    down = true;
    await chain.execute('c1');
    await chain.execute('c1');
    await chain.execute('c2').catch(() => {});
    expect(chain.snapshot()).toEqual({ name: 'courses', answered: { live: 1, cache: 2 }, exhausted: 1 });
  });

  it.each([
    ['no steps', []],
    ['two steps of one name', [answers('live'), answers('live')]],
  ])('refuses %s', (_, steps) => {
    expect(() => new Fallback({ name: 'courses', steps })).toThrow('steps');
  });
});

describe('what a chain does with odd steps', () => {
  const failing = (error: unknown): Promise<unknown> =>
    new Fallback({ name: 'x', steps: [{ name: 'a', run: () => Promise.reject(error) }] })
      .execute(undefined)
      .catch((reason: unknown) => reason);

  it('reports an error that has no text', async () => {
    expect(await failing(Object.create(null))).toMatchObject({ code: 'FALLBACK_EXHAUSTED' });
  });

  it('does not carry a whole page of an error in its own message', async () => {
    const error = new Error('x'.repeat(100_000));
    const report = await failing(error);
    expect((report as Error).message.length).toBeLessThan(500);
    expect((report as Error).cause).toBe(error);
  });

  it('answers a caller that gives up at once, also while a step runs that does not heed its signal', async () => {
    const chain = new Fallback({ name: 'x', steps: [{ name: 'a', run: () => new Promise(() => {}) }] });
    const caller = new AbortController();
    const call = chain.execute(undefined, { signal: caller.signal });
    caller.abort('gone');
    await expect(call).rejects.toBe('gone');
  });
});
