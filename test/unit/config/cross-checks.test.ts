import { describe, expect, it } from 'vitest';
import { messagesOf, placesOf, problemsOf, ROUTE, SMALLEST, UPSTREAM } from './problems-of.ts';

const codes = (text: string, env = {}) => problemsOf(text, env).map(({ code }) => code);
const routes = (...list: string[]) => `${UPSTREAM}routes:\n${list.map((route) => `  - ${route}\n`).join('')}`;

describe('a route', () => {
  it('must lead to an upstream that is there', () => {
    expect(messagesOf(routes('{ path: /, upstream: apo }'))).toEqual([
      'routes[0].upstream: there is no upstream "apo"; did you mean "api"?',
    ]);
    expect(messagesOf(routes('{ path: /, upstream: payments }'))).toEqual([
      'routes[0].upstream: there is no upstream "payments"; known here: api',
    ]);
  });

  it('is compared with upstreams even where one of them has a mistake', () => {
    const file = `upstreams: { api: { targets: 5 } }\nroutes: [{ path: /, upstream: api }, { path: /a, upstream: b }]\n`;
    expect(placesOf(file)).toEqual(['1:30 INVALID_VALUE', '2:60 UNKNOWN_UPSTREAM']);
  });

  it.each([
    ['{ path: /a, upstream: api }', '{ path: /a, upstream: api }'],
    ['{ path: /a/:id, upstream: api }', '{ path: /a/:name, upstream: api }'],
    ['{ path: /a/*, upstream: api }', '{ path: /a/*, upstream: api, timeout: 1s }'],
    ['{ path: /, upstream: api, host: A.b }', '{ path: /, upstream: api, host: a.B }'],
    ['{ path: /, upstream: api, methods: [GET, PUT] }', '{ path: /, upstream: api, methods: [PUT] }'],
    ['{ path: "/x%3Ay", upstream: api }', '{ path: "/x:y", upstream: api }'],
  ])('must not match the same requests as another: %s %s', (one, other) => {
    const file = routes(one, other);
    expect(codes(file)).toEqual(['DUPLICATE_ROUTE']);
    expect(placesOf(file)[0]).toMatch(/^4:/);
    expect(messagesOf(file)[0]).toContain('the route in line 3');
  });

  it.each([
    ['{ path: /a, upstream: api }', '{ path: /a/, upstream: api }'],
    ['{ path: /a/:id, upstream: api }', '{ path: /a/*, upstream: api }'],
    ['{ path: "/:a", upstream: api }', '{ path: "/%3Aa", upstream: api }'],
    ['{ path: /, upstream: api, host: a.b }', '{ path: /, upstream: api, host: "*.a.b" }'],
    ['{ path: /, upstream: api, host: a.b }', '{ path: /, upstream: api }'],
    ['{ path: /, upstream: api, methods: [GET] }', '{ path: /, upstream: api, methods: [PUT] }'],
    ['{ path: /, upstream: api, methods: [GET] }', '{ path: /, upstream: api }'],
  ])('may be more specific than another: %s %s', (one, other) => {
    expect(codes(routes(one, other))).toEqual([]);
  });

  it.each([
    ['/a/*', '/a'],
    ['/a/:id', '/a/7'],
    ['/*', '/any/thing'],
    ['/a/b', '/a/b'],
  ])('on %s may strip %s', (path, prefix) => {
    expect(codes(routes(`{ path: "${path}", upstream: api, strip_prefix: "${prefix}" }`))).toEqual([]);
  });

  it.each([
    ['/a/*', '/b'],
    ['/a', '/a/b'],
    ['/ab/*', '/a'],
  ])('on %s cannot strip %s', (path, prefix) => {
    const file = routes(`{ path: "${path}", upstream: api, strip_prefix: "${prefix}" }`);
    expect(messagesOf(file)).toEqual([expect.stringContaining(`is not the beginning of any path`)]);
  });

  it.each([
    ['/a/:id', '/b/:id', 0],
    ['/a/:id/*', '/:id/*', 0],
    ['/a/:id', '/b', 0],
    ['/a/:id', '/b/:name', 1],
    ['/a/:id', '/b/*', 1],
  ])('on %s may be rewritten to %s or not', (path, rewrite, mistakes) => {
    expect(codes(routes(`{ path: "${path}", upstream: api, rewrite: "${rewrite}" }`))).toHaveLength(mistakes);
  });

  it('cannot both strip a prefix and rewrite', () => {
    const file = routes('{ path: /a/*, upstream: api, strip_prefix: /a, rewrite: /* }');
    expect(messagesOf(file)).toEqual([expect.stringContaining('together with strip_prefix')]);
  });
});

