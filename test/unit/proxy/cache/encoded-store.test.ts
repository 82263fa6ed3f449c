import { describe, expect, it } from 'vitest';
import { type EncodedEntry, EncodedStore } from '../../../../src/proxy/cache/encoded-store.ts';
import type { StoredEntry, StoredResponse } from '../../../../src/proxy/cache/stored-entry.ts';
import { MemoryStore } from '../../../../src/resilience/index.ts';
import { CacheKit, field } from './cache-kit.ts';

/** What a store does that keeps text only. */
class TextStore extends MemoryStore<EncodedEntry> {
  override set(key: string, value: EncodedEntry, keepMs: number): void {
    super.set(key, JSON.parse(JSON.stringify(value)) as EncodedEntry, keepMs);
  }
}

async function anEntry(): Promise<StoredResponse> {
  const entries: StoredEntry[] = [];
  const kit = new CacheKit({
    store: { get: () => undefined, set: (_, entry) => void entries.push(entry), delete: () => {} },
  });
  await kit.answer({ headers: ['Cache-Control', 'max-age=60', '__proto__', 'x'], body: '\u0000ÿ' });
  return entries[0] as StoredResponse;
}

describe('an encoded store', () => {
  it('gives back what was stored, byte for byte, through JSON', async () => {
    const store = new EncodedStore(new TextStore());
    const entry = await anEntry();
    await store.set('a', entry, 1000);
    expect((await store.get('a'))?.value).toEqual(
      JSON.parse(JSON.stringify({ ...entry, body: 0 }), (key, value) =>
        key === 'body' ? entry.body : value,
      ),
    );
    await store.delete('a');
    expect(await store.get('a')).toBeUndefined();
  });

  it('serves a cache', async () => {
    const kit = new CacheKit({ store: new EncodedStore(new TextStore()) });
    await kit.answer({ headers: ['Cache-Control', 'max-age=60', 'Vary', '__proto__', 'X', 'ü'], body: 'ü€' });
    const hit = await kit.hit();
    expect(hit?.body.toString()).toBe('ü€');
    expect(field(hit, 'x')).toBe('ü');
    expect(kit.errors).toEqual([]);
  });

  it.each<[string, (entry: Record<string, unknown>) => unknown]>([
    ['null', () => null],
    ['a text', () => 'text'],
    ['another kind', (entry) => ({ ...entry, kind: 'other' })],
    ['a status that is none', (entry) => ({ ...entry, status: 99 })],
    ['a reason that splits the answer', (entry) => ({ ...entry, reason: 'OK\r\nX: y' })],
    ['a field that splits the answer', (entry) => ({ ...entry, headers: ['X', 'a\r\nSet-Cookie: b'] })],
    ['a field without a name', (entry) => ({ ...entry, headers: ['', 'a'] })],
    ['a field without a value', (entry) => ({ ...entry, headers: ['X'] })],
    ['no body', (entry) => ({ ...entry, body: undefined })],
    ['no age', (entry) => ({ ...entry, ageMs: null })],
    ['no policy', (entry) => ({ ...entry, policy: undefined })],
    ['a policy of another version', (entry) => ({ ...entry, policy: { v: 2 } })],
    ['a policy without fields', (entry) => ({ ...entry, policy: { v: 1, resh: null, rescc: {} } })],
    [
      'a policy that the library falls over',
      (entry) => ({ ...entry, policy: { ...(entry.policy as object), resh: { vary: 'accept' } } }),
    ],
    ['no word on who may have it', (entry) => ({ ...entry, forAuthorized: undefined })],
    ['no word on when it may be stale', (entry) => ({ ...entry, neverStale: 0 })],
    ['an index without fields', () => ({ kind: 'index', generation: 'x' })],
  ])('has %s count as nothing, which costs freshness and no request', async (_, broken) => {
    const inner = new MemoryStore<EncodedEntry>();
    const store = new EncodedStore(inner);
    const entry = await anEntry();
    const bad = broken({ ...entry, body: entry.body.toString('base64') }) as EncodedEntry;
    inner.set('a', bad, 1000);
    await expect(store.get('a')).rejects.toThrow(TypeError);
    const kit = new CacheKit({ store: { get: () => store.get('a'), set: () => {}, delete: () => {} } });
    expect(await kit.hit()).toBeNull();
    expect(kit.errors).toHaveLength(1);
  });
});
