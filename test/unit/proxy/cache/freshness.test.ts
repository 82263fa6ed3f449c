import { describe, expect, it } from 'vitest';
import { CacheKit, field } from './cache-kit.ts';

const HOUR = 3600;

/** Whole seconds for which a stored answer is served. */
async function freshSeconds(kit: CacheKit, headers: readonly string[], status = 200): Promise<number> {
  await kit.answer({ headers, status });
  for (let seconds = 0; ; seconds++) {
    if (seconds > 100_000 || (await kit.hit()) === null) return seconds;
    await kit.time.advance(1000);
  }
}

describe('RFC 9111 §4.2.1: how long an answer is fresh', () => {
  it.each([
    ['max-age=9', 9],
    ['max-age=9, s-maxage=5', 5],
    ['S-MaxAge="5", max-age=9', 5],
    ['max-age=9, must-revalidate', 9],
    ['max-age=9, proxy-revalidate', 9],
    ['max-age=9, max-age=20', 9],
    ['max-age=9, immutable', 9],
    ['max-age=nine', 0],
    ['max-age', 0],
    ['max-age=9, no-cache', 0],
    ['max-age=9, no-cache="x-a, x-b"', 0],
    ['max-age=9, stale-while-revalidate=100', 9],
    ['immutable', 0],
  ])('Cache-Control: %s', async (value, seconds) => {
    expect(await freshSeconds(new CacheKit(), ['Cache-Control', value, 'ETag', '"1"'])).toBe(seconds);
  });

  it('until Expires, counted from Date; an invalid one is over', async () => {
    const kit = new CacheKit();
    const expires = (seconds: number): string[] => ['Date', kit.date(), 'Expires', kit.date(-seconds)];
    expect(await freshSeconds(kit, expires(8))).toBe(8);
    expect(await freshSeconds(new CacheKit(), ['ETag', '"1"', 'Expires', '0'])).toBe(0);
    expect(await freshSeconds(new CacheKit(), ['Pragma', 'no-cache', 'ETag', '"1"'])).toBe(0);
  });

  it('with sub-second precision where the operator gives it', async () => {
    const kit = new CacheKit({ place: { ttlMs: 1500 } });
    await kit.answer({});
    await kit.time.advance(1499);
    expect(await kit.hit()).not.toBeNull();
    await kit.time.advance(1);
    expect(await kit.hit()).toBeNull();
  });
});

describe('RFC 9111 §4.2.2: an answer that does not say how long it is fresh', () => {
  it('is fresh for a tenth of its age, for a day at most', async () => {
    const modified = (secondsAgo: number): CacheKit => {
      const kit = new CacheKit();
      return Object.assign(kit, { headers: ['Date', kit.date(), 'Last-Modified', kit.date(secondsAgo)] });
    };
    const young = modified(100) as CacheKit & { headers: string[] };
    expect(await freshSeconds(young, young.headers)).toBe(10);
    const old = modified(10_000 * 24 * HOUR) as CacheKit & { headers: string[] };
    await old.answer({ headers: old.headers });
    await old.time.advance(24 * HOUR * 1000 - 1);
    expect(await old.hit()).not.toBeNull();
    await old.time.advance(1);
    expect(await old.hit()).toBeNull();
  });

  it('is fresh for the ttl of the route, but only then', async () => {
    const withTtl = (): CacheKit => new CacheKit({ place: { ttlMs: 7000 } });
    expect(await freshSeconds(withTtl(), [])).toBe(7);
    expect(await freshSeconds(withTtl(), ['Last-Modified', new Date(0).toUTCString()])).toBe(7);
    expect(await freshSeconds(withTtl(), ['Cache-Control', 'public'])).toBe(7);
    expect(await freshSeconds(withTtl(), [], 404)).toBe(7);
    expect(await freshSeconds(withTtl(), [], 302)).toBe(0);
    expect(await freshSeconds(withTtl(), ['Cache-Control', 'public', 'ETag', '"1"'], 302)).toBe(0);
    expect(await freshSeconds(withTtl(), [], 403)).toBe(0);
    // They tell of how it was asked, which no key tells apart.
    for (const status of [405, 414, 501]) {
      expect(await freshSeconds(withTtl(), [], status)).toBe(0);
      expect(await freshSeconds(withTtl(), ['Cache-Control', 'max-age=3'], status)).toBe(3);
    }
    expect(await freshSeconds(withTtl(), ['Cache-Control', 'max-age=3'])).toBe(3);
    expect(await freshSeconds(withTtl(), ['Cache-Control', 'no-cache', 'ETag', '"1"'])).toBe(0);
    expect(await freshSeconds(withTtl(), ['Cache-Control', 'private'])).toBe(0);
    expect(await freshSeconds(withTtl(), ['Pragma', 'no-cache', 'ETag', '"1"'])).toBe(0);
  });
});

