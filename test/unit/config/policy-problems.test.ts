import { describe, expect, it } from 'vitest';
import { messagesOf, placesOf, ROUTE, SMALLEST } from './problems-of.ts';

const POOLS = 'bulkheads: { read: { max_concurrent: 1 } }\n';
const inUpstream = (keys: string, targets = 'http://a:1') =>
  `${POOLS}upstreams: { api: { targets: [${targets}], ${keys} } }\n${ROUTE}`;
const inRoute = (keys: string) =>
  `${POOLS}upstreams: { api: { targets: [http://a:1] }, b: { targets: [http://b:1] }, c: { targets: [http://c:1] } }\nroutes:\n  - { path: /, upstream: api, ${keys} }\n`;

describe('a mistake at the top of the file', () => {
  it.each([
    ['profile: [a]', 'profile must be text (name of a profile), not a list'],
    ['answers: { vai: true }', 'unknown key "vai"; did you mean "via"?'],
    ['answers: { via: 1 }', 'answers.via must be true or false, not 1'],
    ['cache: { max_size: 64 }', 'cache.max_size must be a size such as 64KiB; 64 has no unit'],
    ['cache: { max_size: 1B }', 'cache.max_size must be from 1KiB to 1024GiB, not "1B"'],
    ['cache: { max_size: 2KiB, max_entry_size: 3KiB }', 'max_entry_size must not be larger than max_size'],
    ['cache: { max_entry_size: 65MiB }', 'cache.max_entry_size must not be larger than max_size'],
    ['cache: { redis: {} }', 'cache.redis needs the key "url"'],
    ['cache: { redis: 5 }', 'cache.redis must be a URL such as redis://127.0.0.1:6379, or { url, … }'],
    ['cache: { redis: http://a }', 'cache.redis must begin with redis:// or rediss://'],
    ['cache: { redis: { url: localhost } }', 'cache.redis.url must be a URL'],
    ['cache: { redis: redis://h/x }', 'may have the number of a database after the host'],
    ['cache: { redis: "redis://h?db=1" }', 'must not have a query or a fragment'],
    ['cache: { redis: "redis://h:0" }', 'must name a host and a port'],
    ['cache: { redis: { url: redis://h, prefix: "a b" } }', 'up to 128 visible ASCII characters'],
    ['cache: { redis: { url: redis://h, command_timeout: 2m } }', 'must be from 1ms to 1m'],
    ['cache: { redis: { url: redis://h, failure_threshold: 0 } }', 'must be a whole number from 1'],
    ['bulkheads: { a: {} }', 'bulkheads.a needs the key "max_concurrent"'],
    ['bulkheads: { a: { max_concurrent: 0 } }', 'must be a whole number from 1 to 1000000, not 0'],
    ['bulkheads: { a: { max_concurrent: 1, queue: -1 } }', 'must be a whole number from 0 to 1000000'],
    ['bulkheads: { a: { max_concurrent: 1, queue_timeout: 0s } }', 'must be from 1ms to 1h'],
    ['bulkheads: { a: { max_concurrent: 1, queue_timeout: 1s } }', 'nobody does without "queue"'],
    ['bulkheads: { "a b": { max_concurrent: 1 } }', 'must be a name'],
    ['bulkheads: 5', 'bulkheads must be a mapping of names, not 5'],
  ])('is named with what it should be: %s', (section, message) => {
    expect(messagesOf(`${section}\n${SMALLEST}`)).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    'redis://user:hushhush@',
    'redis://user:hush hush@h',
    'http://u:hushhush@h',
    'redis://u:hushhush@h/x',
    'redis://u:hushhush@h?a=b',
    'redis://u:hushhush%zz@h',
    'redis://hushhush%@h',
    'hushhush',
  ])('in a URL of Redis does not repeat what may be a password: %s', (url) => {
    for (const redis of [JSON.stringify(url), `{ url: ${JSON.stringify(url)} }`]) {
      const messages = messagesOf(`cache: { redis: ${redis} }\n${SMALLEST}`);
      expect(messages).toHaveLength(1);
      expect(messages[0]).not.toContain('hush');
    }
    expect(messagesOf(`cache: { redis: [${JSON.stringify(url)}] }\n${SMALLEST}`)[0]).not.toContain('hush');
  });
});

