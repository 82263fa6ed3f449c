import { describe, expect, it } from 'vitest';
import { askedInFront } from '../../../../src/proxy/cache/asked-in-front.ts';
import { asking, CacheKit } from './cache-kit.ts';

const FRESH = ['Cache-Control', 'max-age=60'];
const TRUSTED = '192.0.2.9';
const HTTPS = { headers: ['X-Forwarded-Proto', 'https'] };

function kitBehindProxy(): CacheKit {
  return new CacheKit({ trusts: (address) => address === TRUSTED });
}

describe('what a proxy in front was asked for', () => {
  it('tells stored answers apart', async () => {
    const kit = kitBehindProxy();
    const proxied = { ...HTTPS, remoteAddress: TRUSTED };
    await kit.answer({ headers: FRESH, body: 'secure' }, proxied);
    expect(await kit.hit({ remoteAddress: TRUSTED })).toBeNull();
    expect((await kit.hit(proxied))?.body.toString()).toBe('secure');
  });

  it('is nothing where the peer is not trusted: the upstream never heard of it', async () => {
    const kit = kitBehindProxy();
    await kit.answer({ headers: FRESH, body: 'go to https' }, HTTPS);
    expect(await kit.hit({ ...HTTPS, remoteAddress: TRUSTED })).toBeNull();
    expect((await kit.hit())?.body.toString()).toBe('go to https');
    kit.cache.invalidate(asking({ method: 'POST', headers: ['X-Forwarded-Host', 'x'] }), kit.place, {
      status: 200,
      headers: [],
    });
    expect(await kit.hit()).toBeNull();
  });

  it.each([
    [
      ['X-Forwarded-Host', 'a', 'x-forwarded-host', ' b '],
      ['x-forwarded-host', 'a, b'],
    ],
    [
      ['X-Forwarded-Port', '8443'],
      ['x-forwarded-port', '8443'],
    ],
    [
      ['X-Forwarded-Prefix', '/shop'],
      ['x-forwarded-prefix', '/shop'],
    ],
    [
      ['X-Forwarded-Host', ''],
      ['x-forwarded-host', ''],
    ],
    [['X-Forwarded-For', '192.0.2.1', 'X-Real-IP', '192.0.2.1', 'X_Forwarded_Host', 'a'], []],
  ])('of %j is %j', (headers, expected) => {
    expect(askedInFront(headers)).toEqual(expected);
  });

  it('does not depend on the order of fields', () => {
    const fields = ['X-Forwarded-Host', 'a', 'X-Forwarded-Proto', 'https'];
    expect(askedInFront([...fields.slice(2), ...fields.slice(0, 2)])).toEqual(askedInFront(fields));
  });

  it('is in Forwarded all but who has asked, and whatever else an upstream could make of it', () => {
    const of = (value: string) => askedInFront(['Forwarded', value]).join('=');
    const one = of('for=192.0.2.1;host=a;proto=https, for="[2001:db8::1]:4711";by=_x');
    expect(of('for=192.0.2.77;host=a;proto=https, for="[2001:db8::2]:9";by=_y')).toBe(one);
    expect(of('for=192.0.2.1;host=b;proto=https, for="[2001:db8::1]:4711";by=_x')).not.toBe(one);
    expect(of('for="\\";host=b"')).toContain('host=b');
  });
});
