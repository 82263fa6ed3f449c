import { describe, expect, it } from 'vitest';
import { describeBreaker } from '../../../src/config/describe-breaker.ts';
import { buildBreaker } from '../../../src/upstream/build-breaker.ts';
import { configOf, messagesOf, placesOf, problemsOf, ROUTE } from './problems-of.ts';

const file = (breaker: string, more = '') =>
  `upstreams: { api: { targets: [http://a:1], circuit_breaker: ${breaker} } }\n${ROUTE}${more}`;
const breaker = (fields: string, more = '') =>
  configOf(file(fields, more)).upstreams.get('api')!.circuitBreaker;

describe('a breaker without a rule', () => {
  it.each(['{}', '{ name: x }', '{ open_timeout: 1s }'])(
    'opens after five failures in a row: %s',
    (fields) => {
      expect(breaker(fields)).toMatchObject({ failureThreshold: 5, window: null });
    },
  );

  it('opens after five failures in its window, if it has one', () => {
    expect(breaker('{ window: 30s }')).toMatchObject({
      failureThreshold: 5,
      window: { type: 'time', durationMs: 30_000, buckets: 10 },
    });
  });
});

describe('any other rule', () => {
  it.each([
    '{ consecutive_failures: 9 }',
    '{ window: 30s, failure_rate: 50% }',
    '{ window: 30s, slow_call: { duration: 1s, rate: 50% } }',
  ])('takes the place of the five failures: %s', (fields) => {
    expect(breaker(fields).failureThreshold).toBeNull();
  });

  it('holds beside a threshold that is given', () => {
    expect(breaker('{ failure_threshold: 4, window: 30s, failure_rate: 50% }')).toMatchObject({
      failureThreshold: 4,
      failureRate: 50,
    });
  });

  it('may come from a profile, and what it needs from the upstream', () => {
    const profiles =
      'circuit_breakers: { p: { failure_rate: 12.55%, min_requests: 7, open_timeout: { initial: 1s, jitter: full } } }\n';
    expect(breaker('{ profile: p, window: { count: 100 } }', profiles)).toMatchObject({
      failureThreshold: null,
      failureRate: 12.55,
      minRequests: 7,
      window: { type: 'count', size: 100 },
      openTimeoutMs: 1000,
      openTimeoutGrowth: null,
      openTimeoutJitter: 100,
    });
  });
});

describe('a growing open time', () => {
  it('is bounded by ten times the first, unless told otherwise', () => {
    expect(breaker('{ open_timeout: { initial: 10s, factor: 1.5 } }')).toMatchObject({
      openTimeoutMs: 10_000,
      openTimeoutGrowth: { factor: 1.5, maxMs: 100_000 },
      openTimeoutJitter: 0,
    });
    expect(breaker('{ open_timeout: { initial: 24h, factor: 2 } }').openTimeoutGrowth?.maxMs).toBe(
      604_800_000,
    );
  });
});

describe('whatever the file may say', () => {
  it.each([
    '{}',
    '{ failure_threshold: 1000, half_open_timeout: 30s }',
    '{ window: 10ms }',
    '{ window: { duration: 24h, buckets: 1000 }, min_requests: 1000000 }',
    '{ window: { count: 100000 }, failure_rate: 0.01%, min_requests: 100000 }',
    '{ window: { count: 1 }, failure_rate: 100% }',
    '{ window: { duration: 1ms, buckets: 1 }, slow_call: { duration: 1ms, rate: 0.29% } }',
    '{ open_timeout: { initial: 24h, factor: 1000, jitter: 100% } }',
    '{ open_timeout: { initial: 1ms, factor: 1.1, max: 168h, jitter: 12.5% }, mode: observe }',
    '{ mode: disabled }',
  ])('the circuit breaker takes: %s', (fields) => {
    const config = breaker(fields);
    const { options } = buildBreaker(config);
    expect(options).toMatchObject({
      failureThreshold: config.failureThreshold,
      consecutiveFailures: config.consecutiveFailures,
      failureRate: config.failureRate,
      slowCall: config.slowCall,
      window: config.window,
      mode: config.mode,
      openTimeoutMs: {
        initialMs: config.openTimeoutMs,
        factor: config.openTimeoutGrowth?.factor ?? 1,
        maxMs: config.openTimeoutGrowth?.maxMs ?? config.openTimeoutMs,
        jitter: config.openTimeoutJitter / 100,
      },
    });
  });
});

