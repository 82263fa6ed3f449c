import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import {
  Bulkhead,
  type BulkheadOptions,
  bulkheadWords,
  systemClock,
} from '../../../../src/resilience/index.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { sharedWords } from '../../../helpers/shared-words.ts';
import type { BulkheadReport, BulkheadTask } from './bulkhead-thread.ts';

const THREADS = 4;
/** Calls that each thread makes. */
const CALLS = 1500;

/** Main is thread 0, and takes a part only where the test says so. */
function share(options: Partial<BulkheadOptions> = {}) {
  const count = THREADS + 1;
  const all = { name: 'db', maxConcurrent: 3, memory: sharedWords(bulkheadWords(count)), ...options };
  const running = sharedWords(3);
  const start = (index: number, task: BulkheadTask['task'], calls = 0): Worker =>
    new Worker(new URL('./bulkhead-thread.ts', import.meta.url), {
      workerData: {
        task,
        options: { ...all, thread: { index, count } },
        running,
        calls,
        seed: index + performance.now(),
      } satisfies BulkheadTask,
    });
  return { bulkhead: new Bulkhead({ ...all, thread: { index: 0, count } }), running, start };
}

const told = async <T>(worker: Worker): Promise<T> => (await once(worker, 'message'))[0] as T;

async function emptied(bulkhead: Bulkhead): Promise<void> {
  await eventually(() => expect(bulkhead.snapshot()).toMatchObject({ inUse: 0, queued: 0 }));
}

