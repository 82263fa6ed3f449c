import { describe, expect, it } from 'vitest';
import { messagesOf, placesOf } from './problems-of.ts';

const file = (...steps: string[]) =>
  `upstreams: { api: { targets: [http://a:1] }, b: { targets: [http://b:1] }, c: { targets: [http://c:1] } }
routes:
  - path: /
    upstream: api
    fallback:
${steps.map((step) => `      - ${step}\n`).join('')}`;

describe('a fallback', () => {
  it.each([
    [['{ upstream: other }'], '6:21 UNKNOWN_UPSTREAM', 'there is no upstream "other"; known here: api, b, c'],
    [['{ upstream: api }'], '6:21 INVALID_VALUE', 'is the route’s own, which has failed already'],
    [
      ['{ upstream: b, on: [open] }', '{ upstream: c }', '{ upstream: b, on: [status] }'],
      '8:21 INVALID_VALUE',
      'names "b" a second time',
    ],
    [['{ stale: 5m }', '{ stale: 10m }'], '7:18 INVALID_VALUE', 'stale is given twice'],
    [['{}'], '6:9 INVALID_VALUE', 'must have exactly one of "upstream", "stale", "static", "mock"'],
    [['{ stale: 5m, static: {} }'], '6:9 INVALID_VALUE', 'must have exactly one of'],
    [['{ stale: 5m, methods: [] }'], '6:31 INVALID_VALUE', 'must list at least one method'],
    [['{ stale: 5m, on: [] }'], '6:26 INVALID_VALUE', 'must list at least one condition'],
    [['{ stale: 5m, on: [slow] }'], '6:27 INVALID_VALUE', 'on[0] must be one of connect, timeout, reset'],
    [['{ stale: 0s }'], '6:18 INVALID_VALUE', 'must be from 1ms to 8760h'],
    [['{ cached: 5m }'], '6:11 UNKNOWN_KEY', 'unknown key "cached"'],
    [['5'], '6:9 INVALID_VALUE', 'must be a mapping of keys and values, not 5'],
  ])('cannot be %j', (steps, place, message) => {
    expect(placesOf(file(...steps))).toContain(place);
    expect(messagesOf(file(...steps))).toContainEqual(expect.stringContaining(message));
  });

  it('is a list', () => {
    expect(messagesOf(file().replace('fallback:', 'fallback: { stale: 5m }'))).toEqual([
      'routes[0].fallback must be a list of steps such as [{ stale: 5m }], not a mapping',
    ]);
  });

  it('says all its mistakes at once', () => {
    expect(placesOf(file('{ upstream: d }', '{ upstream: api }', '{ stale: 5 }'))).toEqual([
      '6:21 UNKNOWN_UPSTREAM',
      '7:21 INVALID_VALUE',
      '8:18 INVALID_VALUE',
    ]);
  });
});

describe('a step whose methods no request has', () => {
  const withMethods = (methods: string, ...steps: string[]) =>
    file(...steps).replace('    upstream: api\n', `    upstream: api\n    methods: ${methods}\n`);

  it.each([
    [
      '{ static: {} }',
      'it is for GET, HEAD, and the route takes POST, PUT; give the step "methods" of its own',
    ],
    [
      '{ mock: {} }',
      'it is for GET, HEAD, and the route takes POST, PUT; give the step "methods" of its own',
    ],
    ['{ stale: 5m }', 'it is for GET, HEAD, and the route takes POST, PUT'],
    ['{ upstream: b, methods: [GET] }', 'it is for GET, and the route takes POST, PUT; give'],
  ])('is a mistake: %s', (step, message) => {
    const text = withMethods('[POST, PUT]', step);
    expect(placesOf(text)).toEqual(['7:9 INVALID_VALUE']);
    expect(messagesOf(text)[0]).toContain(`routes[0].fallback[0] never answers: ${message}`);
  });

  it('is a mistake also where the stored answers are none for some of them', () => {
    const text = file('{ stale: 5m, methods: [GET, POST] }');
    expect(placesOf(text)).toEqual(['6:31 INVALID_VALUE']);
    expect(messagesOf(text)[0]).toContain(
      'methods has POST, but only answers to GET are stored, for GET and HEAD',
    );
  });

  it.each([
    ['[POST]', '{ static: {}, methods: [POST, PUT] }'],
    ['[POST]', '{ upstream: b }'],
    ['[GET]', '{ stale: 5m, methods: [HEAD] }'],
    ['[GET, POST]', '{ stale: 5m }'],
  ])('is none where the route takes one of them: %s and %s', (methods, step) => {
    expect(messagesOf(withMethods(methods, step))).toEqual([]);
  });
});

