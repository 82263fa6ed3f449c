import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { Bulkhead, bulkheadWords, type Timer } from '../../../../src/resilience/index.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { FakeTime, settled } from '../../../helpers/fake-time.ts';
import { sharedWords } from '../../../helpers/shared-words.ts';
import type { DyingTask } from './dying-thread.ts';
import { dies, watchAtomics } from './watched-atomics.ts';

watchAtomics();

const MAX = 2;
const THREADS = 3;
/** The point of `tryAcquire` at which a slot is taken and does not belong to the thread yet. */
const AFTER_TAKING = 5;

/** Thread 1 dies, thread 2 lives on, and main is thread 0. */
class World {
  readonly memory = sharedWords(bulkheadWords(THREADS));
  readonly options = { name: 'db', maxConcurrent: MAX, queue: 3, memory: this.memory };
  readonly main = this.#join(0, new FakeTime());
  readonly dying = this.#join(1, {
    start: (_, fire) => {
      this.dyingTimesOut = fire;
      return () => {};
    },
  });
  readonly other = this.#join(2, new FakeTime());
  /** Ends the wait of the last call of the one that dies. */
  dyingTimesOut = (): void => {};
  /** Slots and places in line of the one that lives on. */
  held = 0;
  waiting = 0;

  #join(index: number, timer: Timer): Bulkhead {
    return new Bulkhead({ ...this.options, timer, thread: { index, count: THREADS } });
  }

  fill(by: Bulkhead, slots: number): void {
    for (let slot = 0; slot < slots; slot++) expect(by.tryAcquire()).toBe(true);
    if (by === this.other) this.held += slots;
  }

  dyingWaits(): void {
    this.dying.acquire().catch(() => {});
  }

  otherWaits(): void {
    this.waiting++;
    void this.other.acquire().then(() => {
      this.waiting--;
      this.held++;
    });
  }

  otherReleases(): void {
    this.held--;
    this.other.release();
  }

  get seen(): { inUse: number; queued: number } {
    const { inUse, queued } = this.main.snapshot();
    return { inUse, queued };
  }

  /** Everything that is left is what the other has, and every slot can be had, and not one more. */
  async expectExact(): Promise<void> {
    // News of a grant takes some turns.
    await eventually(() => expect(this.seen).toEqual({ inUse: this.held, queued: this.waiting }));
    if (this.waiting > 0) expect(this.held).toBe(MAX);
    while (this.held > 0) {
      this.otherReleases();
      await settled();
    }
    expect({ ...this.seen, waiting: this.waiting }).toEqual({ inUse: 0, queued: 0, waiting: 0 });
    expect([1, 2, 3].map(() => this.other.tryAcquire())).toEqual([true, true, false]);
  }
}

/** What has happened before, and the step in which the thread dies. */
const STEPS: Readonly<Record<string, { before: (world: World) => void; step: (world: World) => void }>> = {
  'takes a slot': {
    before: (world) => world.fill(world.other, 1),
    step: ({ dying }) => void dying.tryAcquire(),
  },
  'gives a slot back': {
    before: (world) => world.fill(world.dying, 2),
    step: ({ dying }) => dying.release(),
  },
  'hands a slot over to another': {
    before: (world) => {
      world.fill(world.dying, 2);
      world.otherWaits();
      world.otherWaits();
    },
    step: ({ dying }) => dying.release(),
  },
  'hands a slot over to a call of its own': {
    before: (world) => {
      world.fill(world.dying, 1);
      world.fill(world.other, 1);
      world.dyingWaits();
      world.otherWaits();
    },
    step: ({ dying }) => dying.release(),
  },
  'joins the line': {
    before: (world) => world.fill(world.other, 2),
    step: (world) => world.dyingWaits(),
  },
  'leaves the line': {
    before: (world) => {
      world.fill(world.other, 2);
      world.dyingWaits();
      world.otherWaits();
    },
    step: (world) => world.dyingTimesOut(),
  },
  'leaves the line when it has been granted a slot': {
    before: (world) => {
      world.fill(world.other, 2);
      world.dyingWaits();
      world.otherWaits();
      world.otherReleases();
    },
    step: (world) => world.dyingTimesOut(),
  },
  'takes a slot that it has been granted': {
    before: (world) => {
      world.fill(world.other, 2);
      world.dyingWaits();
      world.otherWaits();
      world.otherReleases();
    },
    step: ({ dying }) => void dying.tryAcquire(),
  },
};

