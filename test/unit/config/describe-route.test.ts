import { describe, expect, it } from 'vitest';
import { describeRoute } from '../../../src/config/describe-route.ts';
import { configOf } from './problems-of.ts';

const words = (route: string, upstream = '', targets = 'http://a:1', profile = '""') => {
  const config = configOf(`profile: ${profile}
bulkheads: { read: { max_concurrent: 1 }, write: { max_concurrent: 1 } }
upstreams: { course: { targets: [${targets}]${upstream} }, b: { targets: [http://b:1] } }
routes: [{ path: /, upstream: course${route} }]
`);
  return describeRoute(config.routes[0]!, config);
};
const REST = 'breaker(course) → timeout(10s) → round_robin over 1 target';

describe('a route’s pipeline in words', () => {
  it('has every stage that is configured, in the order in which they run', () => {
    expect(
      words(
        ', fallback: [{ stale: 5m }, { static: {} }], cache: { ttl: 60s }, retry: 3, bulkhead: read',
        ', balance: least_requests, bulkhead: { max_concurrent: 1 }, circuit_breaker: { name: course-http }',
        'http://a:1, http://b:1',
      ),
    ).toBe(
      'fallback(stale 5m, static 200) → cache(60s) → retry(3, 20%) → bulkhead(read, course) → breaker(course-http) → timeout(10s) → least_requests over 2 targets',
    );
  });

  it.each([
    ['', REST],
    [', cache: true', `cache → ${REST}`],
    [', cache: false', REST],
    [', timeout: 5s', REST.replace('10s', '5s')],
    [', retry: { attempts: 2, budget: unlimited }', `retry(2, unlimited) → ${REST}`],
    [', bulkhead: { read: read, write: write }', `bulkhead(read: read, write: write) → ${REST}`],
    [', bulkhead: { write: write }', `bulkhead(write: write) → ${REST}`],
    [', bulkhead: { read: read, write: read }', `bulkhead(read) → ${REST}`],
    [', fallback: [{ upstream: b }]', `fallback(upstream b) → ${REST}`],
    [', fallback: [{ mock: { status: 203 } }]', REST],
  ])('leaves out what is not: %s', (route, expected) => {
    expect(words(route)).toBe(expected);
  });

  it.each([
    [', bulkhead: write', `bulkhead(write) → ${REST}`],
    [', response_timeout: 3s', REST.replace('10s', '3s')],
    [', circuit_breaker: { request_timeout: 2s }', REST.replace('10s', '2s')],
    [', circuit_breaker: { mode: observe }', REST.replace('(course)', '(course, observe)')],
    [', circuit_breaker: { mode: disabled }', 'timeout(10s) → round_robin over 1 target'],
    [', balance: { hash: ip }', REST.replace('round_robin', 'hash(ip)')],
    [', balance: { hash: { cookie: sid } }', REST.replace('round_robin', 'hash(cookie sid)')],
    [', dns: {}', REST.replace('1 target', 'the addresses of 1 target')],
  ])('says what the upstream does: %s', (upstream, expected) => {
    expect(words('', upstream)).toBe(expected);
  });

  it('has mocks where they are in effect', () => {
    expect(words(', fallback: [{ mock: { status: 203 } }]', '', 'http://a:1', 'development')).toBe(
      `fallback(mock 203) → ${REST}`,
    );
  });
});
