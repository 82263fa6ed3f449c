import { describe, expect, it } from 'vitest';
import type { RouteConfig } from '../../../src/config/gateway-config.ts';
import { compileRoutes } from '../../../src/proxy/router.ts';
import { routeConfig } from '../../helpers/route-config.ts';

const ANY = 'gateway.test';

/** The path of the route that matches, or what the router says instead. */
function matched(routes: readonly RouteConfig[], path: string, { method = 'GET', host = ANY } = {}): unknown {
  const match = compileRoutes(routes).match(host, method, path);
  if (match.kind === 'route') return match.route.config;
  return match.kind === 'not_found' ? 'not found' : match.allow;
}

describe('a path', () => {
  const routes = ['/', '/auth/*', '/a/:id/b', '/a/fixed', '/slash/'].map((path) => routeConfig(path));
  it.each([
    ['/', '/'],
    ['/auth', '/auth/*'],
    ['/auth/', '/auth/*'],
    ['/auth/login', '/auth/*'],
    ['/auth/a/b/c', '/auth/*'],
    ['/a/7/b', '/a/:id/b'],
    ['/a/fixed', '/a/fixed'],
    ['/a/fixed/b', '/a/:id/b'],
    ['/slash/', '/slash/'],
  ])('%s is matched by %s', (path, route) => {
    expect(matched(routes, path)).toMatchObject({ path: route });
  });

  it.each([
    '/authx',
    '/aut',
    '/AUTH/login',
    '/a',
    '/a/7',
    '/a/7/b/',
    '/a/7/b/c',
    '/a//b',
    '/a/fixed/',
    '/slash',
    '*',
    '/constructor',
    '/__proto__/x',
  ])('%s is matched by none of them', (path) => {
    expect(matched(routes, path)).toBe('not found');
  });

  it('may have segments named like properties of Object', () => {
    const odd = ['/__proto__/*', '/constructor', '/:id/toString'].map((path) => routeConfig(path));
    expect(matched(odd, '/__proto__/x')).toMatchObject({ path: '/__proto__/*' });
    expect(matched(odd, '/constructor')).toMatchObject({ path: '/constructor' });
    expect(matched(odd, '/hasOwnProperty/toString')).toMatchObject({ path: '/:id/toString' });
    expect(matched(odd, '/toString')).toBe('not found');
  });

  it('of a route is compared in its canonical form', () => {
    expect(matched([routeConfig('/caf%c3%a9')], '/caf%C3%A9')).toMatchObject({ path: '/caf%c3%a9' });
    expect(matched([routeConfig('/café')], '/caf%C3%A9')).toMatchObject({ path: '/café' });
    expect(matched([routeConfig('/%61bc/%40')], '/abc/@')).toMatchObject({ path: '/%61bc/%40' });
  });
});

describe('the most specific route wins', () => {
  it.each([
    ['a literal over a parameter', ['/a/:id', '/a/b'], '/a/b', '/a/b'],
    ['a parameter over *', ['/a/*', '/a/:id'], '/a/b', '/a/:id'],
    ['the end over *', ['/a/*', '/a'], '/a', '/a'],
    ['the longer of two *', ['/*', '/a/*', '/a/b/*'], '/a/b/c', '/a/b/*'],
    ['an early literal over a late one', ['/:x/b', '/a/*'], '/a/b', '/a/*'],
  ])('%s', (_what, paths, path, winner) => {
    const routes = paths.map((text) => routeConfig(text));
    expect(matched(routes, path)).toMatchObject({ path: winner });
    expect(matched(routes.toReversed(), path)).toMatchObject({ path: winner });
  });

  it('and where its branch is a dead end, the next best', () => {
    const routes = ['/a/b/c', '/a/:x/d', '/:y/b/e', '/*'].map((path) => routeConfig(path));
    expect(matched(routes, '/a/b/c')).toMatchObject({ path: '/a/b/c' });
    expect(matched(routes, '/a/b/d')).toMatchObject({ path: '/a/:x/d' });
    expect(matched(routes, '/a/b/e')).toMatchObject({ path: '/:y/b/e' });
    expect(matched(routes, '/a/b/f')).toMatchObject({ path: '/*' });
  });
});

describe('a host', () => {
  const routes = ['api.example.com', '*.example.com', '*.b.example.com', null].map((host) =>
    routeConfig('/*', { host }),
  );
  it.each([
    ['api.example.com', 'api.example.com'],
    ['API.Example.COM:8080', 'api.example.com'],
    ['api.example.com.', 'api.example.com'],
    ['api.example.com.:80', 'api.example.com'],
    ['other.example.com', '*.example.com'],
    ['a.b.example.com', '*.b.example.com'],
    ['x.a.b.example.com:1', '*.b.example.com'],
    ['b.example.com', '*.example.com'],
    ['example.com', null],
    ['.example.com', null],
    ['badexample.com', null],
    ['127.0.0.1:80', null],
    ['[::1]:80', null],
    ['', null],
    [`${'a.'.repeat(20_000)}example.com`, null],
  ])('%s is matched by the route for %s', (authority, host) => {
    expect(matched(routes, '/x', { host: authority })).toMatchObject({ host });
  });

  it('may be an address', () => {
    const own = ['127.0.0.1', '[::1]'].map((host) => routeConfig('/*', { host }));
    expect(matched(own, '/', { host: '[::1]:8080' })).toMatchObject({ host: '[::1]' });
    expect(matched(own, '/', { host: '127.0.0.1' })).toMatchObject({ host: '127.0.0.1' });
  });

  it('goes before the path, and gives way where it has no route for it', () => {
    const both = [
      routeConfig('/*', { host: 'a.test' }),
      routeConfig('/x/y'),
      routeConfig('/z', { host: '*.test' }),
    ];
    expect(matched(both, '/x/y', { host: 'a.test' })).toMatchObject({ host: 'a.test' });
    expect(matched(both, '/z', { host: 'b.test' })).toMatchObject({ host: '*.test' });
    expect(matched(both, '/x/y', { host: 'b.test' })).toMatchObject({ host: null, path: '/x/y' });
  });

  it.each(['a.test:80', 'a..b', '*', '*.', 'a.*.test', '', '.a.test'])(
    '"%s" in a route is refused',
    (host) => {
      expect(() => compileRoutes([routeConfig('/*', { host, line: 7 })])).toThrow(/line 7: host/);
    },
  );
});