describe('a mistake in an upstream', () => {
  it.each([
    ['balance: random', 'must be round_robin, least_requests, latency, or { hash: … }, not "random"'],
    ['balance: { hsh: ip }', 'unknown key "hsh"; did you mean "hash"?'],
    ['balance: {}', 'balance needs the key "hash"'],
    ['balance: { hash: url }', 'balance.hash must be ip, { header: name } or { cookie: name }, not "url"'],
    ['balance: { hash: {} }', 'balance.hash must have either "header" or "cookie"'],
    ['balance: { hash: { header: a, cookie: b } }', 'must have either "header" or "cookie"'],
    ['balance: { hash: { header: "a b" } }', 'must be the name of a header field'],
    ['balance: { hash: { cookie: "a=b" } }', 'must be the name of a cookie'],
    ['slow_start: 5', 'slow_start must be a duration such as 60s; 5 has no unit'],
    ['ejection: 5', 'ejection must be true, false, or a mapping of fields, not 5'],
    ['ejection: { max_ejected: 0% }', 'max_ejected must be from 0.01% to 100%'],
    ['ejection: { max_ejected: 0.5 }', 'max_ejected must be a percentage'],
    ['ejection: { base_time: 2m, max_time: 1m }', 'ejection.max_time must not be shorter than base_time'],
    ['ejection: { base_time: 6m }', 'ejection.base_time must not be longer than max_time (5m'],
    ['ejection: { consecutive_failures: 0 }', 'must be a whole number from 1'],
    ['dns: true', 'dns must be a mapping of keys and values, not true'],
    ['dns: { records: mx }', 'must be one of any, a, aaaa, srv, not "mx"'],
    ['dns: { refresh: 1ms }', 'must be from 100ms to 24h'],
    ['dns: { servers: ns.example }', 'must be a list of addresses such as [127.0.0.1:8600]'],
    ['dns: { servers: [ns.example] }', 'dns.servers[0] must be an IP address, with or without a port'],
    ['bulkhead: 5', 'must be the name of a pool, or { max_concurrent, queue, queue_timeout }, not 5'],
    ['bulkhead: {}', 'upstreams.api.bulkhead needs the key "max_concurrent"'],
    ['bulkhead: raed', 'upstreams.api.bulkhead: there is no pool "raed" in bulkheads; did you mean "read"?'],
    ['health_check: { path: health }', 'must be a path such as /health'],
    ['health_check: { path: "/a#b" }', 'must be a path such as /health'],
    ['health_check: { path: "/a b" }', 'must be a path such as /health'],
    ['health_check: { method: POST }', 'must be one of GET, HEAD, not "POST"'],
    ['health_check: { interval: 1ms }', 'must be from 10ms to 24h'],
    ['health_check: { rise: 0 }', 'must be a whole number from 1 to 1000'],
    ['health_check: { jitter: 0.1 }', 'must be a percentage'],
    ['health_check: { expect: { status: 99 } }', 'must be a status from 100 to 599'],
    ['health_check: { expect: { status: [] } }', 'must list at least one status'],
    ['health_check: { expect: { status: ok } }', 'expect.status must be a status from 100 to 599'],
    [
      'health_check: { expect: { status: {} } }',
      'must be a status, a range such as 200-299, or a list of them',
    ],
    ['health_check: { expect: { body: "" } }', 'must not be empty'],
    ['health_check: { method: HEAD, expect: { body: ok } }', 'cannot be looked for with method HEAD'],
  ])('is named with what it should be: %s', (keys, message) => {
    expect(messagesOf(inUpstream(keys))).toContainEqual(expect.stringContaining(message));
  });

  it.each([
    ['failure_errors: [connect, dns]', 'failure_errors[1] must be one of connect, timeout, reset, protocol'],
    ['failure_errors: all', 'must be a list such as [connect, timeout], not "all"'],
    ['failure_grpc_statuses: [OK]', 'failure_grpc_statuses[0] cannot be OK, which is no failure'],
    ['failure_grpc_statuses: [0]', 'failure_grpc_statuses[0] cannot be OK, which is no failure'],
    ['failure_grpc_statuses: [17]', 'must be a gRPC status such as UNAVAILABLE, or its number from 1 to 16'],
    ['failure_grpc_statuses: [UNAVAILBLE]', 'did you mean "UNAVAILABLE"?'],
    ['failure_grpc_statuses: [1.5]', 'must be a gRPC status such as UNAVAILABLE'],
    ['excluded_statuses: [199]', 'excluded_statuses[0] must be a status from 200 to 599'],
    [
      'excluded_statuses: [404, 500-503], failure_statuses: [429, 502]',
      'upstreams.api.circuit_breaker.excluded_statuses[1] is counted nowhere, but upstreams.api.circuit_breaker.failure_statuses has 502',
    ],
  ])('in its breaker is named with what it should be: %s', (keys, message) => {
    expect(messagesOf(inUpstream(`circuit_breaker: { ${keys} }`))).toEqual([
      expect.stringContaining(message),
    ]);
  });

  it('is no status that is excluded from the usual failures, or beside others', () => {
    expect(placesOf(inUpstream('circuit_breaker: { excluded_statuses: [500-599] }'))).toEqual([]);
    const apart = 'circuit_breaker: { excluded_statuses: [404, 501], failure_statuses: [500, 502-599] }';
    expect(placesOf(inUpstream(apart))).toEqual([]);
    const profile = 'circuit_breakers: { p: { failure_statuses: [500-599] } }\n';
    expect(
      placesOf(profile + inUpstream('circuit_breaker: { profile: p, excluded_statuses: [503] }')),
    ).toEqual(['3:95 INVALID_VALUE']);
  });

  it('of several at once is found at each place', () => {
    expect(placesOf(inUpstream('bulkhead: raed, balance: { hash: x }, dns: { records: x }'))).toEqual([
      '2:54 UNKNOWN_BULKHEAD',
      '2:77 INVALID_VALUE',
      '2:98 INVALID_VALUE',
    ]);
  });

  it('is a pool of its own that is named like another', () => {
    const file = `bulkheads: { api: { max_concurrent: 1 } }\nupstreams: { api: { targets: [http://a:1], bulkhead: { max_concurrent: 2 } } }\n${ROUTE}`;
    expect(placesOf(file)).toEqual(['2:44 INVALID_VALUE']);
    expect(messagesOf(file)[0]).toContain('would be named like the pool "api"');
    expect(placesOf(file.replace('{ max_concurrent: 2 }', 'api'))).toEqual([]);
  });
});

