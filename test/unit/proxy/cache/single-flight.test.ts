import { describe, expect, it } from 'vitest';
import type { Fetch, Question, StoredAnswer } from '../../../../src/proxy/cache/response-cache.ts';
import { settled } from '../../../helpers/fake-time.ts';
import { abortListeners } from '../../../helpers/listener-count.ts';
import { type Asking, CacheKit, play } from './cache-kit.ts';

const FRESH = ['Cache-Control', 'max-age=60'];

type Found = Awaited<ReturnType<Question['find']>>;

/** Requests that ask at the same time, each with its signal, and what they have been told so far. */
class Crowd {
  readonly controllers: AbortController[] = [];
  readonly found: (Found | undefined)[] = [];
  readonly errors: unknown[] = [];
  readonly #kit: CacheKit;

  constructor(kit: CacheKit) {
    this.#kit = kit;
  }

  async come(count: number, asked: Asking = {}): Promise<void> {
    for (let each = 0; each < count; each++) {
      const at = this.controllers.push(new AbortController()) - 1;
      const { signal } = this.controllers[at] as AbortController;
      this.found.push(undefined);
      this.#kit
        .question(asked)
        .find(signal)
        .then(
          (found) => {
            this.found[at] = found;
          },
          (error: unknown) => this.errors.push(error),
        );
    }
    await settled();
  }

  get fetches(): Fetch[] {
    return this.found.filter((found) => found?.kind === 'fetch') as Fetch[];
  }

  get answers(): StoredAnswer[] {
    return this.found.filter((found) => found?.kind === 'stored') as StoredAnswer[];
  }

  get listeners(): number {
    return this.controllers.reduce((sum, { signal }) => sum + abortListeners(signal), 0);
  }
}

async function crowd(count: number): Promise<{ kit: CacheKit; crowd: Crowd; first: Fetch }> {
  const kit = new CacheKit();
  const all = new Crowd(kit);
  await all.come(count);
  expect(all.fetches).toHaveLength(1);
  return { kit, crowd: all, first: all.fetches[0] as Fetch };
}

