import { describe, expect, it } from 'vitest';
import { settled } from '../../../helpers/fake-time.ts';
import { CacheKit, field, play } from './cache-kit.ts';

const MODIFIED = 'Mon, 01 Jan 2001 00:00:00 GMT';
const STORED = ['Cache-Control', 'max-age=60', 'ETag', '"1"', 'Last-Modified', MODIFIED, 'X', 'old'];

async function stale(headers = STORED): Promise<CacheKit> {
  const kit = new CacheKit();
  await kit.answer({ headers, body: 'stored' });
  await kit.time.advance(100_000);
  return kit;
}

describe('RFC 9111 §4.3.1: asking whether a stale answer is still right', () => {
  it('uses its own validators in place of what the client sent', async () => {
    const kit = await stale();
    const fetch = await kit.fetch({ headers: ['If-None-Match', '"client"'] });
    expect(fetch.conditional).toEqual(['If-None-Match', '"1"', 'If-Modified-Since', MODIFIED]);
    expect(fetch.cacheStatus).toBe('breakwater; fwd=stale');
  });

  it('does not for HEAD, nor without a validator', async () => {
    const kit = await stale();
    expect((await kit.fetch({ method: 'HEAD' })).conditional).toBeNull();
    const bare = new CacheKit({ place: { staleMs: 1_000_000 } });
    await bare.answer({ headers: ['Cache-Control', 'max-age=60'] });
    await bare.time.advance(100_000);
    const fetch = await bare.fetch();
    expect(fetch).toMatchObject({ conditional: null, cacheStatus: 'breakwater; fwd=stale' });
    expect(fetch.head(304, 'Not Modified', [])).toBeNull();
  });

  it('is remembered for a day beyond freshness, and not for ever', async () => {
    const kit = await stale();
    await kit.time.advance(24 * 3_600_000);
    expect((await kit.fetch()).cacheStatus).toBe('breakwater; fwd=uri-miss');
  });
});

describe('RFC 9111 §4.3.4: a 304 to our condition', () => {
  it('freshens what is stored, which answers in its place', async () => {
    const kit = await stale();
    const fetch = await kit.fetch();
    const date = kit.date();
    const update = ['ETag', '"1"', 'Date', date, 'x', 'new', 'Content-Length', '0', 'Content-Type', 'a/b'];
    const answer = await play(fetch, { status: 304, headers: update });
    expect(answer).toMatchObject({
      status: 200,
      cacheStatus: 'breakwater; fwd=stale; fwd-status=304; ttl=60',
    });
    expect(answer?.body.toString()).toBe('stored');
    expect(field(answer, 'x')).toBe('new');
    expect(field(answer, 'content-length')).toBe('6');
    expect(field(answer, 'content-type')).toBeUndefined();
    expect(field(answer, 'warning')).toBeUndefined();
    const hit = await kit.hit();
    expect(hit?.headers).toEqual(answer?.headers);
    expect(kit.cache.underWay).toBe(0);
  });

  it('without validators means the one that was asked about', async () => {
    const kit = await stale();
    expect((await play(await kit.fetch(), { status: 304 }))?.status).toBe(200);
    expect(await kit.hit()).not.toBeNull();
  });

  it("meets the client's own condition too: 304 to who has it", async () => {
    const kit = await stale();
    const fetch = await kit.fetch({ headers: ['If-None-Match', '"1"'] });
    expect((await play(fetch, { status: 304, headers: ['ETag', 'W/"1"'] }))?.status).toBe(304);
    // The tag is the same one, only weaker: the answer is confirmed.
    expect(await kit.hit()).not.toBeNull();
  });

  it('that forbids storing is obeyed: the answer is sent, and gone', async () => {
    const kit = await stale();
    const answer = await play(await kit.fetch(), {
      status: 304,
      headers: ['Cache-Control', 'private', 'Age', '1'],
    });
    expect(answer?.body.toString()).toBe('stored');
    expect(answer?.headers.filter((name) => name === 'Age')).toHaveLength(1);
    expect((await kit.fetch()).cacheStatus).toBe('breakwater; fwd=uri-miss');
  });

  it('that names another answer confirms nothing: what is stored is sent as stale, and gone', async () => {
    const kit = await stale();
    const answer = await play(await kit.fetch(), { status: 304, headers: ['ETag', '"2"'] });
    expect(field(answer, 'warning')).toBe('110 - "Response is Stale"');
    expect((await kit.fetch()).cacheStatus).toBe('breakwater; fwd=uri-miss');
  });

  it('serves those who waited', async () => {
    const kit = await stale();
    const fetch = await kit.fetch();
    const waiting = kit.find();
    await settled();
    await play(fetch, { status: 304 });
    expect(await waiting).toMatchObject({
      kind: 'stored',
      cacheStatus: 'breakwater; fwd=stale; collapsed; ttl=60',
    });
  });
});

describe('a request that looks into the store while an answer is being stored', () => {
  it('finds it all the same', async () => {
    const kit = await stale();
    const fetch = await kit.fetch();
    // It has read the old entry, and comes back when the flight is over.
    const late = kit.find();
    await play(fetch, { status: 304 });
    expect(await late).toMatchObject({ kind: 'stored', cacheStatus: 'breakwater; hit; ttl=60' });
  });
});

describe('another answer to our condition', () => {
  it('takes the place of what was stored', async () => {
    const kit = await stale();
    expect(
      await play(await kit.fetch(), { headers: [...STORED.slice(0, 2), 'ETag', '"2"'], body: 'new' }),
    ).toBeNull();
    expect((await kit.hit())?.body.toString()).toBe('new');
  });
});
