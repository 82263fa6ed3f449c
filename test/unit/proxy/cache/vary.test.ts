import { describe, expect, it } from 'vitest';
import type { StoredEntry } from '../../../../src/proxy/cache/response-cache.ts';
import { type CacheStore, MemoryStore } from '../../../../src/resilience/index.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { settled } from '../../../helpers/fake-time.ts';
import { asking, CacheKit, play } from './cache-kit.ts';
import { SlowStore } from './slow-store.ts';

const BY_LANGUAGE = ['Cache-Control', 'max-age=60', 'Vary', 'Accept-Language'];

function speaking(language: string): { headers: string[] } {
  return { headers: ['Accept-Language', language] };
}

describe('RFC 9111 §4.1: answers that vary', () => {
  it('are served to those who ask alike, and to nobody else', async () => {
    const kit = new CacheKit();
    await kit.answer({ headers: BY_LANGUAGE, body: 'hello' }, speaking('en'));
    await kit.answer({ headers: BY_LANGUAGE, body: 'hallo' }, speaking('de'));
    expect((await kit.hit(speaking('en')))?.body.toString()).toBe('hello');
    expect((await kit.hit(speaking('de')))?.body.toString()).toBe('hallo');
    expect(await kit.hit(speaking('en, de'))).toBeNull();
    expect(await kit.hit()).toBeNull();
  });

  it('by a field that Connection takes off on the way are those of a request without it (RFC 9110 §7.6.1)', async () => {
    const kit = new CacheKit();
    const nominated = { headers: ['Accept-Language', 'de', 'Connection', 'Accept-Language'] };
    await kit.answer({ headers: BY_LANGUAGE, body: 'hello' }, nominated);
    expect(await kit.hit(speaking('de'))).toBeNull();
    expect((await kit.hit())?.body.toString()).toBe('hello');
  });

  it('say that it is the variant that is missing', async () => {
    const kit = new CacheKit();
    expect((await kit.fetch()).cacheStatus).toBe('breakwater; fwd=uri-miss');
    const other = new CacheKit();
    await other.answer({ headers: BY_LANGUAGE }, speaking('en'));
    expect((await other.fetch(speaking('de'))).cacheStatus).toBe('breakwater; fwd=vary-miss');
  });

  it('are all found for as long as each is kept, whichever was stored last', async () => {
    const kit = new CacheKit();
    await kit.answer({ headers: BY_LANGUAGE }, speaking('en'));
    await kit.answer({ headers: ['Cache-Control', 'max-age=5', 'Vary', 'Accept-Language'] }, speaking('de'));
    await kit.time.advance(6000);
    expect(await kit.hit(speaking('en'))).not.toBeNull();
    expect(await kit.hit(speaking('de'))).toBeNull();
  });

  it('by * are not stored', async () => {
    const kit = new CacheKit();
    await kit.answer({ headers: ['Cache-Control', 'max-age=60', 'Vary', 'Accept, *'] });
    expect(await kit.hit()).toBeNull();
  });

  it('all go when what they vary by changes', async () => {
    const kit = new CacheKit();
    await kit.answer({ headers: BY_LANGUAGE }, speaking('en'));
    await kit.answer({ headers: ['Cache-Control', 'max-age=60', 'Vary', 'Cookie'] }, speaking('de'));
    expect(await kit.hit(speaking('en'))).not.toBeNull();
    expect(await kit.hit({ headers: ['Accept-Language', 'en', 'Cookie', 'a=b'] })).toBeNull();
    // The old variant is unreachable also when they vary by language again.
    kit.cache.invalidate(asking({ method: 'POST' }), kit.place, { status: 200, headers: [] });
    await kit.answer({ headers: BY_LANGUAGE }, speaking('de'));
    expect(await kit.hit(speaking('en'))).toBeNull();
  });

  it.each<[string, CacheStore<StoredEntry>]>([
    ['fast', new MemoryStore<StoredEntry>()],
    ['slow', new SlowStore()],
  ])(
    'are fetched once per variant at a time, on a %s store: who finds another variant waits for its own',
    async (_, store) => {
      const kit = new CacheKit({ store });
      const first = await kit.fetch(speaking('en'));
      const german = [1, 2, 3].map(() => kit.find(speaking('de')));
      // All of them have looked, and wait for the first.
      for (let turn = 0; turn < 5; turn++) await settled();
      await play(first, { headers: BY_LANGUAGE, body: 'hello' });
      const leader = await Promise.race(german);
      if (leader.kind !== 'fetch') throw new Error('somebody has to fetch it');
      for (let turn = 0; turn < 5; turn++) await settled();
      await play(leader, { headers: BY_LANGUAGE, body: 'hallo' });
      const kinds = (await Promise.all(german)).map((found) => found.kind);
      expect(kinds.sort()).toEqual(['fetch', 'stored', 'stored']);
      await eventually(() => expect(kit.cache.underWay).toBe(0));
    },
  );
});
