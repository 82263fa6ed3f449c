import { describe, expect, it } from 'vitest';
import { GatewayMetrics } from '../../../src/observe/metrics.ts';
import {
  type BreakerSnapshot,
  Bulkhead,
  CircuitBreaker,
  ManualClock,
} from '../../../src/resilience/index.ts';
import type { TargetStatus } from '../../../src/upstream/target.ts';
import { breakerSnapshot } from '../../helpers/breaker-snapshot.ts';
import { exchangeRecord } from '../../helpers/exchange-record.ts';
import { attempts, targetConfig, upstreamOf } from '../upstream/upstream-kit.ts';

const RECORD = exchangeRecord();
const ROUTES = [{ path: '/auth/*', upstream: 'auth' }];

async function lines(metrics: GatewayMetrics, name: string): Promise<string[]> {
  const { body } = await metrics.expose();
  return body.split('\n').filter((line) => line.startsWith(`${name}{`));
}

describe('the metrics of circuit breakers', () => {
  let snapshots: BreakerSnapshot[] = [];
  const metrics = new GatewayMetrics({
    routes: [],
    breakers: () => snapshots.map((snapshot) => ({ snapshot: () => snapshot })),
  });

  it('show the state as 0, 1 and 2', async () => {
    snapshots = [
      breakerSnapshot('a'),
      breakerSnapshot('b', { state: 'HALF_OPEN' }),
      breakerSnapshot('c', { state: 'OPEN' }),
    ];
    expect(await lines(metrics, 'circuit_breaker_state')).toEqual([
      'circuit_breaker_state{service="a"} 0',
      'circuit_breaker_state{service="b"} 1',
      'circuit_breaker_state{service="c"} 2',
    ]);
  });

  it.each([
    ['circuit_breaker_failures_total', 5],
    ['circuit_breaker_successes_total', 3],
    ['circuit_breaker_timeouts_total', 2],
    ['circuit_breaker_rejections_total', 7],
    ['circuit_breaker_transitions_total', 4],
    ['circuit_breaker_last_state_change', 1_767_225_600.5],
  ])('show %s as it is in the breaker, at every scrape', async (name, value) => {
    snapshots = [
      breakerSnapshot('a', {
        totals: { successes: 3, failures: 5, timeouts: 2, rejections: 7, excluded: 11, slow: 13 },
        transitions: 4,
        lastChangeAt: 1_767_225_600_500,
      }),
    ];
    expect(await lines(metrics, name)).toEqual([`${name}{service="a"} ${value}`]);
    expect(await lines(metrics, name)).toEqual([`${name}{service="a"} ${value}`]);
  });

  it('show what a breaker that only observes would do, and of no other', async () => {
    const totals = { successes: 0, failures: 5, timeouts: 0, rejections: 0, excluded: 0, slow: 0 };
    snapshots = [
      breakerSnapshot('a'),
      breakerSnapshot('b', { mode: 'observe', wouldBe: 'OPEN', totals: { ...totals, wouldReject: 7 } }),
      breakerSnapshot('c', { mode: 'observe', wouldBe: 'HALF_OPEN', totals: { ...totals, wouldReject: 0 } }),
    ];
    expect(await lines(metrics, 'circuit_breaker_would_open')).toEqual([
      'circuit_breaker_would_open{service="b"} 1',
      'circuit_breaker_would_open{service="c"} 0',
    ]);
    expect(await lines(metrics, 'circuit_breaker_would_reject_total')).toEqual([
      'circuit_breaker_would_reject_total{service="b"} 7',
      'circuit_breaker_would_reject_total{service="c"} 0',
    ]);
  });

  it('forget a breaker that is no longer there', async () => {
    snapshots = [breakerSnapshot('new')];
    expect(await lines(metrics, 'circuit_breaker_state')).toEqual(['circuit_breaker_state{service="new"} 0']);
    expect(await lines(metrics, 'circuit_breaker_failures_total')).toEqual([
      'circuit_breaker_failures_total{service="new"} 0',
    ]);
  });
});