describe('a mistake in a rule', () => {
  it.each([
    [
      '{ window: 30s, failure_rate: 50 }',
      'must be a percentage such as 50%; 50 has no percent sign: write 50%',
    ],
    ['{ window: 30s, failure_rate: 0.5 }', 'write 0.5% or 50%'],
    ['{ window: 30s, failure_rate: half }', 'must be a percentage such as 50%; "half" is not a number'],
    ['{ window: 30s, failure_rate: 0% }', 'must be from 0.01% to 100%, not "0%"'],
    ['{ window: 30s, failure_rate: 100.01% }', 'must be from 0.01% to 100%'],
    ['{ window: 30s, failure_rate: 33.333% }', '33.333% has more than two decimals'],
    ['{ window: 30 }', 'write 30s or { count: 30 }'],
    [
      '{ window: [30s] }',
      'must be a duration such as 30s, or { count: 100 } for the last 100 calls, not a list',
    ],
    ['{ window: 25h }', 'must be from 10ms to 24h, not "25h"'],
    ['{ window: {} }', 'window must have either "duration" or "count"'],
    ['{ window: { duration: 30s, count: 5 } }', 'window must have either "duration" or "count"'],
    ['{ window: { count: 5, buckets: 5 } }', 'window.buckets goes with duration only'],
    ['{ window: { duration: 9ms } }', 'window.duration must be at least 1ms for each of the 10 buckets'],
    ['{ window: { count: 5, size: 5 } }', 'unknown key "size"'],
    ['{ window: 30s, slow_call: { rate: 80% } }', 'slow_call needs the key "duration"'],
    ['{ window: 30s, slow_call: 2s }', 'slow_call must be a mapping of keys and values, not "2s"'],
    [
      '{ open_timeout: 60 }',
      'open_timeout must be a duration such as 60s; 60 has no unit: write 60s or 60ms',
    ],
    ['{ open_timeout: {} }', 'open_timeout needs the key "initial"'],
    ['{ open_timeout: { initial: 1s, factor: 0.5 } }', 'factor must be a number from 1 to 1000, not 0.5'],
    ['{ open_timeout: { initial: 1s, factor: 2x } }', 'factor must be a number from 1 to 1000, not "2x"'],
    ['{ open_timeout: { initial: 2s, factor: 2, max: 1s } }', 'max must not be shorter than initial'],
    ['{ open_timeout: { initial: 1s, max: 1m } }', 'max is never reached without a factor above 1'],
    ['{ open_timeout: { initial: 1s, jitter: 0.2 } }', 'jitter must be a percentage such as 20%, or full'],
    [
      '{ failure_statuses: 5xx }',
      'must be a list of statuses such as [500, 502-504, 506-599, 429], not "5xx"',
    ],
    ['{ failure_statuses: [5xx] }', 'failure_statuses[0] must be a status from 300 to 599, or a range'],
    ['{ failure_statuses: [200] }', 'failure_statuses[0] must be a status from 300 to 599, or a range'],
    ['{ failure_statuses: [404, 600] }', 'failure_statuses[1] must be a status from 300 to 599'],
    ['{ failure_statuses: [504-502] }', 'such as 502-504, not "504-502"'],
    ['{ failure_statuses: [429.5] }', 'failure_statuses[0] must be a status, or a range such as 502-504'],
    ['{ mode: watch }', 'must be one of enforce, observe, disabled, not "watch"'],
  ])('is named with what it should be: %s', (fields, message) => {
    expect(messagesOf(file(fields))).toEqual([expect.stringContaining(message)]);
  });
});

describe('a rule that lacks what it needs', () => {
  it('is named at its key', () => {
    expect(
      placesOf(file('{ failure_rate: 50%, slow_call: { duration: 1s, rate: 5% }, min_requests: 5 }')),
    ).toEqual(['1:63 MISSING_KEY', '1:82 MISSING_KEY', '1:121 MISSING_KEY']);
    expect(messagesOf(file('{ failure_rate: 50% }'))).toEqual([
      'upstreams.api.circuit_breaker.failure_rate needs a window: add window: 30s, or window: { count: 100 }',
    ]);
  });

  it('is named where it stands in a profile, once for all who use it, and if nobody does', () => {
    const two = (use: string) => `circuit_breakers:
  p: { failure_rate: 50% }
upstreams:
  a: { targets: [http://a:1]${use} }
  b: { targets: [http://b:1]${use} }
${ROUTE.replace('api', 'a')}`;
    expect(placesOf(two(', circuit_breaker: p'))).toEqual(['2:8 MISSING_KEY']);
    expect(placesOf(two(''))).toEqual(['2:8 MISSING_KEY']);
    expect(placesOf(two(', circuit_breaker: { profile: p, window: 1m }'))).toEqual([
      // Two breakers of two upstreams; neither lacks anything.
    ]);
  });

  it('is named in a profile that nobody uses though another one is used', () => {
    const profiles = 'circuit_breakers: { used: {}, unused: { min_requests: 5 } }\n';
    expect(placesOf(profiles + file('used'))).toEqual(['1:41 MISSING_KEY']);
  });

  it('is not blamed for a window that has a mistake of its own, or a profile that is not there', () => {
    expect(placesOf(file('{ failure_rate: 50%, window: soon }'))).toEqual(['1:90 INVALID_VALUE']);
    expect(problemsOf(file('{ failure_rate: 50%, profile: p }')).map(({ code }) => code)).toEqual([
      'UNKNOWN_PROFILE',
    ]);
  });
});