describe('many that ask for the same at once', () => {
  it('wait for one fetch, and are all served by it', async () => {
    const { kit, crowd: all, first } = await crowd(100);
    expect(all.listeners).toBe(99);
    await play(first, { headers: FRESH });
    expect(all.answers).toHaveLength(99);
    expect(all.answers[0]?.cacheStatus).toBe('breakwater; fwd=uri-miss; collapsed; ttl=60');
    expect(all.listeners).toBe(0);
    expect(kit.time.pending).toBe(0);
    expect(kit.cache.underWay).toBe(0);
  });

  it('are served also when the store keeps nothing', async () => {
    const broken = () => Promise.reject(new Error('the store is down'));
    const kit = new CacheKit({ store: { get: broken, set: broken, delete: broken } });
    const all = new Crowd(kit);
    await all.come(10);
    await play(all.fetches[0] as Fetch, { headers: FRESH });
    expect(all.answers).toHaveLength(9);
    expect(kit.errors.length).toBeGreaterThan(0);
    expect(kit.cache.underWay).toBe(0);
  });

  it('are served while the store still writes, for as long as the answer is fresh', async () => {
    const written = Promise.withResolvers<void>();
    const kit = new CacheKit({
      store: { get: () => undefined, set: () => written.promise, delete: () => {} },
    });
    await kit.answer({ headers: FRESH });
    await kit.time.advance(59_999);
    expect((await kit.hit())?.ageMs).toBe(59_999);
    await kit.time.advance(1);
    expect(await kit.hit()).toBeNull();
    written.resolve();
    await settled();
    expect(kit.cache.underWay).toBe(0);
  });

  it('go on by themselves as soon as the answer turns out to be for nobody else', async () => {
    const { crowd: all, first } = await crowd(10);
    first.head(200, 'OK', ['Cache-Control', 'private']);
    await settled();
    expect(all.fetches).toHaveLength(10);
    expect(all.listeners).toBe(0);
  });

  it.each<[string, string[]]>([
    ['no body may be stored', ['Cache-Control', 'private']],
    ['it has to be confirmed each time', ['Cache-Control', 'no-cache', 'ETag', '"1"']],
    ['it is too large', [...FRESH, 'Content-Length', '1001']],
  ])('do not wait any more once it is known that %s, until it can be shared again', async (_, headers) => {
    const { kit, crowd: all, first } = await crowd(1);
    await play(first, { headers, body: '' });
    await all.come(2);
    expect(all.fetches).toHaveLength(3);
    await play(all.fetches[1] as Fetch, { headers: ['Cache-Control', 'max-age=5'] });
    await kit.time.advance(5000);
    await all.come(3);
    expect(all.fetches).toHaveLength(4);
  });

  it("go on waiting when it was an authorized client's own answer", async () => {
    const kit = new CacheKit();
    await kit.answer({ headers: ['Cache-Control', 'private'] }, { headers: ['Authorization', 'x'] });
    const all = new Crowd(kit);
    await all.come(3);
    expect(all.fetches).toHaveLength(1);
  });

  it('go on by themselves when the answer grows too large', async () => {
    const { crowd: all, first } = await crowd(3);
    first.head(200, 'OK', FRESH);
    first.data(Buffer.alloc(1000));
    await settled();
    expect(all.fetches).toHaveLength(1);
    first.data(Buffer.alloc(1));
    await settled();
    expect(all.fetches).toHaveLength(3);
  });

  it.each<[string, (fetch: Fetch) => void]>([
    ['is abandoned', (fetch) => fetch.abandon()],
    ['is answered with a failure', (fetch) => fetch.head(503, '', [])],
    [
      'is cut short',
      (fetch) => {
        fetch.head(200, '', [...FRESH, 'Content-Length', '5']);
        fetch.end();
      },
    ],
  ])('wait for one more fetch after one that %s, and for no third', async (_, fail) => {
    const { kit, crowd: all, first } = await crowd(10);
    fail(first);
    await settled();
    expect(all.fetches).toHaveLength(2);
    expect(all.listeners).toBe(8);
    fail(all.fetches.find((fetch) => fetch !== first) as Fetch);
    await settled();
    expect(all.fetches).toHaveLength(10);
    expect(all.listeners).toBe(0);
    for (const fetch of all.fetches) fetch.abandon();
    expect(kit.cache.underWay).toBe(0);
  });

  it('are served by the second fetch when the first was abandoned', async () => {
    const { crowd: all, first } = await crowd(10);
    first.abandon();
    await settled();
    await play(all.fetches.find((fetch) => fetch !== first) as Fetch, { headers: FRESH });
    expect(all.answers).toHaveLength(8);
  });

  it('stop waiting when a fetch takes too long, and nobody waits for it any more', async () => {
    const { kit, crowd: all, first } = await crowd(3);
    await kit.time.advance(29_999);
    expect(all.fetches).toHaveLength(1);
    await kit.time.advance(1);
    expect(all.fetches).toHaveLength(3);
    expect(kit.time.pending).toBe(0);
    await all.come(1);
    expect(all.fetches).toHaveLength(4);
    await play(first, { headers: FRESH });
    expect(await kit.hit()).not.toBeNull();
  });

  it('wait for a body no longer than 1 s: it comes as slowly as the first client reads', async () => {
    const { kit, crowd: all, first } = await crowd(3);
    await kit.time.advance(5000);
    first.head(200, 'OK', FRESH);
    first.data(Buffer.from('bo'));
    await all.come(1);
    await kit.time.advance(999);
    expect(all.fetches).toHaveLength(1);
    await kit.time.advance(1);
    // One of them fetches, and the others wait for that one.
    expect(all.fetches).toHaveLength(2);
    await play(all.fetches.find((fetch) => fetch !== first) as Fetch, { headers: FRESH });
    expect(all.answers).toHaveLength(2);
    expect(kit.time.pending).toBe(0);
    first.abandon();
    expect(kit.cache.underWay).toBe(0);
  });

  it('wait for two slow bodies, and for no third', async () => {
    const { kit, crowd: all, first } = await crowd(4);
    first.head(200, 'OK', FRESH);
    await kit.time.advance(1000);
    all.fetches.find((fetch) => fetch !== first)?.head(200, 'OK', FRESH);
    await kit.time.advance(1000);
    expect(all.fetches).toHaveLength(4);
    expect(kit.time.pending).toBe(0);
  });

  it('leave with the reason of their signal, and leave no listener behind', async () => {
    const { kit, crowd: all, first } = await crowd(3);
    all.controllers[1]?.abort(new Error('the client left'));
    await settled();
    expect(all.errors).toEqual([new Error('the client left')]);
    expect(all.listeners).toBe(1);
    await play(first, { headers: FRESH });
    expect(all.answers).toHaveLength(1);
    for (const serves of [true, false]) {
      await expect(kit.question({}, { serves }).find(AbortSignal.abort('gone'))).rejects.toBe('gone');
    }
    expect(kit.cache.underWay).toBe(0);
  });

  it('leave without a fetch also in the moment when their turn has come', async () => {
    const { kit, crowd: all, first } = await crowd(3);
    first.abandon();
    all.controllers[1]?.abort('left');
    await settled();
    expect(all.errors).toEqual(['left']);
    expect(all.fetches).toHaveLength(2);
    for (const fetch of all.fetches) fetch.abandon();
    expect(kit.cache.underWay).toBe(0);
  });

  it('are not made to wait when they insist, are authorized or ask with HEAD', async () => {
    const { crowd: all } = await crowd(1);
    await all.come(1, { headers: ['Cache-Control', 'no-cache'] });
    await all.come(1, { headers: ['Cache-Control', 'max-age=0'] });
    await all.come(1, { headers: ['Pragma', 'no-cache'] });
    await all.come(1, { headers: ['Authorization', 'x'] });
    await all.come(1, { method: 'HEAD' });
    expect(all.fetches).toHaveLength(6);
  });

  it('are not served an answer that is older than they accept', async () => {
    const { crowd: all, first } = await crowd(1);
    await all.come(1, { headers: ['Cache-Control', 'max-age=5'] });
    await play(first, { headers: [...FRESH, 'Age', '6'] });
    expect(all.fetches).toHaveLength(2);
  });

  it('keep nothing of those that are over', async () => {
    const { kit, first } = await crowd(1);
    await play(first, { headers: FRESH });
    for (let round = 0; round < 50; round++) {
      const all = new Crowd(kit);
      await all.come(3, { authority: `host-${round}` });
      for (const fetch of all.fetches) fetch.abandon();
      await settled();
      for (const fetch of all.fetches) fetch.abandon();
      await settled();
      for (const fetch of all.fetches) fetch.abandon();
      expect(all.listeners).toBe(0);
    }
    expect(kit.cache.underWay).toBe(0);
    expect(kit.time.pending).toBe(0);
  });
});
