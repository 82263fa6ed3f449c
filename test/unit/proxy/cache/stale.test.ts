import { describe, expect, it } from 'vitest';
import type { CachePlace } from '../../../../src/proxy/cache/response-cache.ts';
import { type Asking, CacheKit, field } from './cache-kit.ts';

const HOUR = 3_600_000;

async function afterwards(
  headers: string[],
  place: Partial<CachePlace> = {},
  asked: Asking = {},
): Promise<CacheKit> {
  const kit = new CacheKit({ place: { staleMs: HOUR, ...place } });
  await kit.answer({ headers }, asked);
  await kit.time.advance(100_000);
  return kit;
}

describe('RFC 9111 §4.2.4: stale answers', () => {
  it('stand in up to the age that is asked for, with their age and a Warning', async () => {
    const kit = await afterwards(['Cache-Control', 'max-age=60']);
    const answer = await kit.question().stale(100_000);
    expect(answer).toMatchObject({ status: 200, ageMs: 100_000, cacheStatus: 'breakwater; hit; ttl=-40' });
    expect(field(answer, 'age')).toBe('100');
    expect(field(answer, 'warning')).toBe('110 - "Response is Stale"');
    expect(await kit.question().stale(99_999)).toBeNull();
  });

  it('are not what the upstream said of how one client asked: the good one stays', async () => {
    for (const status of [405, 414, 501]) {
      const kit = await afterwards([]);
      await kit.answer({ status, headers: ['ETag', '"no"'] });
      expect(await kit.question().stale(HOUR)).toMatchObject({ status: 200 });
    }
  });

  it('stand in also for a client that wished to ask the upstream, which cannot be reached', async () => {
    const kit = await afterwards(['Cache-Control', 'max-age=60']);
    expect(await kit.question({ headers: ['Cache-Control', 'no-cache'] }).stale(HOUR)).not.toBeNull();
  });

  it.each([
    'must-revalidate',
    'Proxy-Revalidate',
    's-maxage=60',
    'no-cache',
    'no-cache="x"',
    'no-store',
    'private',
  ])('never do when the upstream said %s', async (value) => {
    const kit = await afterwards(['Cache-Control', `max-age=60, ${value}`, 'ETag', '"1"']);
    expect(await kit.question().stale(HOUR)).toBeNull();
  });

  it('that must be revalidated stand in while they are fresh, without a Warning', async () => {
    const kit = await afterwards(['Cache-Control', 'max-age=200, must-revalidate']);
    const answer = await kit.question().stale(HOUR);
    expect(answer).not.toBeNull();
    expect(field(answer, 'warning')).toBeUndefined();
  });

  it('are not for a request with Authorization unless they say so', async () => {
    const kit = await afterwards(['Cache-Control', 'max-age=60']);
    const authorized = { headers: ['Authorization', 'x'] };
    expect(await kit.question(authorized).stale(HOUR)).toBeNull();
    const shared = await afterwards(['Cache-Control', 'max-age=60, public']);
    expect(await shared.question(authorized).stale(HOUR)).not.toBeNull();
  });

  it('are nothing where nothing is', async () => {
    expect(await new CacheKit().question().stale(HOUR)).toBeNull();
  });
});

describe('a route that has no cache, only a fallback', () => {
  it('always fetches, at once, and stores what it gets by the same rules', async () => {
    const kit = new CacheKit({ place: { serves: false, staleMs: HOUR } });
    const [one, two] = [await kit.fetch(), await kit.fetch()];
    expect(one).toMatchObject({ conditional: null, cacheStatus: 'breakwater; fwd=bypass' });
    two.abandon();
    one.head(200, 'OK', []);
    one.data(Buffer.from('kept'));
    one.end();
    expect((await kit.fetch()).kind).toBe('fetch');
    expect((await kit.question().stale(HOUR))?.body.toString()).toBe('kept');
    await kit.answer({ headers: ['Cache-Control', 'private'] });
    expect(await kit.question().stale(HOUR)).toBeNull();
  });

  it("leaves what is stored where an authorized client's own answer, or one to HEAD, may not be", async () => {
    const kit = new CacheKit({ place: { serves: false, staleMs: HOUR } });
    await kit.answer({ headers: ['Cache-Control', 'max-age=60'] });
    await kit.answer({ headers: ['Cache-Control', 'private'] }, { headers: ['Authorization', 'x'] });
    await kit.answer({ headers: ['Cache-Control', 'private'] }, { method: 'HEAD' });
    expect(await kit.question().stale(HOUR)).not.toBeNull();
  });

  it('keeps what has no lifetime of its own for as long as the fallback may want it', async () => {
    const kit = new CacheKit({ place: { serves: false, staleMs: HOUR } });
    await kit.answer({});
    await kit.time.advance(HOUR - 1);
    expect(await kit.question().stale(HOUR)).not.toBeNull();
    await kit.time.advance(1);
    expect(await kit.question().stale(HOUR)).toBeNull();
  });
});
