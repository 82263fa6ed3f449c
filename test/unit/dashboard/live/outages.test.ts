import { describe, expect, it } from 'vitest';
import { openSince, outages, united } from '../../../../src/dashboard/live/outages.ts';
import type { NumberedEvent } from '../../../../src/observe/gateway-event.ts';
import type { BreakerState } from '../../../../src/resilience/index.ts';
import { breakerReason, overviewOf, upstreamOverview } from '../../../helpers/overview.ts';

const change = (at: number, to: BreakerState): NumberedEvent => ({
  id: at,
  type: 'transition',
  at,
  breaker: 'auth-http',
  upstream: 'auth',
  from: 'CLOSED',
  to,
  reason: breakerReason(),
  counts: { failures: 0, successes: 0, requests: 0 },
  retryAfterMs: null,
  openForMs: null,
  samples: [],
});

describe('outages', () => {
  it('last from the first opening to the closing, failed probes included', () => {
    const events = [
      change(1, 'OPEN'),
      change(5, 'HALF_OPEN'),
      change(6, 'OPEN'),
      change(9, 'HALF_OPEN'),
      change(10, 'CLOSED'),
    ];
    expect(outages(events, overviewOf([upstreamOverview('auth')], 20))).toEqual([
      { upstream: 'auth', from: 1, to: 10, over: true },
    ]);
  });

  it('go on as long as the breaker is not closed', () => {
    const upstream = upstreamOverview('auth', { state: 'OPEN', openedAt: 6 });
    expect(outages([change(1, 'OPEN')], overviewOf([upstream], 20))).toEqual([
      { upstream: 'auth', from: 1, to: 20, over: false },
    ]);
    // Its beginning is no longer among the events.
    expect(outages([], overviewOf([upstream], 20))).toEqual([
      { upstream: 'auth', from: 6, to: 20, over: false },
    ]);
  });

  it('of the cache go on too', () => {
    const cacheBreaker = upstreamOverview('cache', { state: 'HALF_OPEN', lastChangeAt: 6 }).breaker;
    const found = outages([], { ...overviewOf([upstreamOverview('auth')], 20), cacheBreaker });
    expect(found).toEqual([{ upstream: null, from: 6, to: 20, over: false }]);
    expect(openSince(found)).toBe(6);
  });

  it('of several at once are one', () => {
    const of = (from: number, to: number, over = true) => ({ upstream: 'any', from, to, over });
    expect(united([of(5, 8), of(1, 3), of(2, 4), of(7, 20, false), of(9, 10)])).toEqual([
      { upstream: null, from: 1, to: 4, over: true },
      { upstream: null, from: 5, to: 20, over: false },
    ]);
    expect(openSince([of(1, 3)])).toBe(null);
  });
});
