import { describe, expect, it } from 'vitest';
import type { InboundBody } from '../../../../src/http/message.ts';
import { type Asking, asking, CacheKit, field, play } from './cache-kit.ts';

const FRESH = ['Cache-Control', 'max-age=60', 'ETag', '"1"'];

async function filled(): Promise<CacheKit> {
  const kit = new CacheKit();
  await kit.answer({ headers: ['Date', kit.date(), ...FRESH] });
  return kit;
}

describe('requests that the cache has no business with', () => {
  it.each<[string, Asking]>([
    ['an unsafe method', { method: 'POST' }],
    ['a method in lower case', { method: 'get' }],
    ['a range', { headers: ['Range', 'bytes=0-1'] }],
    ['If-Match', { headers: ['If-Match', '"1"'] }],
    ['If-Unmodified-Since', { headers: ['If-Unmodified-Since', new Date(0).toUTCString()] }],
    ['a body', { body: {} as InboundBody }],
    ['an upgrade', { upgrade: 'websocket' }],
    ['no-store', { headers: ['Cache-Control', 'max-age=5, No-Store'] }],
  ])('%s', (_, given) => {
    const kit = new CacheKit();
    expect(kit.cache.question(asking(given), kit.place)).toBeNull();
  });
});

describe('RFC 9111 §5.2.1: what a client wishes', () => {
  it.each([
    ['Cache-Control', 'no-cache'],
    ['Cache-Control', 'No-Cache'],
    ['Cache-Control', 'max-age=0'],
    ['Cache-Control', 'max-age=9'],
    ['Cache-Control', 'min-fresh=51'],
    ['Pragma', 'No-Cache'],
  ])('%s: %s makes it ask the upstream', async (...headers) => {
    const kit = await filled();
    await kit.time.advance(10_000);
    const fetch = await kit.fetch({ headers });
    expect(fetch.cacheStatus).toBe('breakwater; fwd=request');
    expect(fetch.conditional).toEqual(['If-None-Match', '"1"']);
    fetch.abandon();
  });

  it.each([
    ['Cache-Control', 'max-age=11'],
    ['Cache-Control', 'min-fresh=49'],
    ['Cache-Control', 'x="no-cache, max-age=0"'],
    ['Cache-Control', 'max-stale', 'Pragma', 'no-cache'],
  ])('%s: %s is content with what is stored', async (...headers) => {
    const kit = await filled();
    await kit.time.advance(10_000);
    expect(await kit.hit({ headers })).not.toBeNull();
  });

  it('max-stale gets nothing stale: it may be more than the upstream allows', async () => {
    const kit = await filled();
    await kit.time.advance(61_000);
    expect(await kit.hit({ headers: ['Cache-Control', 'max-stale'] })).toBeNull();
  });

  it('only-if-cached never goes to the upstream, nor waits for who does', async () => {
    const only = { headers: ['Cache-Control', 'only-if-cached'] };
    const kit = new CacheKit();
    const fetch = await kit.fetch();
    expect(await kit.find(only)).toEqual({ kind: 'unsatisfiable', cacheStatus: 'breakwater; fwd=uri-miss' });
    await play(fetch, { headers: FRESH });
    expect((await kit.find(only)).kind).toBe('stored');
    expect(kit.cache.underWay).toBe(0);
  });
});

describe("RFC 9111 §4.3.2: the client's own condition on a fresh answer", () => {
  const MODIFIED = 'Mon, 01 Jan 2001 00:00:00 GMT';

  async function status(
    asked: string[],
    stored = ['ETag', 'W/"a,b"', 'Last-Modified', MODIFIED],
  ): Promise<number> {
    const kit = new CacheKit();
    await kit.answer({ headers: [...FRESH.slice(0, 2), ...stored] });
    return (await kit.hit({ headers: asked }))?.status ?? 0;
  }

  it('compares tags weakly, in all lines, commas in quotes included', async () => {
    expect(await status(['If-None-Match', '"a,b"'])).toBe(304);
    expect(await status(['If-None-Match', '"x"', 'If-None-Match', '"y", W/"a,b"'])).toBe(304);
    expect(await status(['If-None-Match', '*'])).toBe(304);
    expect(await status(['If-None-Match', '"a", "b"'])).toBe(200);
  });

  it('compares the date only where there is no tag in it (RFC 9110 §13.2.2)', async () => {
    expect(await status(['If-Modified-Since', MODIFIED])).toBe(304);
    expect(await status(['If-Modified-Since', 'Sun, 31 Dec 2000 00:00:00 GMT'])).toBe(200);
    expect(await status(['If-Modified-Since', 'yesterday'])).toBe(200);
    expect(await status(['If-Modified-Since', MODIFIED, 'If-None-Match', '"x"'])).toBe(200);
    expect(await status(['If-Modified-Since', MODIFIED], ['ETag', '"1"'])).toBe(200);
  });

  it('is answered with the fields that RFC 9110 §15.4.5 wants, and no body', async () => {
    const kit = new CacheKit();
    const date = kit.date();
    const headers = ['ETag', '"1"', 'Last-Modified', MODIFIED, 'Content-Type', 'text/plain', 'Date', date];
    await kit.answer({
      headers: [...headers, 'Vary', 'X', 'Cache-Control', 'max-age=60', 'Content-Length', '4'],
    });
    const hit = await kit.hit({ headers: ['If-None-Match', '"1"'] });
    expect(hit).toMatchObject({ status: 304, reason: 'Not Modified' });
    expect(hit?.headers).toEqual([
      'ETag',
      '"1"',
      'Date',
      date,
      'Vary',
      'X',
      'Cache-Control',
      'max-age=60',
      'Age',
      '0',
    ]);
    expect(hit?.body).toHaveLength(0);
  });

  it('keeps Last-Modified in a 304 that has no tag', async () => {
    const kit = new CacheKit();
    await kit.answer({ headers: ['Last-Modified', MODIFIED, 'Cache-Control', 'max-age=60'] });
    const hit = await kit.hit({ headers: ['If-Modified-Since', MODIFIED] });
    expect(field(hit, 'last-modified')).toBe(MODIFIED);
  });

  it('finds nothing in an answer other than 200', async () => {
    const kit = new CacheKit();
    await kit.answer({ status: 404, headers: FRESH });
    expect((await kit.hit({ headers: ['If-None-Match', '"1"'] }))?.status).toBe(404);
  });

  it('goes on to the upstream where nothing is stored', async () => {
    const kit = new CacheKit();
    const fetch = await kit.fetch({ headers: ['If-None-Match', '"1"'] });
    expect(fetch.conditional).toBeNull();
    expect(fetch.head(304, 'Not Modified', ['ETag', '"1"'])).toBeNull();
    fetch.end();
    expect(await kit.hit()).toBeNull();
  });
});