describe('real threads that share a bulkhead', () => {
  it.each([
    ['everybody can wait', { queue: 100, queueTimeoutMs: 60_000 }],
    ['the line is short', { queue: 5, queueTimeoutMs: 60_000 }],
    ['a wait is short', { maxConcurrent: 1, queue: 100, queueTimeoutMs: 1 }],
    ['nobody waits', { queue: 0 }],
  ])(
    'never take more slots than there are, serve in order, give all back and count together (%s)',
    async (name, options) => {
      const { bulkhead, running, start } = share(options);
      const workers = [1, 2, 3, 4].map((index) => start(index, 'hammer', CALLS));
      const reports = await Promise.all(workers.map((worker) => told<BulkheadReport>(worker)));
      await Promise.all(workers.map((worker) => worker.terminate()));
      const sum = (of: (report: BulkheadReport) => number): number =>
        reports.reduce((total, report) => total + of(report), 0);

      expect(running[1]).toBe(bulkhead.snapshot().maxConcurrent);
      expect(bulkhead.snapshot()).toMatchObject({
        inUse: 0,
        queued: 0,
        rejected: sum(({ rejected }) => rejected),
        timedOut: sum(({ timedOut }) => timedOut),
      });
      expect(reports.map(({ inOrder }) => inOrder)).toEqual([true, true, true, true]);
      expect(sum(({ served }) => served)).toBeGreaterThan(0);
      // Who does not wait may come too late every time.
      if (name === 'everybody can wait') {
        expect(sum(({ rejected, timedOut }) => rejected + timedOut)).toBe(0);
        expect(Math.min(...reports.map(({ served }) => served))).toBeGreaterThan(CALLS / 2);
      }
      expect(
        sum(({ served, rejected, timedOut, aborted }) => served + rejected + timedOut + aborted),
      ).toBeGreaterThanOrEqual(THREADS * CALLS);
    },
  );

  it('hand a slot that is freed in one to a waiter in another within milliseconds, also when that one is idle', async () => {
    const { bulkhead, start } = share({ maxConcurrent: 3, queue: 3, queueTimeoutMs: 60_000 });
    for (const _ of [1, 2, 3]) bulkhead.tryAcquire();
    const workers = [1, 2, 3].map((index) => start(index, 'wait'));
    await Promise.all(workers.map((worker) => told(worker)));
    const took: number[] = [];
    for (const [nth, worker] of workers.entries()) {
      expect(bulkhead.snapshot()).toMatchObject({ inUse: 3, queued: 3 - nth });
      const at = systemClock.now();
      bulkhead.release();
      took.push((await told<BulkheadReport>(worker)).at - at);
    }
    await Promise.all(workers.map((worker) => worker.terminate()));
    // The best of three: a busy machine may keep a thread from running.
    expect(Math.min(...took)).toBeLessThan(10);
  });

  it('get back what threads held that were killed, whatever they were at, exactly once', async () => {
    const { bulkhead, running, start } = share({ queue: 20, queueTimeoutMs: 60_000 });
    const workers = [1, 2, 3, 4].map((index) => start(index, 'for ever'));
    await Promise.all(workers.map((worker) => told(worker)));
    for (const [nth, worker] of workers.entries()) {
      await worker.terminate();
      bulkhead.forgetThread(nth + 1);
      bulkhead.forgetThread(nth + 1);
      if (nth === 3) break;
      // The others go on.
      const served = Atomics.load(running, 2);
      await eventually(() => expect(Atomics.load(running, 2)).toBeGreaterThan(served + 100));
    }
    await emptied(bulkhead);
    expect([1, 2, 3, 4].map(() => bulkhead.tryAcquire())).toEqual([true, true, true, false]);
  });

  it('have all their slots, and no more, after seconds in which one after the other was killed and replaced', async () => {
    const { bulkhead, running, start } = share({ queue: 20, queueTimeoutMs: 60_000 });
    const workers = new Map([1, 2, 3, 4].map((index) => [index, start(index, 'for ever')]));
    await Promise.all([...workers.values()].map((worker) => told(worker)));
    const until = performance.now() + 3000;
    for (let kill = 0; kill < 8 || performance.now() < until; kill++) {
      const index = 1 + (kill % THREADS);
      await workers.get(index)!.terminate();
      bulkhead.forgetThread(index);
      expect(bulkhead.inUse).toBeLessThanOrEqual(3);
      const served = Atomics.load(running, 2);
      const next = start(index, 'for ever');
      workers.set(index, next);
      await told(next);
      // The others go on, so none of the slots of the dead are missed by them.
      await eventually(() => expect(Atomics.load(running, 2)).toBeGreaterThan(served + 20));
    }
    for (const [index, worker] of workers) {
      await worker.terminate();
      bulkhead.forgetThread(index);
    }
    await emptied(bulkhead);
    expect([1, 2, 3, 4].map(() => bulkhead.tryAcquire())).toEqual([true, true, true, false]);
  });

  it('serve a waiter with the slot of a thread that was killed', async () => {
    const { bulkhead, start } = share({ maxConcurrent: 1, queue: 2, queueTimeoutMs: 60_000 });
    const holder = start(1, 'wait');
    await told(holder);
    await eventually(() => expect(bulkhead.inUse).toBe(1));
    const second = start(2, 'wait');
    await told(second);
    const mine = bulkhead.acquire();
    await second.terminate();
    await holder.terminate();
    bulkhead.forgetThread(2);
    expect(bulkhead.snapshot()).toMatchObject({ inUse: 1, queued: 1 });
    bulkhead.forgetThread(1);
    await mine;
    bulkhead.release();
    expect(bulkhead.snapshot()).toMatchObject({ inUse: 0, queued: 0 });
  });

  it('keep no thread alive by the wait of a call whose caller went away', async () => {
    const code = `
      const { workerData } = require('node:worker_threads');
      import(workerData.module).then(({ Bulkhead }) => {
        const bulkhead = new Bulkhead(workerData.options);
        bulkhead.tryAcquire();
        bulkhead.acquire({ signal: AbortSignal.timeout(5) }).catch(() => {});
      });`;
    const worker = new Worker(code, {
      eval: true,
      workerData: {
        module: new URL('../../../../src/resilience/index.ts', import.meta.url).href,
        options: {
          name: 'x',
          maxConcurrent: 1,
          queue: 1,
          queueTimeoutMs: 50,
          memory: sharedWords(bulkheadWords(1)),
        },
      },
    });
    expect(await once(worker, 'exit')).toEqual([0]);
  });
});
