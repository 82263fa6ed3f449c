import { describe, expect, it } from 'vitest';
import { CALL_LIMIT_MS, MAX_CALLS, MAX_SENT_BYTES } from '../../../../src/workers/store/store-calls.ts';
import { answerOf, bodyOf, KEEP_MS, StoreKit } from './store-kit.ts';

describe("the main thread's store, as a worker uses it", () => {
  it('finds what the main thread has, as it was and with its age', async () => {
    const kit = new StoreKit();
    const found = kit.store.get('a');
    expect(kit.port.calls).toEqual([{ op: 'get', key: 'a', id: 1 }]);
    kit.port.answer(kit.port.calls[0], kit.kept('a', 'hello', 500));
    expect(await found).toEqual({ value: answerOf('hello'), ageMs: 500 });
    const index = kit.store.get('b');
    const value = { kind: 'index', vary: ['accept'], generation: 'x' } as const;
    kit.port.answer(kit.port.calls[1], {
      ...kit.kept('b', ''),
      fields: JSON.stringify(value),
    });
    expect(await index).toEqual({ value, ageMs: 0 });
  });

  it('gives away a copy of the body, and nothing that others use', async () => {
    const kit = new StoreKit();
    // A small one lies in a pool with those of others.
    const entry = answerOf(Buffer.from('hello'));
    void kit.store.set('a', entry, KEEP_MS);
    expect(entry.body.toString()).toBe('hello');
    const [call] = kit.port.calls;
    expect(call).toMatchObject({ op: 'set', key: 'a', entry: { keepMs: KEEP_MS, storedAt: 1000, mark: 0 } });
    expect(call?.op === 'set' && Buffer.from(call.entry.body).toString()).toBe('hello');
  });

  it('has stored something when the main thread says so', async () => {
    const kit = new StoreKit();
    let stored = false;
    const storing = kit.store.set('a', answerOf('x'), KEEP_MS).then(() => {
      stored = true;
    });
    await kit.time.advance(10);
    expect(stored).toBe(false);
    kit.port.answer(kit.port.calls[0]);
    await storing;
    expect(stored).toBe(true);
  });

  it('asks once for all who want the same at the same time', async () => {
    const kit = new StoreKit();
    const found = [kit.store.get('a'), kit.store.get('a')];
    expect(kit.port.calls).toHaveLength(1);
    kit.port.answer(kit.port.calls[0], kit.kept('a', 'x'));
    expect((await Promise.all(found)).map(bodyOf)).toEqual(['x', 'x']);
  });

  it('asks anew after it has stored something else', async () => {
    const kit = new StoreKit();
    const before = kit.store.get('a');
    void kit.store.set('a', answerOf('new'), KEEP_MS);
    const after = kit.store.get('a');
    const [first, , second] = kit.port.calls;
    kit.port.answer(first, kit.kept('a', 'old'));
    kit.port.answer(second, kit.kept('a', 'new'));
    expect([bodyOf(await before), bodyOf(await after)]).toEqual(['old', 'new']);
  });

  it('asks for nothing where nobody has stored anything yet', async () => {
    const kit = new StoreKit();
    expect(await kit.store.get('new')).toBeUndefined();
    await kit.store.delete('new');
    expect(kit.port.calls).toEqual([]);
    void kit.store.set('new', answerOf('x'), KEEP_MS);
    expect(await kit.find('new', 'x')).toBe('x');
  });

  it('has nothing that was changed, or became too old, on its way here', async () => {
    const kit = new StoreKit();
    const changed = kit.store.get('a');
    kit.port.answer(kit.port.calls[0], kit.kept('a', 'old'));
    kit.marks.changed('a');
    const late = kit.store.get('b');
    kit.port.answer(kit.port.calls[1], kit.kept('b', 'old', KEEP_MS));
    expect([await changed, await late]).toEqual([undefined, undefined]);
  });
});