describe('a rule that could never hold', () => {
  it.each([
    [
      '{ window: { count: 10 }, failure_rate: 50%, min_requests: 11 }',
      'min_requests must be at most 10, the calls that the window holds, not 11',
    ],
    ['{ window: { count: 10 }, failure_threshold: 11 }', 'failure_threshold must be at most 10'],
    ['{ window: { count: 4 } }', 'window.count must be at least 5, the failures that open a breaker'],
    [
      '{ window: 30s, consecutive_failures: 3 }',
      'window has no rule that looks at it: add failure_threshold',
    ],
    [
      '{ window: 30s, slow_call: { duration: 10s, rate: 50% } }',
      'slow_call.duration must be shorter than request_timeout (10s)',
    ],
    [
      '{ window: 30s, request_timeout: 2s, slow_call: { duration: 2s, rate: 50% } }',
      'slow_call.duration must be shorter than request_timeout (2s)',
    ],
  ])('is a mistake: %s', (fields, message) => {
    expect(messagesOf(file(fields))).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    '{ window: { count: 10 }, failure_rate: 50%, min_requests: 10 }',
    '{ window: { count: 10 }, failure_threshold: 10 }',
    '{ window: { count: 10 }, consecutive_failures: 11, failure_rate: 50% }',
    '{ window: { count: 4 }, failure_rate: 50% }',
    '{ window: { count: 5 } }',
    '{ window: 30s, slow_call: { duration: 9999ms, rate: 50% } }',
    '{ window: 30s, request_timeout: 1m, slow_call: { duration: 59s, rate: 50% } }',
  ])('is not one that barely can: %s', (fields) => {
    expect(messagesOf(file(fields))).toEqual([]);
  });

  it('looks at response_timeout where it is given, which otherwise is as long as request_timeout', () => {
    const rules = '{ window: 30s, request_timeout: 1m, slow_call: { duration: 40s, rate: 50% } }';
    const text = (limit: string) => file(rules).replace('targets:', `${limit}targets:`);
    expect(messagesOf(text(''))).toEqual([]);
    expect(messagesOf(text('response_timeout: 40s, '))).toEqual([
      expect.stringContaining('slow_call.duration must be shorter than response_timeout (40s)'),
    ]);
    const limits = ['', 'response_timeout: 40s, '].map(
      (limit) =>
        configOf(text(limit).replace('40s, rate', '20s, rate')).upstreams.get('api')?.responseTimeoutMs,
    );
    expect(limits).toEqual([60_000, 40_000]);
  });

  it('is found across upstream and profile, and named where the value stands that holds', () => {
    const profile = 'circuit_breakers: { p: { window: 30s, slow_call: { duration: 3s, rate: 5% } } }\n';
    expect(placesOf(profile + file('{ profile: p, request_timeout: 3s }'))).toEqual(['1:62 INVALID_VALUE']);
    expect(placesOf(profile + file('{ profile: p, request_timeout: 3001ms }'))).toEqual([]);
    expect(placesOf(profile + file('{ profile: p, window: { count: 9 }, min_requests: 10 }'))).toEqual([
      '2:111 INVALID_VALUE',
    ]);
  });
});

describe('the rules in plain words', () => {
  it.each([
    ['{}', 'opens after 5 failures in a row, for 60s'],
    ['{ failure_threshold: 1 }', 'opens after the first failure, for 60s'],
    ['{ failure_threshold: 9, consecutive_failures: 4 }', 'opens after 4 failures in a row, for 60s'],
    [
      '{ failure_threshold: 3, window: 30s, min_requests: 5, open_timeout: 15s }',
      'opens after 3 failures among at least 5 calls within 30s, for 15s',
    ],
    [
      '{ failure_threshold: 3, consecutive_failures: 2, window: { count: 50 } }',
      'opens after 3 failures among the last 50 calls or 2 failures in a row, for 60s',
    ],
    [
      '{ window: 30s, failure_rate: 50%, slow_call: { duration: 2s, rate: 80% } }',
      'opens after 50% failures or 80% calls slower than 2s among at least 20 calls within 30s, for 60s',
    ],
    [
      '{ window: { count: 10 }, failure_rate: 12.5%, min_requests: 5 }',
      'opens after 12.5% failures among the last 10 calls (at least 5), for 60s',
    ],
    [
      '{ window: { count: 10 }, failure_rate: 50% }',
      'opens after 50% failures among the last 10 calls, for 60s',
    ],
    [
      '{ open_timeout: { initial: 10s, factor: 2, max: 5m, jitter: 20% } }',
      'opens after 5 failures in a row, for 10s, each time 2 times as long, up to 5m, less up to 20% at random',
    ],
    ['{ mode: observe }', 'observes only: refuses nothing, would open after 5 failures in a row, for 60s'],
    ['{ mode: disabled, failure_threshold: 3 }', 'disabled: lets everything pass'],
  ])('%s: %s', (fields, words) => {
    expect(describeBreaker(breaker(fields))).toBe(words);
  });

  it.each([
    '{ window: 30s, failure_rate: 50% }',
    '{ window: { count: 10 }, failure_rate: 50% }',
    '{ window: { count: 50 }, failure_rate: 50%, min_requests: 7 }',
  ])('name as many calls as the breaker asks for: %s', (fields) => {
    const { minRequests } = buildBreaker(breaker(fields)).options;
    expect(describeBreaker(breaker(fields))).toContain(String(minRequests));
  });
});