describe('dns', () => {
  it.each(['http://10.0.0.1:1', '"http://[::1]:1"', 'http://10.0.0.1:1, { url: http://10.0.0.2:1 }'])(
    'needs a name to look up: %s',
    (targets) => {
      expect(messagesOf(inUpstream('dns: {}', targets))).toEqual([
        'upstreams.api.dns has nothing to look up: every target is an address, none a host name',
      ]);
    },
  );

  it('takes addresses beside names', () => {
    expect(placesOf(inUpstream('dns: {}', 'http://10.0.0.1:1, http://a:1'))).toEqual([]);
  });

  it.each(['http://_auth._tcp.internal', 'https://_auth._tcp.internal/', '{ url: http://srv.internal }'])(
    'with records: srv takes the name of a service: %s',
    (target) => {
      expect(placesOf(inUpstream('dns: { records: srv }', `${target}, http://10.0.0.1:81`))).toEqual([]);
    },
  );

  it.each([
    ['http://_auth._tcp.internal:80', '2:31'],
    ['http://_auth._tcp.internal:81/', '2:31'],
    ['{ url: http://srv.internal:443 }', '2:38'],
  ])('with records: srv takes no port, not even the usual one: %s', (target, place) => {
    const file = inUpstream('dns: { records: srv }', target);
    expect(placesOf(file)).toEqual([`${place} INVALID_VALUE`]);
    expect(messagesOf(file)[0]).toContain('must be written without a port');
    expect(placesOf(inUpstream('dns: { records: a }', target))).toEqual([]);
  });
});

