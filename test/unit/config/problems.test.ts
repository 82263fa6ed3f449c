import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/config-error.ts';
import { configOf, messagesOf, placesOf, problemsOf, ROUTE, SMALLEST, UPSTREAM } from './problems-of.ts';

describe('mistakes', () => {
  it('are all listed at once, each at its place, in the order of the file', () => {
    const file = `server: { listen: 8080, workers: most, header_timout: 60s }
admin: { listen: 0.0.0.0:9901 }
circuit_breakers:
  production: { failure_threshold: 0, open_timeout: 120 }
upstreams:
  api:
    targets: [http://127.0.0.1:9001/x, { weight: 2 }]
    circuit_breaker: prodction
  "a b": { targets: [http://a:1] }
routes:
  - { path: /*, upstream: apo, timeout: \${NOPE} }
  - { path: /a/:id, upstream: api }
  - { path: /a/:x, upstream: api }
  - { upstream: api }
log: { level: loud }
`;
    expect(placesOf(file)).toEqual([
      '1:19 INVALID_VALUE',
      '1:34 INVALID_VALUE',
      '1:40 UNKNOWN_KEY',
      '2:18 ADMIN_WITHOUT_TOKEN',
      '4:36 INVALID_VALUE',
      '4:53 INVALID_VALUE',
      '7:15 INVALID_VALUE',
      '7:40 MISSING_KEY',
      '8:22 UNKNOWN_PROFILE',
      '9:3 INVALID_VALUE',
      '11:27 UNKNOWN_UPSTREAM',
      '11:41 MISSING_VARIABLE',
      '13:13 DUPLICATE_ROUTE',
      '14:5 MISSING_KEY',
      '15:15 INVALID_VALUE',
    ]);
  });

  it('are printed as file:line:column with the line and a caret', () => {
    const error = new ConfigError(problemsOf(`upstreams:\n  api:\n    target: http://a:1\n${ROUTE}`));
    expect(error.message).toBe(`gateway.yaml:2:3: upstreams.api needs the key "targets"
  2 |   api:
    |   ^^^

gateway.yaml:3:5: unknown key "target"; did you mean "targets"?
  3 |     target: http://a:1
    |     ^^^^^^`);
    expect(error.code).toBe('INVALID_CONFIG');
  });

  it('in a long line are shown with what is around them', () => {
    const file = `${UPSTREAM}routes: [${'{ path: /a, upstream: api },'.repeat(0)} ${' '.repeat(300)}{ path: a, upstream: api }]\n`;
    const [, excerpt, carets] = new ConfigError(problemsOf(file)).message.split('\n');
    expect(excerpt!.length).toBeLessThan(120);
    expect(excerpt!.slice(carets!.indexOf('^'), carets!.lastIndexOf('^') + 1)).toBe('a');
  });

  it('do not send the file’s control characters to the terminal', () => {
    const problems = problemsOf(`log: { level: "\u001b[31m" }\n${SMALLEST}`);
    expect(problems[0]?.message).toContain('U+001B');
    expect(new ConfigError(problems).message).not.toContain('\u001b');
    expect(new ConfigError(problemsOf(`log: { level: "\\x1b[31m" }\n${SMALLEST}`)).message).not.toContain(
      '\u001b',
    );
  });

  it('behind CRLF and a byte order mark are counted like any others', () => {
    const file = `\uFEFFlog: { level: loud }\r\n${SMALLEST.replaceAll('\n', '\r\n')}bad: 1\r\n`;
    expect(placesOf(file)).toEqual(['1:15 INVALID_VALUE', '4:1 UNKNOWN_KEY']);
  });
});

