import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { MainStore } from '../../../../src/workers/store/main-store.ts';
import { sendableEntry } from '../../../../src/workers/store/sent-entry.ts';
import { StoreKeeper } from '../../../../src/workers/store/store-keeper.ts';
import type { StoreAnswer, StoreOrder } from '../../../../src/workers/store/store-messages.ts';
import { answerOf, bodyOf, KEEP_MS, newMarks } from './store-kit.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** The store, and so many workers that use it over real ways. */
function storeOf(workers: number, { maxBytes = 1024 * 1024 } = {}) {
  const marks = newMarks();
  const versions = newMarks();
  const keeper = new StoreKeeper({ maxEntries: 1000, maxBytes, marks, versions });
  ends.push(() => keeper.close());
  const hire = () => {
    const store = new MainStore({ port: keeper.open(), marks, versions, maxEntries: 1000, maxBytes });
    ends.push(() => store.close());
    return store;
  };
  return { keeper, marks, versions, hire, stores: Array.from({ length: workers }, hire) };
}

/** What the main thread answers to one call. */
async function askedOf(port: MessagePort, order: StoreOrder): Promise<StoreAnswer> {
  ends.push(() => port.close());
  port.postMessage({ ...order, id: 7 });
  const [answer] = await once(port, 'message');
  return answer;
}

describe('the store of all workers', () => {
  it('gives what one has stored to every other, as often as it is asked for', async () => {
    const { stores, hire } = storeOf(3);
    const [one, two, three] = stores;
    await one!.set('a', answerOf('hello'), KEEP_MS);
    const index = { kind: 'index', vary: ['accept'], generation: 'x' } as const;
    await one!.set('b', index, KEEP_MS);
    for (const store of [one, two, three, hire()]) {
      expect((await store!.get('a'))?.value).toEqual(answerOf('hello'));
      expect((await store!.get('b'))?.value).toEqual(index);
    }
    expect(await two!.get('c')).toBeUndefined();
  });

  it('gives every worker what was stored last, also those that have a copy of what was there before', async () => {
    const [one, two] = storeOf(2).stores;
    for (const body of ['first', 'second', 'third']) {
      await one!.set('a', answerOf(body), KEEP_MS);
      expect(bodyOf(await two!.get('a'))).toBe(body);
      expect(bodyOf(await one!.get('a'))).toBe(body);
    }
  });

  it('makes a copy doubtful that was made while something else was on its way to it', async () => {
    const { keeper, stores, marks, versions } = storeOf(1);
    const [one] = stores;
    await one!.set('a', answerOf('old'), KEEP_MS);
    versions.changed('a');
    expect(bodyOf(await one!.get('a'))).toBe('old');
    const entry = { ...sendableEntry(answerOf('new')), mark: marks.of('a'), storedAt: 0, keepMs: 1e12 };
    await askedOf(keeper.open(), { op: 'set', key: 'a', entry });
    expect(bodyOf(await one!.get('a'))).toBe('new');
  });

  it('keeps what it has when a worker goes', async () => {
    const { stores, hire } = storeOf(2);
    const [one, two] = stores;
    await one!.set('a', answerOf('hello'), KEEP_MS);
    one!.close();
    expect(bodyOf(await two!.get('a'))).toBe('hello');
    expect(bodyOf(await hire().get('a'))).toBe('hello');
  });

  it('leaves no worker waiting when it is closed', async () => {
    const { keeper, stores, versions } = storeOf(2);
    versions.changed('a');
    const waiting = stores.map((store) => store.get('a'));
    keeper.close();
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
  });

  it('has nothing of what was stored before a change', async () => {
    const { stores, marks } = storeOf(2);
    const [one, two] = stores;
    await one!.set('a', answerOf('old'), KEEP_MS);
    marks.changed('a');
    expect(await two!.get('a')).toBeUndefined();
    expect(await one!.get('a')).toBeUndefined();
  });

  it('does not put what was asked for before a change in the place of what was asked for after it', async () => {
    const { keeper, stores, marks } = storeOf(1);
    const [one] = stores;
    const old = { ...sendableEntry(answerOf('old')), mark: marks.of('a'), storedAt: 0, keepMs: KEEP_MS };
    marks.changed('a');
    await one!.set('a', answerOf('new'), KEEP_MS);
    expect(await askedOf(keeper.open(), { op: 'set', key: 'a', entry: old })).toEqual({ id: 7 });
    expect(bodyOf(await one!.get('a'))).toBe('new');
  });

  it('sends nobody what was stored before a change', async () => {
    const { keeper, stores, marks } = storeOf(1);
    await stores[0]!.set('a', answerOf('old'), KEEP_MS);
    marks.changed('a');
    expect(await askedOf(keeper.open(), { op: 'get', key: 'a' })).toEqual({ id: 7, entry: undefined });
  });

  it('keeps what was stored after the change when it hears of the change late', async () => {
    const { stores, marks } = storeOf(2);
    const [one, two] = stores;
    marks.changed('a');
    await two!.set('a', answerOf('new'), KEEP_MS);
    await one!.delete('a');
    expect(bodyOf(await two!.get('a'))).toBe('new');
  });

  it.each([
    ['first', 0],
    ['last', 1],
  ])(
    'finds what was sent before the question, also where the line of the one who asks comes %s',
    async (_, asks) => {
      const { stores } = storeOf(2);
      for (let round = 0; round < 50; round++) {
        const stored = stores[1 - asks]!.set(`key ${round}`, answerOf('x'), KEEP_MS);
        expect(bodyOf(await stores[asks]!.get(`key ${round}`))).toBe('x');
        await stored;
      }
    },
  );

  it('answers all who find nothing while all find nothing', async () => {
    const { stores, versions } = storeOf(3);
    for (let nth = 0; nth < 1000; nth++) versions.changed(`key ${nth}`);
    const found = stores.flatMap((store) =>
      Array.from({ length: 1000 }, async (_, nth) => store.get(`key ${nth}`)),
    );
    expect(await Promise.all(found)).toEqual(Array(3000).fill(undefined));
  });

  it('takes no more memory than it may', async () => {
    const { stores } = storeOf(1, { maxBytes: 20_000 });
    const [one] = stores;
    for (const key of ['a', 'b', 'c', 'd']) await one!.set(key, answerOf('x'.repeat(5000)), KEEP_MS);
    const kept = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (key) => bodyOf(await one!.get(key))?.length),
    );
    expect(kept).toEqual([undefined, 5000, 5000, 5000]);
    await one!.set('e', answerOf('x'.repeat(20_000)), KEEP_MS);
    expect(await one!.get('e')).toBeUndefined();
  });
});
