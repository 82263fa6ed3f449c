import { describe, expect, it } from 'vitest';
import { settled } from '../../../helpers/fake-time.ts';
import { type Answer, type Asking, CacheKit, field, play } from './cache-kit.ts';

const FRESH = ['Cache-Control', 'max-age=60'];

async function isStored(answer: Answer, asking: Asking = {}): Promise<boolean> {
  const kit = new CacheKit();
  await kit.answer(answer, asking);
  return (await kit.hit()) !== null;
}

describe('RFC 9111 §3: what is stored', () => {
  it('an answer with a lifetime, with its status, its fields in order and its body', async () => {
    const kit = new CacheKit();
    const headers = ['Link', '</a>', 'ETag', '"1"', 'Link', '</b>', 'Date', kit.date(), ...FRESH];
    await kit.answer({ status: 404, headers, body: 'not here' });
    const hit = await kit.hit();
    expect(hit).toMatchObject({ status: 404, reason: 'Reason' });
    expect(hit?.body.toString()).toBe('not here');
    expect(hit?.headers).toEqual([...headers, 'Age', '0', 'Content-Length', '8']);
  });

  it.each([
    'no-store',
    'private',
    'max-age=60, private="set-cookie"',
    'max-age=60, No-Store',
    'public; no-store; max-age=60',
    'max-age=60 private',
    'x="\\"", no-store',
    'max-age=60, a="b, private',
  ])('not what says Cache-Control: %s', async (value) => {
    expect(await isStored({ headers: ['Cache-Control', 'max-age=60', 'Cache-Control', value] })).toBe(false);
  });

  it('not be misled by what stands in quotes', async () => {
    expect(await isStored({ headers: ['Cache-Control', 'x="no-store, private", MAX-AGE="60"'] })).toBe(true);
  });

  it.each([206, 302, 304, 401, 403, 500, 503])('not a status %d without a word about it', async (status) => {
    expect(await isStored({ status, headers: ['Last-Modified', 'Mon, 01 Jan 2001 00:00:00 GMT'] })).toBe(
      false,
    );
  });

  it('a redirect that has a lifetime, but never a part or an error', async () => {
    expect(await isStored({ status: 302, headers: [...FRESH, 'Location', '/b'] })).toBe(true);
    expect(await isStored({ status: 206, headers: FRESH })).toBe(false);
    expect(await isStored({ status: 500, headers: FRESH })).toBe(false);
  });

  it('no answer to HEAD, while a stored GET answers HEAD', async () => {
    expect(await isStored({ headers: FRESH, body: '' }, { method: 'HEAD' })).toBe(false);
    const kit = new CacheKit();
    await kit.answer({ headers: [...FRESH, 'Content-Length', '4'] });
    expect(field(await kit.hit({ method: 'HEAD' }), 'content-length')).toBe('4');
  });

  it('a 204, which has no length (RFC 9110 §8.6)', async () => {
    const kit = new CacheKit();
    await kit.answer({ status: 204, headers: FRESH, body: '' });
    const hit = await kit.hit();
    expect(hit?.status).toBe(204);
    expect(field(hit, 'content-length')).toBeUndefined();
  });

  it('an answer with Set-Cookie only for the client that it is for, whatever it says (§7.3)', async () => {
    expect(await isStored({ headers: ['Cache-Control', 'public, max-age=60', 'Set-Cookie', 'a=b'] })).toBe(
      false,
    );
  });

  it('nothing that could not be used: stale at once, and without a validator', async () => {
    const kept: number[] = [];
    const kit = new CacheKit({
      store: { get: () => undefined, set: (_, __, keepMs) => void kept.push(keepMs), delete: () => {} },
    });
    await kit.answer({ headers: ['Cache-Control', 'max-age=0'] });
    await kit.answer({ headers: ['Cache-Control', 'max-age=60', 'Age', '60'] });
    await kit.answer({ headers: ['Cache-Control', 'no-cache'] }, {}, { staleMs: 9000 });
    await kit.answer({});
    expect(kept).toEqual([]);
    await kit.answer({ headers: ['Cache-Control', 'max-age=60', 'Age', '59'] });
    await kit.answer({ headers: ['Cache-Control', 'max-age=0'] }, {}, { staleMs: 9000 });
    expect(kept).toEqual([1000, 9000]);
  });

  it('a field called __proto__ like any other', async () => {
    const kit = new CacheKit();
    const headers = [...FRESH, '__proto__', 'no-store', 'Vary', '__proto__'];
    await kit.answer({ headers }, { headers: ['__proto__', 'x'] });
    expect(field(await kit.hit({ headers: ['__proto__', 'x'] }), '__proto__')).toBe('no-store');
    expect(await kit.hit()).toBeNull();
  });
});

