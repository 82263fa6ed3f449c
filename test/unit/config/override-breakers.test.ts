import { describe, expect, it } from 'vitest';
import { configOf, messagesOf, placesOf, problemsOf } from './problems-of.ts';

const file = (breaker = '', more = '') =>
  `upstreams:\n  my-api.2: { targets: [http://a:1]${breaker} }\n${more}routes: [{ path: /, upstream: my-api.2 }]\n`;
const variables = (fields: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [`BREAKWATER_BREAKER_MY_API_2_${key}`, value]),
  );
const breaker = (text: string, fields: Record<string, string>) =>
  configOf(text, variables(fields)).upstreams.get('my-api.2')!.circuitBreaker;

describe('a variable for a breaker', () => {
  it('sets its own field', () => {
    const set = breaker(file(), {
      FAILURE_THRESHOLD: '2',
      CONSECUTIVE_FAILURES: '3',
      FAILURE_RATE: '4.5%',
      WINDOW: '6s',
      MIN_REQUESTS: '7',
      SUCCESS_THRESHOLD: '8',
      HALF_OPEN_REQUESTS: '9',
      HALF_OPEN_TIMEOUT: '10s',
      REQUEST_TIMEOUT: '11s',
      OPEN_TIMEOUT: '12s',
      MODE: 'observe',
    });
    expect(set).toMatchObject({
      name: 'my-api.2',
      failureThreshold: 2,
      consecutiveFailures: 3,
      failureRate: 4.5,
      window: { type: 'time', durationMs: 6000 },
      minRequests: 7,
      successThreshold: 8,
      halfOpenRequests: 9,
      halfOpenTimeoutMs: 10_000,
      requestTimeoutMs: 11_000,
      openTimeoutMs: 12_000,
      mode: 'observe',
    });
  });

  it.each([
    ', circuit_breaker: production',
    ', circuit_breaker: { profile: production }',
    ', circuit_breaker: { profile: production, failure_threshold: 4 }',
  ])('goes before file and profile, and leaves the rest to them: %s', (given) => {
    const set = breaker(file(given), { FAILURE_THRESHOLD: '2' });
    expect(set).toMatchObject({ failureThreshold: 2, openTimeoutMs: 120_000 });
  });

  it('is for one upstream, even where two share an anchor', () => {
    const text = `upstreams:
  a: { targets: [http://a:1], circuit_breaker: &b { failure_threshold: 3 } }
  b: { targets: [http://b:1], circuit_breaker: *b }
routes: [{ path: /, upstream: a }]
`;
    const { upstreams } = configOf(text, { BREAKWATER_BREAKER_B_FAILURE_THRESHOLD: '9' });
    expect([...upstreams.values()].map(({ circuitBreaker }) => circuitBreaker.failureThreshold)).toEqual([
      3, 9,
    ]);
  });

  it('that is empty counts as not set', () => {
    expect(breaker(file(), { MODE: '', NONSENSE: '' }).mode).toBe('enforce');
  });

  it('replaces what is wrong in the file', () => {
    expect(placesOf(file(', circuit_breaker: { mode: loud }'))).toEqual(['2:63 INVALID_VALUE']);
    expect(placesOf(file(', circuit_breaker: { mode: loud }'), variables({ MODE: 'observe' }))).toEqual([]);
  });

  it('is held against the schema, and named, at the upstream', () => {
    const env = variables({
      FAILURE_THRESHOLD: '0',
      OPEN_TIMEOUT: '60',
      MODE: 'loud',
      WINDOW: '{ count: 5 }',
    });
    expect(placesOf(file(), env)).toEqual(Array.from({ length: 4 }, () => '2:3 INVALID_VALUE'));
    expect(messagesOf(file(), env).sort()).toEqual([
      'BREAKWATER_BREAKER_MY_API_2_FAILURE_THRESHOLD: upstreams.my-api.2.circuit_breaker.failure_threshold must be a whole number from 1 to 1000000, not 0',
      'BREAKWATER_BREAKER_MY_API_2_MODE: upstreams.my-api.2.circuit_breaker.mode must be one of enforce, observe, disabled, not "loud"',
      expect.stringMatching(/^BREAKWATER_BREAKER_MY_API_2_OPEN_TIMEOUT: .*60 has no unit/),
      expect.stringMatching(/^BREAKWATER_BREAKER_MY_API_2_WINDOW: .*must be a duration/),
    ]);
  });

  it('is held against what the file says beside it', () => {
    expect(problemsOf(file(), variables({ FAILURE_RATE: '50%' }))).toMatchObject([
      {
        code: 'MISSING_KEY',
        message: expect.stringMatching(/^BREAKWATER_BREAKER_MY_API_2_FAILURE_RATE: .*needs a window/),
      },
    ]);
    expect(placesOf(file(', circuit_breaker: { window: 1m }'), variables({ FAILURE_RATE: '50%' }))).toEqual(
      [],
    );
    const count = ', circuit_breaker: { window: { count: 9 }, failure_threshold: 3 }';
    expect(messagesOf(file(count), variables({ FAILURE_THRESHOLD: '10' }))).toEqual([
      expect.stringMatching(/^BREAKWATER_BREAKER_MY_API_2_FAILURE_THRESHOLD: .*must be at most 9/),
    ]);
  });

  it('that fits nothing is a mistake without a place', () => {
    const env = {
      BREAKWATER_BREAKER_MY_API_2_MODUS: 'observe',
      BREAKWATER_BREAKER_X: '1',
      BREAKWATER_X: '1',
    };
    expect(problemsOf(file(), env)).toEqual([
      {
        code: 'INVALID_VARIABLE',
        message:
          'the variable BREAKWATER_BREAKER_MY_API_2_MODUS fits no upstream and key; did you mean BREAKWATER_BREAKER_MY_API_2_MODE?',
        file: 'gateway.yaml',
        place: null,
        hint: null,
      },
      expect.objectContaining({
        message:
          'the variable BREAKWATER_BREAKER_X fits no upstream and key; it must be BREAKWATER_BREAKER_<UPSTREAM>_<KEY>; the upstreams are my-api.2',
      }),
    ]);
  });

  it.each([
    ['my_api_2', 'MODE', 'mode of upstream "my-api.2" and mode of upstream "my_api_2"'],
    [
      'my-api.2-half',
      'HALF_OPEN_TIMEOUT',
      'half_open_timeout of upstream "my-api.2" and open_timeout of upstream "my-api.2-half"',
    ],
  ])('that fits two upstreams is a mistake: %s %s', (other, key, what) => {
    const text = file('', `  ${other}: { targets: [http://b:1] }\n`);
    expect(placesOf(text, variables({ [key]: '1s' }))).toEqual(['2:3 INVALID_VARIABLE']);
    expect(messagesOf(text, variables({ [key]: '1s' }))[0]).toContain(what);
    expect(placesOf(text, variables({ SUCCESS_THRESHOLD: '' }))).toEqual([]);
  });

  it.each(['[]', '5', '', '${'])('does not hide a breaker that is none: %j', (given) => {
    const text = file(`, circuit_breaker: ${given}`);
    expect(placesOf(text, variables({ MODE: 'observe' }))).toEqual(placesOf(text));
    expect(placesOf(text)).toHaveLength(1);
  });
});