describe('a key that is not known', () => {
  it.each([
    ['server: { listn: ":1" }', 'did you mean "listen"?'],
    ['sever: {}', 'did you mean "server"?'],
    ['log: { lvel: info }', 'did you mean "level"?'],
    ['admin: { tokn: a }', 'did you mean "token"?'],
    ['circuit_breakers: { p: { open_timout: 1s } }', 'did you mean "open_timeout"?'],
    ['circuit_breakers: { p: { name: x } }', 'unknown key "name"'],
  ])('is a mistake: %s', (section, message) => {
    expect(messagesOf(`${section}\n${SMALLEST}`)).toEqual([expect.stringContaining(message)]);
  });

  // They may come with a later version. Until then, accepting them would be a promise that nobody keeps.
  it.each([
    ['server', 'tls: {}'],
    ['breaker', 'fallback: {}'],
    ['route', 'headers: { x: y }'],
  ])('is refused in %s: %s', (place, key) => {
    const at = (name: string) => (name === place ? `, ${key}` : '');
    const file = `server: { via: a${at('server')} }
upstreams: { api: { targets: [http://a:1], circuit_breaker: { name: x${at('breaker')} }${at('upstream')} } }
routes: [{ path: /, upstream: api${at('route')} }]
`;
    expect(problemsOf(file).map(({ code, message }) => [code, message.split('"')[1]])).toEqual([
      ['UNKNOWN_KEY', key.split(':')[0]],
    ]);
  });
});