describe('the copies that a worker keeps', () => {
  it('answer at once, and grow older', async () => {
    const kit = new StoreKit();
    expect(await kit.find('a', 'x')).toBe('x');
    await kit.time.advance(300);
    expect(kit.store.get('a')).toMatchObject({ ageMs: 300, value: { status: 200 } });
    expect(kit.port.calls).toHaveLength(1);
  });

  it('say also that there is nothing, until anybody stores something', async () => {
    const kit = new StoreKit();
    const found = kit.store.get('a');
    kit.port.answer(kit.port.calls[0]);
    expect(await found).toBeUndefined();
    expect(await kit.find('a', 'not asked for')).toBeUndefined();
    kit.versions.changed('a');
    expect(await kit.find('a', 'there')).toBe('there');
  });

  it('are not made of an answer that did not come', async () => {
    const kit = new StoreKit();
    const found = kit.store.get('a');
    await kit.time.advance(CALL_LIMIT_MS);
    expect(await found).toBeUndefined();
    kit.port.answer(kit.port.calls[0]);
    expect(await kit.find('a', 'there')).toBe('there');
  });

  it('are doubtful to others from the moment when something else is on its way to the store', () => {
    const kit = new StoreKit();
    const before = kit.versions.of('a');
    void kit.store.set('a', answerOf('x'), KEEP_MS);
    expect(kit.versions.of('a')).not.toBe(before);
  });

  it('are kept no longer than what they are copies of', async () => {
    const kit = new StoreKit();
    const found = kit.store.get('a');
    kit.port.answer(kit.port.calls[0], kit.kept('a', 'x', KEEP_MS - 10));
    expect(bodyOf(await found)).toBe('x');
    await kit.time.advance(10);
    expect(await kit.find('a', 'new')).toBe('new');
  });

  it.each([
    ['is changed by anybody', (kit: StoreKit) => kit.marks.changed('a')],
    ['is stored anew by anybody', (kit: StoreKit) => kit.versions.changed('a')],
    ['is stored anew by this worker', (kit: StoreKit) => void kit.store.set('a', answerOf('y'), KEEP_MS)],
    ['is forgotten by this worker', (kit: StoreKit) => void kit.store.delete('a')],
  ])('are not used any more when it %s', async (_, change) => {
    const kit = new StoreKit();
    await kit.find('a', 'old');
    change(kit);
    expect(await kit.find('a', 'new')).toBe('new');
    expect(await kit.find('a', 'not asked for')).toBe('new');
  });

  it('are not used when something was stored between the question and its answer', async () => {
    const kit = new StoreKit();
    const found = kit.store.get('a');
    kit.versions.changed('a');
    kit.port.answer(kit.port.calls[0], kit.kept('a', 'old'));
    expect(bodyOf(await found)).toBe('old');
    expect(await kit.find('a', 'new')).toBe('new');
  });

  it('take no more memory than they may', async () => {
    const kit = new StoreKit({ maxBytes: 3000 });
    for (const key of ['a', 'b', 'c']) await kit.find(key, 'x');
    expect(await kit.find('a', 'asked again')).toBe('asked again');
    expect(await kit.find('c', 'not asked for')).toBe('x');
  });
});

describe('a main thread that does not answer', () => {
  it('has nothing after a second, is asked nothing meanwhile, and is asked again after it has caught up', async () => {
    const kit = new StoreKit();
    const got = kit.store.get('a');
    const stored = kit.store.set('b', answerOf('x'), KEEP_MS);
    await kit.time.advance(CALL_LIMIT_MS);
    expect(await got).toBeUndefined();
    await stored;
    expect(await kit.store.get('c')).toBeUndefined();
    await kit.store.set('c', answerOf('x'), KEEP_MS);
    await kit.store.delete('c');
    const [first, second] = kit.port.calls;
    expect(kit.port.calls).toHaveLength(2);
    kit.port.answer(first, kit.kept('a', 'late'));
    expect(await kit.store.get('c')).toBeUndefined();
    kit.port.answer(second);
    expect(await kit.find('c', 'there')).toBe('there');
    expect(kit.time.pending).toBe(1);
  });

  it('keeps each call waiting for a second and no longer, with one timer for all', async () => {
    const kit = new StoreKit();
    const seen: string[] = [];
    for (const key of ['a', 'b', 'c']) {
      void Promise.resolve(kit.store.get(key)).then(() => seen.push(key));
      await kit.time.advance(400);
    }
    expect(kit.time.pending).toBe(1);
    expect(seen).toEqual(['a']);
    await kit.time.advance(399);
    expect(seen).toEqual(['a', 'b']);
    await kit.time.advance(401);
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(kit.time.pending).toBe(0);
  });

  it('is sent so many calls and no more', async () => {
    const kit = new StoreKit();
    for (let nth = 0; nth < MAX_CALLS; nth++) void kit.store.get(`key ${nth}`);
    expect(kit.store.get('one more')).toBeUndefined();
    await kit.store.set('one more', answerOf('x'), KEEP_MS);
    expect(kit.port.calls).toHaveLength(MAX_CALLS);
    kit.port.answer(kit.port.calls[7]);
    expect(await kit.find('one more', 'x')).toBe('x');
  });

  it('is sent so many bytes and no more', async () => {
    const kit = new StoreKit();
    const half = answerOf(Buffer.alloc(MAX_SENT_BYTES / 2 + 1));
    void kit.store.set('a', half, KEEP_MS);
    await kit.store.set('b', half, KEEP_MS);
    expect(kit.port.calls).toHaveLength(1);
    kit.port.answer(kit.port.calls[0]);
    void kit.store.set('b', half, KEEP_MS);
    expect(kit.port.calls).toHaveLength(2);
  });

  it.each([
    ['goes away', ({ port }: StoreKit) => port.emit('close')],
    ['is let go', ({ store }: StoreKit) => store.close()],
  ])('leaves nobody waiting when it %s', async (_, end) => {
    const kit = new StoreKit();
    const waiting = [kit.store.get('a'), kit.store.set('b', answerOf('x'), KEEP_MS), kit.store.delete('c')];
    end(kit);
    expect(await Promise.all(waiting)).toEqual([undefined, undefined, undefined]);
    expect(await kit.store.get('d')).toBeUndefined();
    expect(kit.port.calls).toHaveLength(3);
    expect(kit.port.isClosed).toBe(true);
    expect(kit.time.pending).toBe(0);
  });
});