describe('the metrics of requests', () => {
  it('count by route, upstream, method and status class', async () => {
    const metrics = new GatewayMetrics({ routes: ROUTES, breakers: () => [] });
    metrics.recorder.finished(RECORD);
    metrics.recorder.finished({ ...RECORD, status: 204 });
    metrics.recorder.finished({ ...RECORD, status: 503, outcome: 'rejected' });
    metrics.recorder.finished({ ...RECORD, route: null, upstream: null, status: 404, outcome: 'refused' });
    metrics.recorder.finished({ ...RECORD, status: 0, outcome: 'client_gone' });
    expect(await lines(metrics, 'gateway_requests_total')).toEqual([
      'gateway_requests_total{route="none",upstream="none",method="GET",status_class="4xx"} 1',
      'gateway_requests_total{route="/auth/*",upstream="auth",method="GET",status_class="2xx"} 2',
      'gateway_requests_total{route="/auth/*",upstream="auth",method="GET",status_class="5xx"} 1',
      'gateway_requests_total{route="/auth/*",upstream="auth",method="GET",status_class="none"} 1',
    ]);
  });

  it('put durations into buckets, in seconds', async () => {
    const metrics = new GatewayMetrics({ routes: ROUTES, breakers: () => [] });
    metrics.recorder.finished(RECORD);
    const buckets = await lines(metrics, 'gateway_request_duration_seconds_bucket');
    expect(buckets.find((line) => line.includes('le="0.025"'))).toMatch(/ 0$/);
    expect(buckets.find((line) => line.includes('le="0.05"'))).toMatch(/ 1$/);
    expect((await lines(metrics, 'gateway_request_duration_seconds_sum'))[0]).toMatch(/ 0\.03$/);
  });

  it('do not grow with the methods that clients make up', async () => {
    const metrics = new GatewayMetrics({ routes: ROUTES, breakers: () => [] });
    for (let at = 0; at < 50; at++) metrics.recorder.finished({ ...RECORD, method: `MADE-UP-${at}` });
    expect(await lines(metrics, 'gateway_requests_total')).toEqual([
      'gateway_requests_total{route="/auth/*",upstream="auth",method="other",status_class="2xx"} 50',
    ]);
  });

  it('do not grow with codes, kinds, statuses and upstreams that nobody knows', async () => {
    const upstreams = () => [{ name: 'auth', targets: [], bulkhead: null }];
    const metrics = new GatewayMetrics({ routes: ROUTES, breakers: () => [], upstreams });
    const before = (await metrics.expose()).body.split('\n').length;
    for (let at = 0; at < 50; at++) {
      const strange = { outcome: 'refused', status: 200 + 7 * at, errorCode: `MADE_UP_${at}` } as const;
      metrics.recorder.finished({ ...RECORD, ...strange, route: `/made-up/${at}`, upstream: `up-${at}` });
      metrics.recorder.headRefused({ code: '__proto__' as 'BAD_REQUEST' });
      metrics.recorder.attemptFailed({ kind: 'reset' }, { name: `up-${at}` });
      metrics.recorder.answered({ name: 'constructor' }, 1);
    }
    const { body } = await metrics.expose();
    expect(body).not.toMatch(/MADE_UP|made-up|up-\d|__proto__|"constructor"/);
    // One place for all: a count, a histogram and bytes for each class of status.
    expect(body.split('\n').length - before).toBeLessThan(5 * 20);
  });

  it('are of one gateway each, while those of the process are shared', async () => {
    const [one, other] = [
      new GatewayMetrics({ routes: ROUTES, breakers: () => [] }),
      new GatewayMetrics({ routes: ROUTES, breakers: () => [] }),
    ];
    one.recorder.finished(RECORD);
    expect(await lines(other, 'gateway_requests_total')).toEqual([]);
    for (const metrics of [one, other]) {
      const { body, contentType } = await metrics.expose();
      expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
      expect(body).toMatch(/^process_cpu_seconds_total \d/m);
      expect(body.match(/^# TYPE process_cpu_seconds_total /gm)).toHaveLength(1);
    }
  });
});

describe('all metrics', () => {
  it('keep the suffix _total for counters, and give it to every one, as promtool wants it', async () => {
    const { body } = await new GatewayMetrics({ routes: ROUTES, breakers: () => [] }).expose();
    const types = [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => ({ name, type }));
    expect(types.length).toBeGreaterThan(30);
    expect(types.filter(({ name, type }) => name.endsWith('_total') !== (type === 'counter'))).toEqual([]);
  });
});

describe('the metrics of policies', () => {
  it('count retries beyond the first attempt, by route and upstream', async () => {
    const metrics = new GatewayMetrics({ routes: ROUTES, breakers: () => [] });
    for (const attempts of [0, 1, 3, 2]) metrics.recorder.finished({ ...RECORD, attempts });
    expect(await lines(metrics, 'gateway_retries_total')).toEqual([
      'gateway_retries_total{route="/auth/*",upstream="auth"} 3',
    ]);
  });

  it('count answers of fallbacks by their kind', async () => {
    const metrics = new GatewayMetrics({ routes: ROUTES, breakers: () => [] });
    for (const fallback of ['stale', 'static', 'stale', null] as const) {
      metrics.recorder.finished({ ...RECORD, outcome: 'fallback', fallback });
    }
    expect(await lines(metrics, 'gateway_fallbacks_total')).toEqual([
      'gateway_fallbacks_total{route="/auth/*",upstream="auth",fallback="stale"} 2',
      'gateway_fallbacks_total{route="/auth/*",upstream="auth",fallback="static"} 1',
    ]);
  });

  it('show each bulkhead once, though upstreams may share a pool', async () => {
    const pool = new Bulkhead({ name: 'read', maxConcurrent: 2 });
    const own = new Bulkhead({ name: 'auth', maxConcurrent: 1 });
    const metrics = new GatewayMetrics({
      routes: [],
      breakers: () => [],
      pools: () => [pool],
      upstreams: () => [
        { name: 'auth', targets: [], bulkhead: own },
        { name: 'school', targets: [], bulkhead: pool },
        { name: 'student', targets: [], bulkhead: null },
      ],
    });
    own.tryAcquire();
    await expect(own.acquire()).rejects.toThrow();
    expect(await lines(metrics, 'gateway_bulkhead_in_use')).toEqual([
      'gateway_bulkhead_in_use{bulkhead="read"} 0',
      'gateway_bulkhead_in_use{bulkhead="auth"} 1',
    ]);
    expect(await lines(metrics, 'gateway_bulkhead_limit')).toEqual([
      'gateway_bulkhead_limit{bulkhead="read"} 2',
      'gateway_bulkhead_limit{bulkhead="auth"} 1',
    ]);
    expect(await lines(metrics, 'gateway_bulkhead_rejections_total')).toContain(
      'gateway_bulkhead_rejections_total{bulkhead="auth"} 1',
    );
  });

  it('show each target, as it is when somebody scrapes', async () => {
    const target = {
      url: 'http://127.0.0.1:1',
      status: 'unknown' as TargetStatus,
      inFlight: 3,
      requests: 7,
      failures: 2,
    };
    const metrics = new GatewayMetrics({
      routes: [],
      breakers: () => [],
      upstreams: () => [{ name: 'auth', targets: [target], bulkhead: null }],
    });
    const up = async () => (await lines(metrics, 'gateway_target_up')).map((line) => line.at(-1));
    expect(await lines(metrics, 'gateway_target_in_flight')).toEqual([
      'gateway_target_in_flight{upstream="auth",target="http://127.0.0.1:1"} 3',
    ]);
    expect(await lines(metrics, 'gateway_target_requests_total')).toEqual([
      'gateway_target_requests_total{upstream="auth",target="http://127.0.0.1:1"} 7',
    ]);
    expect(await lines(metrics, 'gateway_target_failures_total')).toEqual([
      'gateway_target_failures_total{upstream="auth",target="http://127.0.0.1:1"} 2',
    ]);
    const shown: unknown[] = [];
    for (const status of ['unknown', 'healthy', 'unhealthy', 'ejected'] as const) {
      target.status = status;
      shown.push(...(await up()));
    }
    expect(shown).toEqual(['1', '1', '0', '0']);
  });

  it('end the series of a target that DNS no longer lists, and keep those of the others', async () => {
    const { upstream } = upstreamOf({ targets: [targetConfig('http://api')] });
    const metrics = new GatewayMetrics({ routes: [], breakers: () => [], upstreams: () => [upstream] });
    const at = (...addresses: string[]) =>
      upstream.replaceTargets(
        0,
        addresses.map((address) => targetConfig('http://api', { address })),
      );
    const shown = async () =>
      (await lines(metrics, 'gateway_target_requests_total')).map((line) => line.replace(/.*target=/, ''));
    at('10.0.0.1', '10.0.0.2');
    attempts(upstream.targets[0], 'success', 2);
    attempts(upstream.targets[1], 'failure', 3);
    expect(await shown()).toEqual(['"http://api (10.0.0.1)"} 2', '"http://api (10.0.0.2)"} 3']);
    at('10.0.0.2', '10.0.0.3');
    expect(await shown()).toEqual(['"http://api (10.0.0.2)"} 3', '"http://api (10.0.0.3)"} 0']);
    expect(await lines(metrics, 'gateway_target_failures_total')).toEqual([
      'gateway_target_failures_total{upstream="shop",target="http://api (10.0.0.2)"} 3',
      'gateway_target_failures_total{upstream="shop",target="http://api (10.0.0.3)"} 0',
    ]);
  });

  it('count how often a breaker that only observes would have opened', async () => {
    const clock = new ManualClock();
    const breaker = new CircuitBreaker({
      name: 'auth-http',
      mode: 'observe',
      failureThreshold: 1,
      openTimeoutMs: 1000,
      clock,
    });
    const metrics = new GatewayMetrics({ routes: ROUTES, breakers: () => [breaker] });
    for (let round = 0; round < 2; round++) {
      breaker.settle(breaker.tryAcquire(), 'failure');
      clock.advance(1001);
    }
    expect(await lines(metrics, 'circuit_breaker_would_open_total')).toEqual([
      'circuit_breaker_would_open_total{service="auth-http"} 2',
    ]);
  });
});