describe('a breaker', () => {
  it('must have a name of its own', () => {
    const file = `upstreams:
  a: { targets: [http://a:1], circuit_breaker: { name: b } }
  b: { targets: [http://a:1] }
  c: { targets: [http://a:1], circuit_breaker: { name: b } }
routes: [{ path: /, upstream: a }]
`;
    expect(placesOf(file)).toEqual(['3:3 DUPLICATE_BREAKER', '4:56 DUPLICATE_BREAKER']);
  });

  it('cannot have the name of the one before the cache’s Redis', () => {
    const file = (redis: string) => `cache: { redis: ${redis} }
upstreams: { cache: { targets: [http://a:1] } }
routes: [{ path: /, upstream: cache, cache: true }]
`;
    expect(placesOf(file('redis://127.0.0.1:1'))).toEqual(['2:14 DUPLICATE_BREAKER']);
    expect(placesOf(file('{ url: redis://127.0.0.1:1 }'))).toEqual(['2:14 DUPLICATE_BREAKER']);
    expect(codes(file("''"))).toEqual([]);
  });

  it.each(['prodution', '{ profile: prodution, failure_threshold: 3 }'])(
    'can only use a profile that is there: %s',
    (breaker) => {
      const file = `circuit_breakers: { production: {} }
upstreams: { api: { targets: [http://a:1], circuit_breaker: ${breaker} } }
${ROUTE}`;
      expect(codes(file)).toEqual(['UNKNOWN_PROFILE']);
      expect(messagesOf(file)[0]).toContain('did you mean "production"?');
    },
  );
});

describe('a target', () => {
  it('stands once in an upstream, however it is written', () => {
    const file = `upstreams: { api: { targets: [http://a, { url: "http://A:80/" }, http://a:81] } }\n${ROUTE}`;
    expect(placesOf(file)).toEqual(['1:41 DUPLICATE_TARGET']);
  });
});

describe('the admin API', () => {
  it.each([
    '127.0.0.1:9901',
    '127.9.9.9:9901',
    '"[::1]:9901"',
    '"[0:0:0:0:0:0:0:1]:9901"',
    '"[::ffff:127.0.0.1]:9901"',
    'localhost:9901',
  ])('needs no token on %s', (listen) => {
    expect(codes(`admin: { listen: ${listen} }\n${SMALLEST}`)).toEqual([]);
  });

  it.each([
    '0.0.0.0:9901',
    ':9901',
    '"[::]:9901"',
    '10.0.0.1:9901',
    '"[::ffff:10.0.0.1]:9901"',
    'gateway.internal:9901',
    'localhost.example.com:9901',
    // Not every resolver knows that these never leave the machine (RFC 6761 §6.3), so the admin API will not start.
    'gateway.localhost:9901',
  ])('needs a token on %s', (listen) => {
    expect(codes(`admin: { listen: ${listen} }\n${SMALLEST}`)).toEqual(['ADMIN_WITHOUT_TOKEN']);
    expect(codes(`admin: { listen: ${listen}, token: "" }\n${SMALLEST}`)).toEqual(['ADMIN_WITHOUT_TOKEN']);
    expect(codes(`admin: { listen: ${listen}, token: \${T:-} }\n${SMALLEST}`)).toEqual([
      'ADMIN_WITHOUT_TOKEN',
    ]);
    expect(codes(`admin: { listen: ${listen}, token: abc }\n${SMALLEST}`)).toEqual([]);
    expect(codes(`admin: { listen: ${listen}, token: \${T} }\n${SMALLEST}`, { T: '123' })).toEqual([]);
  });

  it('is not called open when its token only has a mistake of its own', () => {
    expect(codes(`admin: { listen: ":9901", token: \${T} }\n${SMALLEST}`)).toEqual(['MISSING_VARIABLE']);
    expect(codes(`admin: { listen: ":9901", token: "a b" }\n${SMALLEST}`)).toEqual(['INVALID_VALUE']);
  });

  it('has a port of its own, unless the system chooses', () => {
    expect(codes(`admin: { listen: 127.0.0.1:8080 }\n${SMALLEST}`)).toEqual(['SAME_PORT']);
    expect(codes(`server: { listen: ":9901" }\nadmin: {}\n${SMALLEST}`)).toEqual(['SAME_PORT']);
    expect(codes(`server: { listen: ":0" }\nadmin: { listen: 127.0.0.1:0 }\n${SMALLEST}`)).toEqual([]);
  });
});