describe('a mistake in a route', () => {
  it.each([
    ['retry: many', 'retry must be a number of attempts from 1 to 10, or a mapping, not "many"'],
    ['retry: 0', 'retry must be a whole number from 1 to 10, not 0'],
    ['retry: 11', 'retry must be a whole number from 1 to 10, not 11'],
    ['retry: { attempts: 11 }', 'attempts must be a whole number from 1 to 10, not 11'],
    ['retry: { atempts: 3 }', 'unknown key "atempts"; did you mean "attempts"?'],
    ['retry: { backoff: 50ms }', 'backoff must be a mapping of keys and values'],
    ['retry: { backoff: { initial: 2s, max: 1s } }', 'backoff.max must not be shorter than initial (2s)'],
    ['retry: { backoff: { max: 49ms } }', 'backoff.max must not be shorter than initial (50ms)'],
    ['retry: { backoff: { initial: 1001ms } }', 'backoff.initial must not be longer than max (1s'],
    ['retry: { backoff: { factor: 0.5 } }', 'factor must be a number from 1 to 100'],
    ['retry: { backoff: { jitter: half } }', 'must be one of full, none, equal, decorrelated'],
    [
      'retry: { budget: 20 }',
      'budget must be a percentage such as 20%, or unlimited; 20 has no percent sign',
    ],
    ['retry: { budget: 0% }', 'budget must be from 0.01% to 100%'],
    ['retry: { methods: [] }', 'methods must list at least one method'],
    ['retry: { methods: [get] }', 'methods[0] must be written GET'],
    ['retry: { on: [] }', 'on must list at least one'],
    ['retry: { on: [open] }', 'must be one of connect, timeout, reset, protocol, status, not "open"'],
    ['retry: { statuses: [200] }', 'statuses[0] must be a status from 300 to 599'],
    ['retry: { on: [connect], statuses: [503] }', 'statuses is never looked at: "on" does not list status'],
    ['retry: { max_body: 17MiB }', 'max_body must be from 0B to 16MiB'],
    ['retry: { max_retry_after: 2h }', 'max_retry_after must be from 0s to 1h'],
    ['cache: 60s', 'cache must be true, false, or { ttl }, not "60s"'],
    ['cache: { ttl: 0s }', 'ttl must be from 1ms to 8760h'],
    [
      'cache: true, methods: [POST, PUT]',
      'cache never answers: it is for GET and HEAD, and the route takes POST, PUT',
    ],
    ['cache: { ttl: 1s }, methods: [POST]', 'cache never answers'],
    ['bulkhead: raed', 'bulkhead: there is no pool "raed" in bulkheads; did you mean "read"?'],
    ['bulkhead: { write: raed }', 'bulkhead.write: there is no pool "raed"'],
    ['bulkhead: {}', 'bulkhead must name a pool for "read", for "write", or for both'],
    ['bulkhead: { max_concurrent: 1 }', 'unknown key "max_concurrent"'],
    ['websocket: maybe', 'websocket must be true or false, not "maybe"'],
    ['tunnel_idle_timeout: 0s', 'must be from 1ms to 24h'],
  ])('is named with what it should be: %s', (keys, message) => {
    expect(messagesOf(inRoute(keys))).toContainEqual(expect.stringContaining(message));
  });

  it('of a pool has its own code and place', () => {
    expect(placesOf(inRoute('bulkhead: { read: a, write: b }'))).toEqual([
      '4:49 UNKNOWN_BULKHEAD',
      '4:59 UNKNOWN_BULKHEAD',
    ]);
  });
});
