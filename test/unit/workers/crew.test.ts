import { describe, expect, it } from 'vitest';
import type { Address } from '../../../src/config/gateway-config.ts';
import { Crew, type CrewWorker, type WorkerEvents } from '../../../src/workers/crew.ts';
import { FakeTime, settled } from '../../helpers/fake-time.ts';

const ADDRESS: Address = { host: '127.0.0.1', port: 8080 };

/** A worker that does what the test says; test/composition/workers has real ones. */
class ScriptedWorker implements CrewWorker {
  readonly index: number;
  readonly #events: WorkerEvents<ScriptedWorker>;
  readonly listening = Promise.withResolvers<Address>();
  readonly stopped = Promise.withResolvers<boolean>();
  cause: Error | null = null;
  askedToListen: Address | null = null;

  constructor(index: number, events: WorkerEvents<ScriptedWorker>) {
    this.index = index;
    this.#events = events;
  }

  listen(address: Address): Promise<Address> {
    this.askedToListen = address;
    return this.listening.promise;
  }

  stop(): Promise<boolean> {
    return this.stopped.promise;
  }

  async terminate(): Promise<void> {
    this.stopped.resolve(true);
  }

  send(): void {}

  die(why: string): void {
    this.cause = new Error(why);
    this.listening.reject(this.cause);
    this.#events.onEnd(this);
  }
}

function crewOf(size: number) {
  const time = new FakeTime();
  const hired: ScriptedWorker[] = [];
  const lines: string[] = [];
  const gone: number[] = [];
  const note = (fields: { event?: string }) => void lines.push(fields.event ?? 'late');
  const crew = new Crew<ScriptedWorker>({
    size,
    hire: (index, events) => {
      const worker = new ScriptedWorker(index, events);
      hired.push(worker);
      return worker;
    },
    onLog: () => {},
    onAccess: () => {},
    onGone: (index) => gone.push(index),
    log: { info: note, warn: note, error: note } as never,
    clock: time,
    timer: time,
  });
  return { crew, time, hired, lines, gone };
}

/** All take traffic. */
async function started(size: number) {
  const all = crewOf(size);
  for (const worker of all.hired) worker.listening.resolve(ADDRESS);
  await all.crew.listen(ADDRESS);
  return all;
}

describe('a crew that starts', () => {
  it('loads all at once, and lets the first choose where the configuration leaves the port open', async () => {
    const { crew, hired } = crewOf(3);
    expect(hired.map(({ index }) => index)).toEqual([1, 2, 3]);
    const listening = crew.listen({ host: '127.0.0.1', port: 0 });
    expect(hired.map(({ askedToListen }) => askedToListen?.port)).toEqual([0, undefined, undefined]);
    for (const worker of hired) worker.listening.resolve(ADDRESS);
    expect(await listening).toEqual(ADDRESS);
    expect(hired.map(({ askedToListen }) => askedToListen?.port)).toEqual([0, 8080, 8080]);
  });

  it('fails with what one of them failed of, and replaces nobody', async () => {
    const { crew, hired, lines, time } = crewOf(2);
    const listening = crew.listen(ADDRESS);
    hired[0]!.listening.resolve(ADDRESS);
    hired[1]!.die('no memory');
    await expect(listening).rejects.toThrow('no memory');
    await time.advance(60_000);
    expect([hired.length, lines]).toEqual([2, []]);
  });

  it('fails as well when one that takes traffic dies before the last one does', async () => {
    const { crew, hired } = crewOf(2);
    const listening = crew.listen(ADDRESS);
    hired[0]!.listening.resolve(ADDRESS);
    await settled();
    hired[0]!.die('too much at once');
    hired[1]!.listening.resolve(ADDRESS);
    await expect(listening).rejects.toThrow('too much at once');
  });
});

describe('a crew of which one dies', () => {
  it('gives back what it held before another one is made, which gets its number', async () => {
    const { crew, hired, lines, gone, time } = await started(2);
    hired[1]!.die('by hand');
    expect([gone, hired.length]).toEqual([[2], 2]);
    await time.advance(0);
    expect(hired[2]).toMatchObject({ index: 2, askedToListen: ADDRESS });
    expect(crew.workers).toEqual([hired[0], hired[2]]);
    hired[2]!.listening.resolve(ADDRESS);
    await settled();
    expect(lines).toEqual(['worker_died', 'worker_replaced']);
  });

  it('waits ever longer while its successors die too, and never gives up', async () => {
    const { hired, time, gone } = await started(1);
    for (const waitMs of [0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]) {
      hired.at(-1)!.die('again');
      const before = hired.length;
      if (waitMs > 0) await time.advance(waitMs - 1);
      expect(hired).toHaveLength(before);
      await time.advance(1);
      expect(hired).toHaveLength(before + 1);
    }
    expect(gone).toHaveLength(9);
  });

  it('replaces nobody any more once it stops', async () => {
    const { crew, hired, time, lines } = await started(2);
    hired[0]!.die('first');
    const stopping = crew.stop(1000);
    hired[1]!.die('while it stopped');
    for (const worker of hired) worker.stopped.resolve(true);
    await stopping;
    await time.advance(60_000);
    expect([hired.length, time.pending, lines]).toEqual([2, 0, ['worker_died']]);
  });
});

describe('a crew that stops', () => {
  it('waits for all, and says who had to be ended', async () => {
    const { crew, hired, lines } = await started(2);
    let over = false;
    const stopping = crew.stop(1000).then(() => {
      over = true;
    });
    hired[0]!.stopped.resolve(true);
    await settled();
    expect(over).toBe(false);
    hired[1]!.stopped.resolve(false);
    await stopping;
    expect(lines).toEqual(['late']);
  });
});
