import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalPath } from '../../../src/http/canonical-path.ts';
import { Refusal } from '../../../src/http/refusal.ts';
import { Route } from '../../../src/proxy/route.ts';
import { routeConfig } from '../../helpers/route-config.ts';

function forwarded(target: string, config: Parameters<typeof routeConfig>[1] & { path: string }): string {
  const canonical = canonicalPath(target);
  if (canonical instanceof Refusal) throw canonical;
  return new Route(routeConfig(config.path, config)).upstreamTarget(target, canonical.path);
}

describe('duty 49: what is forwarded', () => {
  it('is the target byte for byte when the route says nothing else', () => {
    const target = '/%61uth/x%7ey|z/?q=%2F..//;a&b=%zz?';
    expect(forwarded(target, { path: '/*' })).toBe(target);
  });
});

describe('strip_prefix', () => {
  it.each([
    ['/api/users/1?x=/api', '/users/1?x=/api'],
    ['/api', '/'],
    ['/api?x', '/?x'],
    ['/api/', '/'],
    ['/api/?', '/?'],
    ['/%61pi/u%73ers?%61', '/u%73ers?%61'],
    ['/api/a%40b/%c3%a9', '/a%40b/%c3%a9'],
    ['/apiary/x', '/apiary/x'],
    ['/other', '/other'],
    ['/api/api/x', '/api/x'],
  ])('/api makes of %s %s', (target, result) => {
    expect(forwarded(target, { path: '/*', stripPrefix: '/api' })).toBe(result);
  });

  it('may be shorter than the path of the route, and end in a slash', () => {
    expect(forwarded('/a/b/c', { path: '/a/b/*', stripPrefix: '/a/' })).toBe('/b/c');
    expect(forwarded('/a/7/c', { path: '/a/:id/*', stripPrefix: '/a' })).toBe('/7/c');
    expect(forwarded('/v1/c', { path: '/:version/*', stripPrefix: '/v1' })).toBe('/c');
  });

  it.each(['/b', '/a/b/c', '/', '', '/:id', '/*', 'a', '/aa'])('%s for /a/b is refused', (stripPrefix) => {
    expect(() => new Route(routeConfig('/a/b', { stripPrefix }))).toThrow(/strip_prefix|begin with/);
  });

  it('keeps the bytes after the prefix and never makes an empty first segment', () => {
    const segment = fc.stringMatching(/^(?:[a-z~|]|%[4-6][1-9a-f]|%C3%A9){1,6}$/);
    fc.assert(
      fc.property(
        fc.array(segment, { maxLength: 4 }),
        fc.constantFrom('', '?', '?a=%2f//'),
        (segments, query) => {
          const rest = segments.map((text) => `/${text}`).join('');
          fc.pre(!(canonicalPath(`/a%2Dpi${rest}`) instanceof Refusal));
          const result = forwarded(`/a%2Dpi${rest}${query}`, { path: '/a-pi/*', stripPrefix: '/a-pi' });
          expect(result).toBe(`${rest === '' ? '/' : rest}${query}`);
        },
      ),
    );
  });
});

describe('rewrite', () => {
  it.each([
    ['/auth/*', '/v2/*', '/auth/login?x', '/v2/login?x'],
    ['/auth/*', '/v2/*', '/auth', '/v2'],
    ['/auth/*', '/v2/*', '/auth/', '/v2/'],
    ['/auth/*', '/v2/*', '/auth/%61/b%7e?', '/v2/%61/b%7e?'],
    ['/auth/*', '/*', '/auth', '/'],
    ['/auth/*', '/*', '/auth?a=1', '/?a=1'],
    ['/auth/*', '/fixed', '/auth/x/y?q', '/fixed?q'],
    ['/a/:id/b/:x', '/:x/of/:id', '/a/%37/b/k|?q', '/k|/of/%37?q'],
    ['/a/:id/*', '/:id/*', '/a/7/b/c', '/7/b/c'],
    ['/old', '/', '/old?q', '/?q'],
    ['/*', '/base/*', '/', '/base/'],
  ])('%s → %s makes of %s %s', (path, rewrite, target, result) => {
    expect(forwarded(target, { path, rewrite })).toBe(result);
  });

  it.each([
    ['/a/b', '/x/*', /"\*"/],
    ['/a/:id', '/x/:name', /":name"/],
    ['/a/*', 'x', /begin with/],
    ['/a/*', '/x?y', /no query/],
    ['/a/*', '/../x', /"\.\."/],
  ])('%s → %s is refused', (path, rewrite, message) => {
    expect(() => new Route(routeConfig(path, { rewrite }))).toThrow(message);
  });

  it('and strip_prefix together are refused', () => {
    expect(() => new Route(routeConfig('/a/*', { rewrite: '/*', stripPrefix: '/a' }))).toThrow(/both/);
  });
});
