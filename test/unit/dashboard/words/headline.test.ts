import { describe, expect, it } from 'vitest';
import type { TrafficSample } from '../../../../src/admin/live/live-types.ts';
import { headline } from '../../../../src/dashboard/words/headline.ts';
import { breakerReason, overviewOf, upstreamOverview } from '../../../helpers/overview.ts';

const open = (name: string, retryAfterMs: number) =>
  upstreamOverview(name, { state: 'OPEN', retryAfterMs, reason: breakerReason() });

const busy: TrafficSample = {
  at: 0,
  spanMs: 2000,
  rates: {
    requests: 12.5,
    ok: 12.5,
    clientErrors: 0,
    serverErrors: 0,
    rejected: 0,
    fallbacks: 0,
    retries: 0,
  },
  latency: { p50: 4, p95: 18, p99: 30 },
  upstreams: [],
};

const target = (status: 'healthy' | 'unhealthy') => ({
  url: 'http://127.0.0.1:1',
  status,
  inFlight: 0,
  requests: 1,
  failures: 0,
  lastFailureAt: null,
  lastCheck: null,
});

const calm = upstreamOverview('school', {}, { targets: [target('healthy')] });

describe('the headline', () => {
  it.each([
    ['one is open', [open('auth', 42_000), calm], 'auth is open', '5 failures in a row. Next probe in 42 s.'],
    [
      'its time is over',
      [open('auth', 0)],
      'auth is open',
      '5 failures in a row. The next request is the probe.',
    ],
    ['two are open', [open('a', 9000), open('b', 4000)], 'a and b are open', 'First b: next probe in 4 s.'],
    [
      'many are',
      ['a', 'b', 'c', 'd'].map((name) => open(name, 1000)),
      'a, b and 2 more are open',
      'First a: next probe in 1 s.',
    ],
    [
      'one is held open',
      [upstreamOverview('auth', { state: 'OPEN', forced: 'open', retryAfterMs: 60_000 })],
      'auth is held open',
      'An operator holds it open: every request gets 503 until it is released.',
    ],
    [
      'one is probed',
      [upstreamOverview('auth', { state: 'HALF_OPEN' }), calm],
      'auth is being probed',
      'A few requests are let through; if they succeed, all are.',
    ],
    [
      'one would be open',
      [upstreamOverview('auth', { mode: 'observe', wouldBe: 'OPEN' })],
      'auth would be open',
      'Its breaker only observes, so nothing is refused.',
    ],
    [
      'one is held closed',
      [upstreamOverview('auth', { forced: 'closed' })],
      'auth is held closed',
      'Whatever fails there, nothing opens until it is released.',
    ],
    [
      'a target fails',
      [upstreamOverview('auth', {}, { targets: [target('unhealthy'), target('healthy')] })],
      'auth has a target that fails',
      '1 of 2 targets. 12.5 requests a second, 95% of them within 18 ms.',
    ],
    [
      'targets of two fail',
      [1, 2].map((name) => upstreamOverview(`s${name}`, {}, { targets: [target('unhealthy')] })),
      's1 and s2 have targets that fail',
      '2 of 2 targets. 12.5 requests a second, 95% of them within 18 ms.',
    ],
    [
      'an upstream has no targets',
      [calm, upstreamOverview('auth')],
      'auth has no targets',
      'There is nobody to ask. 12.5 requests a second, 95% of them within 18 ms.',
    ],
    ['all is well', [calm], 'Everything answers', '12.5 requests a second, 95% of them within 18 ms.'],
  ])('says what matters when %s', (_when, upstreams, title, detail) => {
    expect(headline(overviewOf(upstreams), [busy], 0)).toMatchObject({ title, detail });
  });

  it('tells of the cache in Redis when nothing worse is to be told', () => {
    const cacheBreaker = upstreamOverview('cache', { state: 'OPEN' }).breaker;
    expect(headline({ ...overviewOf([calm]), cacheBreaker }, [busy], 0).title).toBe(
      'The cache does not answer',
    );
    expect(headline({ ...overviewOf([open('auth', 1000)]), cacheBreaker }, [busy], 0).title).toBe(
      'auth is open',
    );
  });

  it('knows who holds the cache', () => {
    const of = (breaker: Parameters<typeof upstreamOverview>[1]) =>
      headline(
        { ...overviewOf([calm]), cacheBreaker: upstreamOverview('cache', breaker).breaker },
        [busy],
        0,
      );
    expect(of({ state: 'OPEN', forced: 'open' }).title).toBe('The cache is held open');
    expect(of({ forced: 'closed' }).title).toBe('The cache is held closed');
    expect(of({ state: 'HALF_OPEN' }).title).toBe('The cache is being probed');
  });

  it('does not say that everything answers while requests fail and no breaker has opened', () => {
    const failing = (at: number, failures: number): TrafficSample => ({
      ...busy,
      at,
      upstreams: [{ requests: 5, failures }],
    });
    const of = (samples: TrafficSample[], lastChangeAt = 0) =>
      headline(overviewOf([{ ...calm, breaker: { ...calm.breaker, lastChangeAt } }]), samples, 0);
    expect(of([failing(20_000, 0), failing(22_000, 5), failing(24_000, 5)])).toMatchObject({
      look: 'half-open',
      title: 'Some requests to school fail',
      detail: '20 of 30 in the last seconds, and no breaker is open.',
    });
    expect(of([failing(22_000, 5)]).title).toBe('Requests to school fail');
    // Few are daily life, and what is old or was before a recovery is over.
    expect(of([failing(22_000, 0.1)]).title).toBe('Everything answers');
    expect(of([failing(12_000, 5), failing(22_000, 0)]).title).toBe('Everything answers');
    expect(of([failing(20_000, 5), failing(22_000, 0)], 20_000).title).toBe('Everything answers');
  });

  it('does not say that everything answers when nothing was asked', () => {
    expect(headline(overviewOf([calm]), [], 0).title).toBe('Everything is ready');
  });

  it('counts down by the clock of the gateway between two overviews', () => {
    const overview = overviewOf([open('auth', 42_000)], 100_000);
    expect(headline(overview, [busy], 103_500).detail).toContain('Next probe in 39 s.');
    expect(headline(overview, [busy], 150_000).detail).toContain('The next request is the probe.');
  });
});