describe('a method', () => {
  const routes = [
    routeConfig('/login', { methods: ['POST', 'GET'] }),
    routeConfig('/all'),
    routeConfig('/split', { methods: ['GET'], upstream: 'read' }),
    routeConfig('/split', { upstream: 'write' }),
    routeConfig('/part/one', { methods: ['PUT'] }),
    routeConfig('/part/:x', { methods: ['DELETE'] }),
  ];

  it('that no matching route takes gives 405 with what the path allows, sorted', () => {
    expect(matched(routes, '/login', { method: 'DELETE' })).toEqual(['GET', 'HEAD', 'POST']);
    expect(matched(routes, '/part/one', { method: 'GET' })).toEqual(['DELETE', 'PUT']);
  });

  it('decides last: a route that names it, then one that takes all', () => {
    expect(matched(routes, '/split')).toMatchObject({ upstream: 'read' });
    expect(matched(routes, '/split', { method: 'POST' })).toMatchObject({ upstream: 'write' });
  });

  it('that the best path does not take is left to the next', () => {
    expect(matched(routes, '/part/one', { method: 'DELETE' })).toMatchObject({ path: '/part/:x' });
  });

  it('HEAD is allowed where GET is', () => {
    expect(matched(routes, '/login', { method: 'HEAD' })).toMatchObject({ path: '/login' });
    const own = [...routes, routeConfig('/login', { methods: ['HEAD'], upstream: 'head' })];
    expect(matched(own, '/login', { method: 'HEAD' })).toMatchObject({ upstream: 'head' });
  });

  it('OPTIONS is a method like any other', () => {
    expect(matched(routes, '/login', { method: 'OPTIONS' })).toEqual(['GET', 'HEAD', 'POST']);
    expect(matched(routes, '/all', { method: 'OPTIONS' })).toMatchObject({ path: '/all' });
  });

  it('is case-sensitive', () => {
    expect(matched(routes, '/login', { method: 'post' })).toEqual(['GET', 'HEAD', 'POST']);
  });
});

describe('routes that only their order could tell apart are refused', () => {
  it.each([
    ['the same path twice', routeConfig('/a'), routeConfig('/a')],
    ['parameters with different names', routeConfig('/a/:id'), routeConfig('/a/:name')],
    ['another spelling', routeConfig('/a@b'), routeConfig('/a%40b')],
    [
      'a shared method',
      routeConfig('/a', { methods: ['GET', 'PUT'] }),
      routeConfig('/a', { methods: ['PUT'] }),
    ],
    [
      'another spelling of the host',
      routeConfig('/a', { host: 'A.test' }),
      routeConfig('/a', { host: 'a.test.' }),
    ],
  ])('%s', (_what, first, second) => {
    const compile = () =>
      compileRoutes([
        { ...first, line: 3 },
        { ...second, line: 9 },
      ]);
    expect(compile).toThrow(expect.objectContaining({ code: 'ROUTE_CONFLICT', line: 9 }));
    expect(compile).toThrow(/line 9: .* line 3/);
  });

  it('but not those that differ in host or methods', () => {
    const routes = [
      routeConfig('/a'),
      routeConfig('/a', { host: 'a.test' }),
      routeConfig('/a', { methods: ['GET'] }),
      routeConfig('/a', { methods: ['HEAD'] }),
    ];
    expect(() => compileRoutes(routes)).not.toThrow();
  });
});

describe('a path that no request can have is refused', () => {
  it.each([
    ['a/b', /begin with/],
    ['', /begin with/],
    ['/a/*/b', /last segment/],
    ['/a*', /whole segment/],
    ['/a//b', /"\/\/"/],
    ['/a/../b', /".."/],
    ['/a%2fb', /encoded "\/"/],
    ['/a;b', /";"/],
    ['/a?b', /no query/],
    ['/a b', /blank/],
    ['/:', /proper name/],
    ['/:a-b', /proper name/],
    ['/:a/:a', /two parameters/],
  ])('%s', (path, message) => {
    expect(() => compileRoutes([routeConfig(path, { line: 4 })])).toThrow(message);
    expect(() => compileRoutes([routeConfig(path, { line: 4 })])).toThrow(
      expect.objectContaining({ code: 'INVALID_ROUTE', line: 4 }),
    );
  });
});