describe('a value of the wrong kind', () => {
  it.each([
    ['server: 5', 'server must be a mapping of keys and values, not 5'],
    ['server:', 'server must be a mapping of keys and values, not nothing'],
    [
      'server: { listen: 8080 }',
      'server.listen must be an address with a port; write it like 127.0.0.1:8080',
    ],
    ['server: { listen: {} }', 'server.listen must be text (address), not a mapping'],
    ['server: { via: 12 }', 'server.via must be text (word): put it in quotes'],
    ['admin: { token: 12 }', 'admin.token must be text (bearer token): put it in quotes'],
    ['server: { max_header_count: many }', 'must be a whole number from 1 to 10000, not "many"'],
    ['server: { max_header_count: 1.5 }', 'must be a whole number from 1 to 10000, not 1.5'],
    ['server: { max_header_count: 0 }', 'must be a whole number from 1 to 10000, not 0'],
    ['server: { max_header_count: .nan }', 'must be a whole number from 1 to 10000, not NaN'],
    ['server: { max_header_size: 1 }', 'must be a size such as 64KiB; 1 has no unit: write 1B or 1KiB'],
    ['server: { max_header_size: 2MiB }', 'must be from 1KiB to 1MiB, not "2MiB"'],
    ['server: { max_body_size: big }', 'server.max_body_size must be a size'],
    ['server: { max_body_size: 5 }', 'or unlimited, not 5'],
    ['server: { max_connections: 0 }', 'must be a whole number from 1 to 1000000, not 0'],
    ['server: { idle_timeout: 60 }', 'must be a duration such as 60s; 60 has no unit: write 60s or 60ms'],
    ['server: { idle_timeout: 0s }', 'must be from 1ms to 24h, not "0s"'],
    ['server: { idle_timeout: 25h }', 'must be from 1ms to 24h, not "25h"'],
    ['server: { idle_timeout: [1s] }', 'must be a duration such as 60s, not a list'],
    ['server: { trusted_proxies: 10.0.0.0/8 }', 'must be a list of IP addresses and ranges'],
    ['server: { trusted_proxies: [10.0.0.0/33] }', 'must have a prefix length from 0 to 32'],
    ['server: { via: "a b" }', 'must be a word'],
    ['log: { level: loud }', 'must be one of trace, debug, info, warn, error, fatal, silent, not "loud"'],
    ['log: { format: xml }', 'must be one of json, logfmt, pretty, not "xml"'],
    ['log: { access: 5 }', 'log.access must be true, false, or a mapping such as { sample: 10% }, not 5'],
    ['log: { access: { sample: 0.1 } }', 'has no percent sign: write 0.1% or 10%'],
    ['log: { access: { sample: 101% } }', 'must be from 0% to 100%, not "101%"'],
    ['log: { access: { slow: 0s } }', 'must be from 1ms to 24h, not "0s"'],
    ['log: { access: { file: /var/log/ } }', 'must be the path of a file, not of a folder'],
    ['log: { access: { query: values } }', 'must be one of names, keep, drop, not "values"'],
    ['log: { access: { redact: token } }', 'must be a list of names such as [patient, X-User]'],
    ['log: { access: { redact: ["a b"] } }', 'must be a name of letters, digits'],
    ['log: { access: { request_headers: ["a b"] } }', 'must be the name of a header field such as X-User'],
    ['log: { access: { client_address: half } }', 'must be one of full, prefix, none, not "half"'],
    ['log: { access: { samples: 1% } }', 'did you mean "sample"?'],
    ['circuit_breakers: []', 'circuit_breakers must be a mapping of names, not a list'],
  ])('is named with what it should be: %s', (section, message) => {
    expect(messagesOf(`${section}\n${SMALLEST}`)).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    ['{ targets: http://a:1 }', 'must be a list of URLs, not "http://a:1"'],
    ['{ targets: [] }', 'must list at least one URL'],
    ['{ targets: [5] }', 'must be a URL such as'],
    ['{ targets: [http://a:1], allow_h2: yes }', 'must be true or false, not "yes"'],
    ['{ targets: [http://a:1], circuit_breaker: 5 }', 'must be the name of a profile or a mapping of fields'],
    ['{ targets: [{ url: http://a:1, weight: 0 }] }', 'must be a whole number from 1 to 1000, not 0'],
    ['{ targets: [{ url: http://a:1, wieght: 1 }] }', 'did you mean "weight"?'],
  ])('in an upstream as well: %s', (upstream, message) => {
    expect(messagesOf(`upstreams: { api: ${upstream} }\n${ROUTE}`)).toEqual([
      expect.stringContaining(message),
    ]);
  });

  it.each([
    ['{ path: /, upstream: api, methods: GET }', 'must be a list of methods'],
    ['{ path: /, upstream: api, methods: [] }', 'must list at least one method'],
    ['{ path: /, upstream: api, methods: [get] }', 'must be written GET'],
    ['{ path: /, upstream: api, methods: [TRACE] }', 'cannot be TRACE'],
    ['{ path: /, upstream: api, methods: [CONNECT] }', 'cannot be CONNECT'],
    ['{ path: /, upstream: api, methods: ["A B"] }', 'must be a method such as GET'],
    ['{ path: /, upstream: api, host: "a:80" }', 'must be without a port'],
    ['{ path: /, upstream: api, host: "a..b" }', 'must be a host name'],
    ['{ path: /, upstream: api, host: "*.*.b" }', 'must be a host name'],
    ['{ path: /, upstream: api, host: bücher.example }', 'xn--bcher-kva.example'],
    ['{ path: /, upstream: api, strip_prefix: / }', 'takes nothing away'],
    ['{ path: /a/*, upstream: api, strip_prefix: /:a }', 'literal segments only'],
    ['{ path: /, upstream: api, rewrite: "/?a" }', 'cannot have a query'],
  ])('in a route as well: %s', (route, message) => {
    expect(messagesOf(`${UPSTREAM}routes: [${route}]\n`)).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    ['', 'EMPTY_FILE'],
    ['# nothing\n', 'EMPTY_FILE'],
    ['---\n', 'EMPTY_FILE'],
    ['just text', 'INVALID_VALUE'],
    ['- a list', 'INVALID_VALUE'],
    ['routes: []\nupstreams: {}', 'INVALID_VALUE'],
  ])('as the whole file: %j', (file, code) => {
    expect(problemsOf(file).map((problem) => problem.code)).toContain(code);
    expect(() => configOf(file)).toThrow(ConfigError);
  });
});