describe('RFC 9111 §3.3: what is incomplete', () => {
  it('is not stored when it is shorter or longer than it said', async () => {
    expect(await isStored({ headers: [...FRESH, 'Content-Length', '5'], body: 'four' })).toBe(false);
    expect(await isStored({ headers: [...FRESH, 'Content-Length', '3'], body: 'four' })).toBe(false);
    expect(await isStored({ headers: [...FRESH, 'Content-Length', '4'], body: 'four' })).toBe(true);
  });

  it('is not stored when its fetch was abandoned, and end after that changes nothing', async () => {
    const kit = new CacheKit();
    const fetch = await kit.fetch();
    fetch.head(200, 'OK', FRESH);
    fetch.data(Buffer.from('half'));
    fetch.abandon();
    fetch.end();
    fetch.abandon();
    expect(await kit.hit()).toBeNull();
    expect(kit.cache.underWay).toBe(0);
  });
});

describe('RFC 9111 §3.5: requests with Authorization', () => {
  const authorized = { headers: ['Authorization', 'Bearer x'] };

  it.each(['public, max-age=60', 's-maxage=60', 'must-revalidate, max-age=60'])(
    'may have their answer stored, and be answered, when it says %s',
    async (value) => {
      const kit = new CacheKit();
      await kit.answer({ headers: ['Cache-Control', value] }, authorized);
      expect(await kit.hit()).not.toBeNull();
      expect(await kit.hit(authorized)).not.toBeNull();
    },
  );

  it('have it stored in no other case', async () => {
    expect(await isStored({ headers: FRESH }, authorized)).toBe(false);
  });

  it('are not answered with what somebody without it got, and leave that where it is', async () => {
    const kit = new CacheKit();
    await kit.answer({ headers: FRESH, body: 'please log in' });
    const fetch = await kit.fetch(authorized);
    expect(fetch.cacheStatus).toBe('breakwater; fwd=bypass');
    expect(fetch.conditional).toBeNull();
    await play(fetch, { headers: ['Cache-Control', 'private'] });
    expect((await kit.hit())?.body.toString()).toBe('please log in');
  });
});

describe('the size of an entry', () => {
  it('is limited: what announces more, or turns out to be more, is not stored', async () => {
    const stored = async (body: string, headers: string[] = []): Promise<boolean> => {
      const kit = new CacheKit({ maxEntryBytes: 10 });
      const fetch = await kit.fetch();
      fetch.head(200, 'OK', [...FRESH, ...headers]);
      for (const byte of body) fetch.data(Buffer.from(byte));
      fetch.end();
      return (await kit.hit())?.body.toString() === body;
    };
    expect(await stored('0123456789')).toBe(true);
    expect(await stored('0123456789x')).toBe(false);
    expect(await stored('0123456789', ['Content-Length', '10'])).toBe(true);
    expect(await stored('', ['Content-Length', '11'])).toBe(false);
  });
});

describe('a good answer that may not be stored', () => {
  it('takes the place of what was stored before; an error does not', async () => {
    const kit = new CacheKit({ place: { staleMs: 3_600_000 } });
    await kit.answer({ headers: FRESH });
    await kit.time.advance(61_000);
    await kit.answer({ status: 503 });
    expect(await kit.question().stale(3_600_000)).not.toBeNull();
    await kit.answer({ headers: ['Cache-Control', 'no-store'] });
    expect(await kit.question().stale(3_600_000)).toBeNull();
  });
});

describe('Cache-Status (RFC 9211)', () => {
  it.each([
    ['gw-1', 'gw-1; fwd=uri-miss'],
    ['1gw', '"1gw"; fwd=uri-miss'],
    ['a "b"', '"a \\"b\\""; fwd=uri-miss'],
  ])('names the cache %s so that it can be parsed', async (name, status) => {
    expect((await new CacheKit({ name }).fetch()).cacheStatus).toBe(status);
  });
});

describe('when an answer is stored', () => {
  it('with the last byte that was announced, before that goes on to the client', async () => {
    const kit = new CacheKit();
    const fetch = await kit.fetch();
    fetch.head(200, 'OK', [...FRESH, 'Content-Length', '4']);
    fetch.data(Buffer.from('bo'));
    fetch.data(Buffer.from('dy'));
    expect((await kit.hit())?.body.toString()).toBe('body');
    fetch.end();
    expect(kit.cache.underWay).toBe(0);
  });

  it('with its end, when nothing was announced', async () => {
    const kit = new CacheKit();
    const fetch = await kit.fetch();
    fetch.head(200, 'OK', FRESH);
    fetch.data(Buffer.from('body'));
    await settled();
    expect(kit.cache.underWay).toBe(1);
    fetch.end();
    expect((await kit.hit())?.body.toString()).toBe('body');
  });
});
