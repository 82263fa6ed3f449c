import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { gatewayJsonSchema } from '../../../src/config/json-schema.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: references to variables look like that

const editor = z.fromJSONSchema(gatewayJsonSchema());
const underlines = (text: string) => !editor.safeParse(parse(text)).success;
const file = (upstream: string, more = '') =>
  `upstreams: { api: { targets: [http://a:1]${upstream} } }\nroutes: [{ path: /, upstream: api }]\n${more}`;

describe('an editor that knows the JSON Schema', () => {
  it('is content with gateway.yaml and the smallest file', () => {
    const own = readFileSync(new URL('../../../gateway.yaml', import.meta.url), 'utf8');
    expect(underlines(own)).toBe(false);
    expect(own).toMatch(/^# yaml-language-server: \$schema=docs\/gateway\.schema\.json$/m);
    expect(underlines(file(''))).toBe(false);
  });

  it('lets a variable stand for any value', () => {
    expect(underlines(file(', circuit_breaker: { failure_threshold: "${N}", mode: "${M}" }'))).toBe(false);
    expect(underlines(file(', keep_alive: "${K:-1s}", allow_h2: "${H}"'))).toBe(false);
  });

  it('knows every form of a rule', () => {
    for (const window of ['30s', '{ duration: 30s, buckets: 5 }', '{ count: 100 }', '"${W}"']) {
      const rules = `window: ${window}, failure_rate: 12.5%, slow_call: { duration: 2s, rate: "${'$'}{R}" }`;
      expect(
        underlines(file(`, circuit_breaker: { ${rules}, mode: observe, failure_statuses: [429, 500-599] }`)),
      ).toBe(false);
    }
    for (const open of [
      '{ initial: 1s, factor: 1.5, max: 1m, jitter: 20% }',
      '{ initial: 1s, factor: "${F}", jitter: full }',
    ])
      expect(underlines(file(`, circuit_breaker: { open_timeout: ${open} }`))).toBe(false);
  });

  it.each([
    'balance: latency',
    'balance: { hash: ip }',
    'balance: { hash: { header: X-User } }',
    'ejection: false',
    'ejection: { max_ejected: 50% }',
    'dns: { records: srv, servers: ["127.0.0.1:53"] }',
    'bulkhead: pool',
    'bulkhead: { max_concurrent: 5 }',
    'health_check: { expect: { status: [200, 204-206], body: ok } }',
    'health_check: { expect: { status: 200-299 } }',
    'circuit_breaker: { failure_errors: [], failure_grpc_statuses: [UNAVAILABLE, 4], excluded_statuses: [404] }',
  ])('knows every form of what an upstream may say: %s', (key) => {
    expect(underlines(file(`, ${key}`))).toBe(false);
  });

  it.each([
    'retry: 3',
    'retry: { budget: unlimited, backoff: { jitter: equal } }',
    'cache: true',
    'cache: { ttl: 60s }',
    'bulkhead: { read: a, write: b }',
    'fallback: [{ upstream: b }, { stale: 5m }, { static: { headers: { X-A: b }, json: [1] } }, { mock: {} }]',
  ])('knows every form of what a route may say: %s', (key) => {
    expect(underlines(file('').replace('upstream: api', `upstream: api, ${key}`))).toBe(false);
  });

  it('knows the sections that routes and upstreams share', () => {
    for (const cache of ['redis://localhost', '{ url: redis://localhost, command_timeout: 1s }', '"${R}"'])
      expect(underlines(file('', `cache: { max_size: 1MiB, redis: ${cache} }\n`))).toBe(false);
    expect(underlines(file('', 'profile: "${P}"\nanswers: { via: false }\n'))).toBe(false);
    expect(underlines(file('', 'bulkheads: { a: { max_concurrent: 1 } }\n'))).toBe(false);
  });

  it.each([
    [', balance: random', ''],
    [', health_check: { interval: 15 }', ''],
    [', dns: { records: mx }', ''],
    ['', 'bulkheads: { a: {} }'],
    ['', 'cache: { size: 1MiB }'],
    ['', 'answers: { vai: true }'],
    [', circuit_breaker: { failure_rate: 50 }', ''],
    [', circuit_breaker: { window: { size: 5 } }', ''],
    [', circuit_breaker: { failure_statuses: 5xx }', ''],
    [', circuit_breaker: { open_timeout: { factor: 2 } }', ''],
    [', circuit_breaker: { open_timeout: { initial: 1s, factor: 0 } }', ''],
    [', bulkhead: {}', ''],
    [', keep_alive: 60', ''],
    [', keep_alive: 60 seconds', ''],
    [', allow_h2: maybe', ''],
    [', max_connections: 0', ''],
    [', circuit_breaker: { failure_treshold: 3 }', ''],
    ['', 'server: { workers: 0 }'],
    ['', 'server: { workers: most }'],
    ['', 'log: { level: loud }'],
  ])('underlines mistakes: %s %s', (upstream, more) => {
    expect(underlines(file(upstream, more))).toBe(true);
  });

  it('can explain every key', () => {
    const unexplained: string[] = [];
    const visit = (schema: z.core.JSONSchema.JSONSchema, path: string): void => {
      for (const [key, child] of Object.entries(schema.properties ?? {})) {
        const property = child as z.core.JSONSchema.JSONSchema;
        if (!property.description) unexplained.push(`${path}.${key}`);
        visit(property, `${path}.${key}`);
      }
      for (const child of [schema.additionalProperties, schema.items, ...(schema.anyOf ?? [])]) {
        if (typeof child === 'object') visit(child as z.core.JSONSchema.JSONSchema, path);
      }
    };
    visit(gatewayJsonSchema(), '');
    expect(unexplained).toEqual([]);
  });
});

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