describe('a bulkhead of which a thread dies', () => {
  it.each(Object.entries(STEPS))(
    'has every slot and no more, wherever it is while it %s',
    async (_, { before, step }) => {
      let point = 0;
      for (let dead = true; dead; point++) {
        const world = new World();
        before(world);
        dead = dies(() => step(world), point);
        expect(world.main.inUse).toBeLessThanOrEqual(MAX);
        world.main.forgetThread(1);
        world.main.forgetThread(1);
        await world.expectExact();
      }
      // Before and after each of two operations at least, and not at all.
      expect(point).toBeGreaterThanOrEqual(5);
    },
  );

  it('serves a waiter with the slot that is found', async () => {
    const world = new World();
    dies(() => world.dying.tryAcquire(), AFTER_TAKING);
    world.fill(world.other, 1);
    world.otherWaits();
    expect(world.seen).toEqual({ inUse: 2, queued: 1 });
    world.main.forgetThread(1);
    await world.expectExact();
  });

  it('is put right when the last of several is forgotten that died at the same time', async () => {
    const world = new World();
    dies(() => world.dying.tryAcquire(), AFTER_TAKING);
    dies(() => world.other.tryAcquire(), AFTER_TAKING);
    expect(world.main.inUse).toBe(2);
    world.main.forgetThread(1);
    expect(world.main.inUse).toBe(2);
    world.main.forgetThread(2);
    await world.expectExact();
  });
});

/** Where a thread of its own, in the place of thread 1, stops: between two operations or stores that belong together. */
const STOPS: Readonly<Record<string, Pick<DyingTask, 'step' | 'at'>>> = {
  'after it took a slot, before it says so': { step: 'take', at: ['after', 'compareExchange', 0] },
  'after it says that it no longer holds a slot, before it gave it back': {
    step: 'release',
    at: ['before', 'sub', 0],
  },
  'after it counted a call into the line, before it says so': {
    step: 'join',
    at: ['after', 'compareExchange', 1],
  },
  'after a call left its line, before it is counted out': { step: 'leave', at: ['before', 'sub', 1] },
  'after it granted a slot, before the call is counted out of the line': {
    step: 'hand over',
    at: ['before', 'sub', 1],
  },
  'after it granted a slot, before it told of it': { step: 'hand over', at: ['before', 'notify', 11] },
  'after it took a slot that it was granted, before it says so': {
    step: 'notice',
    at: ['after', 'sub', 9],
  },
};

async function stopped(world: World, task: Pick<DyingTask, 'step' | 'at'>) {
  const signals = sharedWords(2);
  const worker = new Worker(new URL('./dying-thread.ts', import.meta.url), {
    workerData: { ...task, options: { ...world.options, thread: { index: 1, count: THREADS } }, signals },
  });
  const goOn = (signal: 0 | 1): void => {
    Atomics.store(signals, signal, 1);
    Atomics.notify(signals, signal);
  };
  if (['join', 'leave', 'notice'].includes(task.step)) world.fill(world.other, MAX);
  if (['hand over', 'notice'].includes(task.step)) {
    expect(await once(worker, 'message')).toEqual(['ready']);
    if (task.step === 'notice') world.otherReleases();
    else world.otherWaits();
    goOn(0);
  }
  expect(await once(worker, 'message')).toEqual(['stopped']);
  return { worker, goOn: () => goOn(1) };
}

describe('a bulkhead of which a real thread is terminated', () => {
  it.concurrent.each(Object.entries(STOPS))('has every slot and no more: %s', async (_, task) => {
    const world = new World();
    const { worker } = await stopped(world, task);
    await worker.terminate();
    world.main.forgetThread(1);
    await world.expectExact();
  });

  it('is put right later when another thread is stopped inside a step at that time, without waiting for it', async () => {
    const world = new World();
    const { worker, goOn } = await stopped(world, {
      step: 'release',
      at: ['before', 'sub', 0],
    });
    dies(() => world.other.tryAcquire(), AFTER_TAKING);
    const before = performance.now();
    world.main.forgetThread(2);
    expect(performance.now() - before).toBeLessThan(1000);
    expect(world.main.inUse).toBe(2);
    goOn();
    await eventually(() => expect(world.main.inUse).toBe(0));
    await worker.terminate();
    await world.expectExact();
  });
});
