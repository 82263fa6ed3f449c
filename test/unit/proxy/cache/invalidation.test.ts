import { describe, expect, it } from 'vitest';
import type { HeaderList } from '../../../../src/http/message.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { settled } from '../../../helpers/fake-time.ts';
import { asking, CacheKit, play } from './cache-kit.ts';
import { SlowStore } from './slow-store.ts';

const FRESH = ['Cache-Control', 'max-age=60'];

interface Unsafe {
  readonly method?: string;
  readonly status?: number;
  readonly headers?: HeaderList;
  readonly path?: string;
}

function change(
  kit: CacheKit,
  { method = 'POST', status = 200, headers = [], path = '/a' }: Unsafe = {},
): void {
  kit.cache.invalidate(asking({ method }), { upstream: 'shop', path }, { status, headers });
}

async function filled(...paths: string[]): Promise<CacheKit> {
  const kit = new CacheKit();
  for (const path of paths) await kit.answer({ headers: FRESH }, {}, { path });
  return kit;
}

describe('RFC 9111 §4.4: after an answer to an unsafe method', () => {
  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'PURGE'])(
    '%s, what is stored for its path is forgotten',
    async (method) => {
      const kit = await filled('/a', '/a?b');
      change(kit, { method });
      expect(await kit.hit()).toBeNull();
      expect(await kit.hit({}, { path: '/a?b' })).not.toBeNull();
    },
  );

  it.each<[string, Unsafe]>([
    ['a safe method', { method: 'OPTIONS' }],
    ['a client error', { status: 404 }],
    ['a failure', { status: 500 }],
  ])('%s forgets nothing', async (_, unsafe) => {
    const kit = await filled('/a');
    change(kit, unsafe);
    expect(await kit.hit()).not.toBeNull();
  });

  it('Location and Content-Location are forgotten too, of the same authority only', async () => {
    const kit = await filled('/b?c', '/x/d', '/e');
    const headers = ['Location', 'http://shop.example/b?c', 'Content-Location', 'd'];
    change(kit, { path: '/x/y', status: 201, headers });
    change(kit, { path: '/x', status: 303, headers: ['Location', 'http://other.example/e'] });
    change(kit, { path: '/x', status: 303, headers: ['Location', 'https://shop.example/e'] });
    change(kit, { path: '/x', status: 303, headers: ['Location', 'http://['] });
    expect(await kit.hit({}, { path: '/b?c' })).toBeNull();
    expect(await kit.hit({}, { path: '/x/d' })).toBeNull();
    expect(await kit.hit({}, { path: '/e' })).not.toBeNull();
  });

  it('all variants are forgotten', async () => {
    const kit = new CacheKit();
    const asked = { headers: ['Accept', 'text/html'] };
    await kit.answer({ headers: [...FRESH, 'Vary', 'Accept'] }, asked);
    change(kit);
    expect(await kit.hit(asked)).toBeNull();
    await kit.answer({ headers: [...FRESH, 'Vary', 'Accept'] });
    expect(await kit.hit(asked)).toBeNull();
  });

  it('an answer that was asked for before is not stored after it, nor given to those who ask now', async () => {
    const kit = new CacheKit();
    const fetch = await kit.fetch();
    fetch.head(200, 'OK', FRESH);
    const before = kit.find();
    await settled();
    change(kit);
    const after = await kit.fetch();
    expect((await before).kind).toBe('fetch');
    await play(fetch, { headers: FRESH, body: 'old' });
    const stored = await kit.find({ headers: ['Cache-Control', 'only-if-cached'] });
    expect(stored.kind).toBe('unsatisfiable');
    await play(after, { headers: FRESH, body: 'new' });
    expect((await kit.hit())?.body.toString()).toBe('new');
  });

  it('no answer that was asked for before is stored, also when another fetch of it has ended', async () => {
    const kit = new CacheKit();
    const [one, two] = [await kit.fetch(), await kit.fetch({ headers: ['Cache-Control', 'no-cache'] })];
    two.abandon();
    change(kit);
    await play(one, { headers: FRESH });
    expect(await kit.hit()).toBeNull();
  });

  it('a confirmation that was asked for before is sent, but not stored', async () => {
    const kit = new CacheKit();
    await kit.answer({ headers: [...FRESH, 'ETag', '"1"'] });
    await kit.time.advance(61_000);
    const fetch = await kit.fetch();
    change(kit);
    expect((await play(fetch, { status: 304 }))?.status).toBe(200);
    expect(await kit.hit()).toBeNull();
    expect(kit.cache.underWay).toBe(0);
  });

  it.each([0, 1, 2])(
    'an answer that varies is not stored %d turns after its end, while it is being written',
    async (turns) => {
      const kit = new CacheKit({ store: new SlowStore() });
      const fetch = await kit.fetch();
      fetch.head(200, 'OK', [...FRESH, 'Vary', 'Accept']);
      fetch.end();
      for (let turn = 0; turn < turns; turn++) await settled();
      change(kit);
      await eventually(() => expect(kit.cache.underWay).toBe(0));
      expect(await kit.hit()).toBeNull();
    },
  );

  it('a store that fails, and an authority that is none, harm nobody', async () => {
    const kit = new CacheKit({
      store: {
        get: () => undefined,
        set: () => {},
        delete: () => {
          throw new Error('down');
        },
      },
      onStoreError: () => {
        throw new Error('a listener that throws');
      },
    });
    kit.cache.invalidate(
      asking({ method: 'POST', authority: '[' }),
      { upstream: 'shop', path: '/a' },
      { status: 200, headers: ['Location', '/b'] },
    );
    await kit.time.advance(0);
  });

  it('what another thread has seen while the answer was given to the store makes it doubtful at once', async () => {
    let changes = 0;
    let storedUnder = 0;
    const marks = { of: () => changes, changed: () => void changes++ };
    const store = new SlowStore();
    const kit = new CacheKit({
      marks,
      store: {
        get: (key) => store.get(key),
        delete: (key) => store.delete(key),
        set: (key, entry, keepMs) => {
          marks.changed();
          storedUnder = changes;
          return store.set(key, entry, keepMs);
        },
      },
    });
    const fetch = await kit.fetch();
    fetch.head(200, 'OK', FRESH);
    fetch.end();
    expect(storedUnder).toBe(1);
    expect(changes).toBe(2);
  });
});