describe('a step that no request reaches', () => {
  it.each([
    ['{ static: {} }', '{ stale: 5m }'],
    ['{ static: {} }', '{ static: { status: 503 } }'],
    ['{ static: {} }', '{ upstream: b, methods: [GET] }'],
    ['{ static: {}, on: [open, full] }', '{ stale: 5m, on: [open] }'],
    ['{ static: {}, methods: [GET, POST] }', '{ static: {}, methods: [POST], on: [status] }'],
  ])('is a mistake: %s before %s', (first, second) => {
    const text = file('{ upstream: c }', first, second);
    expect(placesOf(text)).toEqual(['8:9 INVALID_VALUE']);
    expect(messagesOf(text)[0]).toMatch(
      /^routes\[0\]\.fallback\[2\] is never reached: the static step in line 7 answers all its requests$/,
    );
  });

  it.each([
    ['{ static: {}, on: [open] }', '{ static: {} }'],
    ['{ static: {}, methods: [GET] }', '{ stale: 5m }'],
    ['{ static: {} }', '{ upstream: b }'],
    ['{ static: {} }', '{ static: {}, methods: [POST] }'],
    ['{ stale: 5m }', '{ static: {} }'],
    ['{ mock: {} }', '{ static: {} }'],
    ['{ static: {} }', '{ mock: {} }'],
    ['{ mock: {} }', '{ stale: 5m }'],
  ])('is none that one may reach: %s before %s', (first, second) => {
    for (const profile of ['development', 'production'])
      expect(placesOf(`profile: ${profile}\n${file(first, second)}`)).toEqual([]);
  });
});

describe('a fixed answer', () => {
  it.each([
    ['{ status: 199 }', 'status must be a whole number from 200 to 599, not 199'],
    ['{ status: 600 }', 'status must be a whole number from 200 to 599, not 600'],
    ['{ json: 1, body: a }', 'body cannot be given together with json'],
    ['{ status: 204, json: {} }', 'json cannot be given: an answer with status 204 has no body'],
    ['{ status: 304, body: a }', 'body cannot be given: an answer with status 304 has no body'],
    ['{ json: { a: [.inf] } }', 'json holds a number that JSON does not have'],
    ['{ json: .nan }', 'json holds a number that JSON does not have'],
    ['{ body: 5 }', 'body must be text: put it in quotes'],
    ['{ headers: [a] }', 'headers must be a mapping of header fields, not a list'],
    ['{ headers: { "a b": c } }', 'must be the name of a header field: a token'],
    ['{ headers: { "": c } }', 'must be the name of a header field: a token'],
    ['{ headers: { "a:": c } }', 'must be the name of a header field: a token'],
    ['{ headers: { a: "b\\r\\nc: d" } }', 'headers.a must be visible ASCII'],
    ['{ headers: { a: " b" } }', 'headers.a must be visible ASCII'],
    ['{ headers: { a: "b\\t" } }', 'headers.a must be visible ASCII'],
    ['{ headers: { a: ü } }', 'headers.a must be visible ASCII'],
    ['{ headers: { a: 5 } }', 'headers.a must be text: put it in quotes'],
    ['{ headers: { X-A: b, x-a: c } }', 'headers.x-a is given twice'],
    ['{ headers: { x-a: b, X-A: c } }', 'headers.X-A is given twice'],
    ['{ haeders: {} }', 'did you mean "headers"?'],
    ['5', 'must be a mapping of keys and values, not 5'],
  ])('cannot be %s', (answer, message) => {
    for (const type of ['static', 'mock'])
      expect(messagesOf(file(`{ ${type}: ${answer} }`))).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    'Connection',
    'content-length',
    'Keep-Alive',
    'Proxy-Authenticate',
    'Proxy-Connection',
    'TE',
    'Trailer',
    'TRANSFER-ENCODING',
    'Upgrade',
  ])('cannot say how the connection is used: %s', (name) => {
    const text = file(`{ static: { headers: { X-A: b, ${name}: x } } }`);
    expect(placesOf(text)).toEqual(['6:40 INVALID_VALUE']);
    expect(messagesOf(text)[0]).toContain(`"${name}" cannot be given`);
  });

  it('may have any other field, and any JSON', () => {
    const answer =
      '{ status: 599, headers: { "!#$%&\'*+-.^_`|~9a": "a\\tb c" }, json: { a: [1.5, -0, true, null, "ü", {}] } }';
    expect(placesOf(file(`{ static: ${answer} }`))).toEqual([]);
  });
});