describe('RFC 9111 §4.2.3: age', () => {
  it("begins with what the upstream's Age says, and with the time that the answer took", async () => {
    const kit = new CacheKit();
    const fetch = await kit.fetch();
    await kit.time.advance(2000);
    fetch.head(200, 'OK', ['Age', '30', 'Cache-Control', 'max-age=60', 'Date', kit.date()]);
    await kit.time.advance(5000);
    fetch.end();
    await kit.time.advance(3000);
    const hit = await kit.hit();
    expect(hit?.ageMs).toBe(40_000);
    expect(hit?.headers.filter((name) => name.toLowerCase() === 'age')).toHaveLength(1);
    expect(field(hit, 'age')).toBe('40');
    expect(hit?.cacheStatus).toBe('breakwater; hit; ttl=20');
    await kit.time.advance(20_000);
    expect(await kit.hit()).toBeNull();
  });

  it('is never less than what Date tells', async () => {
    const kit = new CacheKit();
    const date = kit.date(25);
    await kit.answer({ headers: ['Age', '3', 'Date', date, 'Cache-Control', 'max-age=60'] });
    const hit = await kit.hit();
    // Date has no fractions; the kit's clock stands at a whole second.
    expect(field(hit, 'age')).toBe('25');
    expect(field(hit, 'date')).toBe(date);
  });

  it('goes on by the monotonic clock, whatever the wall clock does', async () => {
    const kit = new CacheKit();
    await kit.answer({ headers: ['Cache-Control', 'max-age=60'] });
    await kit.time.advance(10_000);
    const { wallNow } = kit.time;
    kit.time.wallNow = () => wallNow.call(kit.time) + 1_000_000_000;
    expect(field(await kit.hit(), 'age')).toBe('10');
  });

  it('makes an answer that comes with its whole lifetime behind it nothing to serve', async () => {
    const kit = new CacheKit();
    await kit.answer({ headers: ['Age', '60', 'Cache-Control', 'max-age=60'] });
    expect(await kit.hit()).toBeNull();
  });
});

describe('a Date', () => {
  it('is added where the upstream gave none that can be read (RFC 9110 §6.6.1)', async () => {
    const kit = new CacheKit();
    const now = kit.date();
    await kit.answer({ headers: ['Cache-Control', 'max-age=60', 'Date', 'today'] });
    await kit.time.advance(5000);
    expect(field(await kit.hit(), 'date')).toBe(now);
  });
});

it.each([null, 60_000])('a Date at the end of time is no obstacle (ttl %s)', async (ttlMs) => {
  const kit = new CacheKit({ place: { ttlMs } });
  const date = new Date(8.64e15).toUTCString();
  await kit.answer({ headers: ['Date', date, 'Last-Modified', kit.date(100)] });
  expect(kit.errors).toEqual([]);
});

describe('Warning', () => {
  it('is not on fresh answers, also when the upstream sent one', async () => {
    const kit = new CacheKit();
    await kit.answer({ headers: ['Cache-Control', 'max-age=60', 'Warning', '110 old "stale"'] });
    expect(field(await kit.hit(), 'warning')).toBeUndefined();
  });
});
