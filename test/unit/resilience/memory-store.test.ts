import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cacheKey } from '../../../src/resilience/cache-store.ts';
import { MemoryStore, type MemoryStoreOptions } from '../../../src/resilience/memory-store.ts';
import { FakeTime } from '../../helpers/fake-time.ts';

function store<V>(options: MemoryStoreOptions<V> = {}): { values: MemoryStore<V>; time: FakeTime } {
  const time = new FakeTime();
  return { time, values: new MemoryStore<V>({ clock: time, ...options }) };
}

describe('MemoryStore', () => {
  it('gives the value back with its age', async () => {
    const { values, time } = store<string>();
    values.set('a', 'A', 1000);
    await time.advance(400);
    expect(values.get('a')).toEqual({ value: 'A', ageMs: 400 });
    expect(values.get('b')).toBeUndefined();
  });

  it('forgets it when its time is over, exactly then', async () => {
    const { values, time } = store<string>();
    values.set('a', 'A', 1000);
    await time.advance(999);
    expect(values.get('a')).toBeDefined();
    await time.advance(1);
    expect(values.get('a')).toBeUndefined();
    expect(values.size).toBe(0);
  });

  it('lets go first what was not used for longest', () => {
    const { values } = store<number>({ maxEntries: 2 });
    values.set('a', 1, 1000);
    values.set('b', 2, 1000);
    values.get('a');
    values.set('c', 3, 1000);
    expect(['a', 'b', 'c'].map((key) => values.get(key)?.value)).toEqual([1, undefined, 3]);
  });

  it('keeps what a plain list would keep, whatever is set, read and deleted', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const action = fc.record({ what: fc.constantFrom('set', 'get', 'delete'), key, size: fc.nat(12) });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const { values } = store<string>({ maxEntries: 3, maxBytes: 30 });
        let list: { key: string; value: string }[] = [];
        const bytes = () => list.reduce((sum, one) => sum + 2 + one.value.length, 0);
        for (const { what, key, size } of actions) {
          const known = list.find((one) => one.key === key);
          if (what !== 'get' || known) list = list.filter((one) => one.key !== key);
          if (what === 'set') {
            list.push({ key, value: 'x'.repeat(size) });
            values.set(key, 'x'.repeat(size), 1000);
          } else if (what === 'delete') values.delete(key);
          else {
            expect(values.get(key)?.value).toBe(known?.value);
            if (known) list.push(known);
          }
          while (list.length > 3 || bytes() > 30) list.shift();
          expect([values.size, values.bytes]).toEqual([list.length, bytes()]);
        }
        for (const one of ['a', 'b', 'c', 'd', 'e']) {
          expect(values.get(one)?.value).toBe(list.find(({ key }) => key === one)?.value);
        }
      }),
    );
  });

  it('is bounded in bytes, keys included', () => {
    const { values } = store<string>({ maxBytes: 30 });
    values.set('a', 'x'.repeat(10), 1000);
    values.set('b', 'x'.repeat(10), 1000);
    expect(values.bytes).toBe(24);
    values.set('c', 'x'.repeat(10), 1000);
    expect(values.get('a')).toBeUndefined();
    expect(values.bytes).toBe(24);
    values.delete('b');
    expect(values.bytes).toBe(12);
  });

  it('counts a value that is replaced once', () => {
    const { values } = store<string>({ maxBytes: 100 });
    values.set('a', 'x'.repeat(10), 1000);
    values.set('a', 'x'.repeat(20), 1000);
    expect(values.bytes).toBe(22);
    expect(values.size).toBe(1);
  });

  it('does not keep a value that is too large by itself, nor the older one that it replaces', () => {
    const { values } = store<string>({ maxBytes: 20 });
    values.set('a', 'small', 1000);
    values.set('b', 'x', 1000);
    values.set('a', 'x'.repeat(100), 1000);
    expect(values.get('a')).toBeUndefined();
    expect(values.get('b')).toBeDefined();
  });

  it('measures byte arrays, and anything else by its JSON, in UTF-8', () => {
    const { values } = store<unknown>({ maxBytes: 1000 });
    values.set('', new Uint8Array(40), 1000);
    expect(values.bytes).toBe(40);
    values.set('', { a: 'é' }, 1000);
    expect(values.bytes).toBe(10);
  });

  it.each([
    [{ maxEntries: 0 }, 'maxEntries'],
    [{ maxBytes: 0 }, 'maxBytes'],
  ])('refuses %o', (options, name) => {
    expect(() => store(options)).toThrow(name);
  });
});

describe('cacheKey', () => {
  it('never makes the same key of different parts', () => {
    const keys = [
      ['a', 'b'],
      ['a:b'],
      ['ab'],
      ['a', '', 'b'],
      ['1:a', 'b'],
      ['a', '1:b'],
      ['1:a1:b'],
      [],
      [''],
    ];
    expect(new Set(keys.map(cacheKey)).size).toBe(keys.length);
  });

  it('takes a string for its only part', () => {
    expect(cacheKey('a')).toBe(cacheKey(['a']));
  });
});

it.each([Number.NaN, -1])('a value whose size is said to be %d is not kept, and spoils no count', (size) => {
  const store = new MemoryStore<number>({ maxBytes: 100, sizeOf: (value) => value });
  store.set('good', 10, 1000);
  store.set('odd', size, 1000);
  expect(store.get('odd')).toBeUndefined();
  expect(store.get('good')?.value).toBe(10);
  expect(store.bytes).toBe(18);
});
