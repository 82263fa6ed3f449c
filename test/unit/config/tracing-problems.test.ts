import { describe, expect, it } from 'vitest';
import { configOf, messagesOf, placesOf, SMALLEST } from './problems-of.ts';

const of = (fields: string) => messagesOf(`tracing: { ${fields} }\n${SMALLEST}`);

describe('tracing', () => {
  it.each([
    ['127.0.0.1:4318', /must be a URL; write it like/],
    ['grpc://a:4317', /must begin with http:\/\/ or https:\/\//],
    ['http://user:hush@a:4318', /must not hold a user name or password; give them in "headers"/],
    ['http://a:4318/#hush', /must not have a fragment/],
    ['http://a:0/hush', /must not have port 0/],
    ['http://a b/hush', /must be a URL/],
  ])('refuses the endpoint %s without repeating it', (endpoint, message) => {
    const [found, ...others] = of(`endpoint: '${endpoint}'`);
    expect(found).toMatch(message);
    expect(found).not.toContain('hush');
    expect(others).toEqual([]);
  });

  it('needs an endpoint', () => {
    expect(of('sample: 1%')).toHaveLength(1);
  });

  it.each([["'a b': x"], ['a: "x\\u0001"'], ['Content-Length: "5"'], ['X-A: "1", x-a: "1"']])(
    'refuses the header field %s: it is none, given twice, or says how the connection is used',
    (field) => {
      expect(of(`endpoint: 'http://a', headers: { ${field} }`)).toHaveLength(1);
    },
  );

  it('refuses a batch for which the queue has no place, at its place', () => {
    const text = `tracing:\n  endpoint: http://a\n  export:\n    batch: 10\n    queue: 9\n${SMALLEST}`;
    expect(placesOf(text)).toEqual(['4:12 INVALID_VALUE']);
    expect(messagesOf(text)[0]).toContain('must not be more than queue (9)');
    expect(of("endpoint: 'http://a', export: { batch: 5000 }")).toHaveLength(1);
    const { tracing } = configOf(`tracing: { endpoint: 'http://a', export: { queue: 9 } }\n${SMALLEST}`);
    expect(tracing?.export).toMatchObject({ batch: 9, queue: 9 });
  });

  it.each([
    ['sample: 101%'],
    ['sample: -1%'],
    ['export: { interval: 1ms }'],
    ['export: { batch: 0 }'],
    ['sampel: 1%'],
  ])('refuses %s', (field) => {
    expect(of(`endpoint: 'http://a', ${field}`)).toHaveLength(1);
  });
});
