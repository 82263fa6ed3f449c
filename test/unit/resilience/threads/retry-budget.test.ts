import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetryBudget, type RetryBudgetOptions, retryBudgetWords } from '../../../../src/resilience/index.ts';
import { sharedWords } from '../../../helpers/shared-words.ts';
import { interleave } from '../breaker/thread-world.ts';
import { gate } from '../breaker/watched-memory.ts';
import type { BudgetTask } from './budget-thread.ts';
import { dies, watchAtomics } from './watched-atomics.ts';

watchAtomics();

const THREADS = 4;

/** Main is thread 0. */
function share(options: RetryBudgetOptions = {}) {
  const count = THREADS + 1;
  const all = { ...options, memory: sharedWords(retryBudgetWords(count)) };
  const join = (index: number): RetryBudget => new RetryBudget({ ...all, thread: { index, count } });
  const start = (index: number, steps: number): Worker =>
    new Worker(new URL('./budget-thread.ts', import.meta.url), {
      workerData: { options: { ...all, thread: { index, count } }, steps, seed: index } satisfies BudgetTask,
    });
  return { budget: join(0), join, start, memory: all.memory };
}

const told = async (worker: Worker): Promise<unknown> => (await once(worker, 'message'))[0];

describe('threads that share a retry budget', () => {
  it('have one share of the traffic of all', () => {
    const { budget, join } = share({ percent: 20, minConcurrent: 0 });
    const other = join(1);
    for (let call = 0; call < 5; call++) {
      budget.enter();
      other.enter();
    }
    expect([budget, other, other].map((one) => one.tryAcquire())).toEqual([true, true, false]);
    expect(budget.snapshot()).toEqual({ live: 10, retrying: 2, refused: 1 });
  });

  it('lose what a dead one held, exactly once and nothing else', () => {
    const { budget, join } = share({ percent: 100, minConcurrent: 0 });
    const [dead, other] = [join(1), join(2)];
    for (const one of [budget, dead, dead, other]) {
      one.enter();
      one.tryAcquire();
    }
    budget.forgetThread(1);
    budget.forgetThread(1);
    expect(other.snapshot()).toEqual({ live: 2, retrying: 2, refused: 0 });
    expect(() => budget.forgetThread(0)).toThrow('index');
    expect(() => budget.forgetThread(5)).toThrow('index');
  });

  it('allow no retry above the budget, whatever comes between the steps of one that asks', () => {
    let granted = 0;
    let words: Int32Array = sharedWords(2);
    let before = 0;
    // When the operation before this granted a retry, this is what it granted it on.
    const look = (): void => {
      const [live = 0, retrying = 0] = words;
      if (retrying > before) {
        granted++;
        expect(retrying).toBeLessThanOrEqual(live / 2);
      }
      before = retrying;
    };
    gate.before = look;
    const world = () => {
      const { budget, join, memory } = share({ percent: 50, minConcurrent: 0 });
      const threads = { a: budget, b: join(1), c: join(2) };
      for (const one of [threads.a, threads.b, threads.c, threads.c]) one.enter();
      before = 0;
      words = memory;
      return threads;
    };
    type World = ReturnType<typeof world>;
    const ask = (who: 'a' | 'b') => (threads: World) => {
      threads[who].tryAcquire();
      look();
    };
    const leave = ({ c }: World): void => c.leave();
    const check = ({ c }: World): void => void c.snapshot();
    try {
      interleave(world, [ask('a'), ask('b'), leave], check);
      interleave(world, [ask('a'), leave, ask('b')], check);
    } finally {
      gate.before = () => {};
    }
    expect(granted).toBeGreaterThan(50);
  });

  it('come to nothing when every call and retry is over, and refuse as often as they say', async () => {
    const { budget, start } = share({ percent: 20, minConcurrent: 2 });
    const workers = [1, 2, 3, 4].map((index) => start(index, 100_000));
    const reports = (await Promise.all(workers.map(told))) as { granted: number; refused: number }[];
    await Promise.all(workers.map((worker) => worker.terminate()));
    const refused = reports.reduce((sum, report) => sum + report.refused, 0);
    expect(Math.min(...reports.map(({ granted }) => granted))).toBeGreaterThan(0);
    expect(budget.snapshot()).toEqual({ live: 0, retrying: 0, refused });
  });

  it.each([
    ['enter', 3],
    ['tryAcquire', 7],
    ['release', 3],
    ['leave', 3],
  ] as const)('are rid of one that died anywhere in %s()', (step, points) => {
    let point = 0;
    for (let dead = true; dead; point++) {
      const { budget, join } = share({ percent: 100, minConcurrent: 0 });
      const [dying, other] = [join(1), join(2)];
      for (const one of [dying, dying, other]) one.enter();
      for (const one of [dying, other]) one.tryAcquire();
      dead = dies(() => dying[step](), point);
      budget.forgetThread(1);
      budget.forgetThread(1);
      expect(budget.snapshot()).toEqual({ live: 1, retrying: 1, refused: 0 });
      other.release();
      other.leave();
      expect(budget.snapshot()).toEqual({ live: 0, retrying: 0, refused: 0 });
    }
    expect(point).toBe(points);
  });

  it('are rid of threads that were killed, whatever they were at', async () => {
    const { budget, start } = share({ percent: 20, minConcurrent: 2 });
    const workers = [1, 2, 3, 4].map((index) => start(index, Number.POSITIVE_INFINITY));
    await Promise.all(workers.map(told));
    for (const [nth, worker] of workers.entries()) {
      await worker.terminate();
      budget.forgetThread(nth + 1);
    }
    expect(budget.snapshot()).toMatchObject({ live: 0, retrying: 0 });
  });

  it('count as one that is alone', () => {
    const by = fc.nat(2);
    const steps = fc.array(fc.tuple(fc.constantFrom('enter', 'leave', 'tryAcquire', 'release'), by));
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 100 }), fc.nat(3), (all, percent, minConcurrent) => {
        const alone = new RetryBudget({ percent, minConcurrent });
        const { budget, join } = share({ percent, minConcurrent });
        const budgets = [budget, join(1), join(2)];
        const held = { live: [0, 0, 0], retrying: [0, 0, 0] };
        for (const [step, thread] of all) {
          const one = budgets[thread]!;
          if (step === 'enter') held.live[thread]!++;
          else if (step === 'leave' && held.live[thread]!-- === 0) continue;
          else if (step === 'release' && held.retrying[thread]!-- === 0) continue;
          const granted = one[step as 'enter']();
          expect(granted).toBe(alone[step as 'enter']());
          if ((granted as unknown) === true) held.retrying[thread]!++;
          for (const counts of [held.live, held.retrying]) counts[thread] = Math.max(0, counts[thread]!);
        }
        expect(budget.snapshot()).toEqual(alone.snapshot());
      }),
    );
  });
});
