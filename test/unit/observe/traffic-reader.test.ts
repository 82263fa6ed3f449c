import { describe, expect, it } from 'vitest';
import { RejectionRecorder, rejectionWords } from '../../../src/observe/rejection-recorder.ts';
import { DURATION_BUCKETS } from '../../../src/observe/request-layout.ts';
import { RequestRecorder } from '../../../src/observe/request-recorder.ts';
import { TrafficReader } from '../../../src/observe/traffic-reader.ts';
import type { ExchangeRecord } from '../../../src/proxy/exchange-record.ts';
import { exchangeRecord } from '../../helpers/exchange-record.ts';

const ROUTES = [
  { path: '/a/*', upstream: 'one' },
  { path: '/b/*', upstream: 'one' },
  { path: '/a/*', upstream: 'two' },
  { path: '/quiet/*', upstream: 'three' },
];

/** Two threads that count, and the reader of both. */
function counted(...records: readonly [thread: number, record: Partial<ExchangeRecord>][]) {
  const threads = [new RequestRecorder(ROUTES), new RequestRecorder(ROUTES)];
  const shared = new Int32Array(new SharedArrayBuffer(4 * rejectionWords(ROUTES.length)));
  const rejections = threads.map(() => new RejectionRecorder(ROUTES, shared));
  for (const [thread, parts] of records) {
    const record = exchangeRecord({ route: '/a/*', upstream: 'one', ...parts });
    threads[thread]!.finished(record);
    rejections[thread]!.finished(record);
  }
  const requests = threads.map(({ memory }) => memory);
  return new TrafficReader({ routes: ROUTES, requests, rejections: shared }).read();
}

const NOTHING = {
  requests: 0,
  classes: { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, none: 0 },
  rejected: 0,
  retries: 0,
  fallbacks: { secondary: 0, stale: 0, static: 0, mock: 0 },
};

describe('a reading of the traffic', () => {
  it('is all zeros before the first request', () => {
    const reading = counted();
    expect(reading.total).toEqual(NOTHING);
    expect(reading.ofUpstream('one')).toEqual(NOTHING);
    expect(reading.ofRoute(ROUTES[0]!)).toEqual(NOTHING);
  });

  it('adds up threads and methods: over all, for each upstream, for each route', () => {
    const reading = counted(
      [0, { status: 200, method: 'GET' }],
      [1, { status: 201, method: 'POST' }],
      [1, { status: 503, route: '/b/*' }],
      [0, { status: 404, upstream: 'two', method: 'BREW' }],
      [0, { status: 0, upstream: 'two' }],
      [0, { status: 101 }],
      [0, { status: 304 }],
    );
    const classes = (parts: object) => ({ ...NOTHING.classes, ...parts });
    expect(reading.total).toEqual({
      ...NOTHING,
      requests: 7,
      classes: { '1xx': 1, '2xx': 2, '3xx': 1, '4xx': 1, '5xx': 1, none: 1 },
    });
    expect(reading.ofUpstream('one')).toMatchObject({
      requests: 5,
      classes: classes({ '1xx': 1, '2xx': 2, '3xx': 1, '5xx': 1 }),
    });
    expect(reading.ofUpstream('two')).toMatchObject({ requests: 2, classes: classes({ '4xx': 1, none: 1 }) });
    expect(reading.ofRoute(ROUTES[1]!)).toMatchObject({ requests: 1, classes: classes({ '5xx': 1 }) });
    expect(reading.ofRoute(ROUTES[0]!).requests).toBe(4);
    expect(reading.ofUpstream('three')).toEqual(NOTHING);
  });

  it('leaves out what had no route', () => {
    const reading = counted([0, { route: null, upstream: null, status: 404 }], [0, { status: 200 }]);
    expect(reading.total.requests).toBe(1);
    expect([...reading.durations].reduce((sum, one) => sum + one)).toBe(1);
  });

  it('counts retries, fallbacks by their kind, and requests that were refused and got no fallback', () => {
    const reading = counted(
      [0, { attempts: 3 }],
      [1, { attempts: 2, fallback: 'stale', outcome: 'fallback' }],
      [0, { fallback: 'mock', outcome: 'fallback' }],
      [0, { outcome: 'rejected', status: 503 }],
      [1, { outcome: 'rejected', status: 503 }],
      [1, { outcome: 'rejected', status: 503, upstream: 'two' }],
    );
    expect(reading.total).toMatchObject({
      retries: 3,
      rejected: 3,
      fallbacks: { secondary: 0, stale: 1, static: 0, mock: 1 },
    });
    expect(reading.ofUpstream('one').rejected).toBe(2);
    expect(reading.ofRoute(ROUTES[2]!).rejected).toBe(1);
  });

  it('sorts durations into the buckets of the histogram, also those of no time at all', () => {
    const last = DURATION_BUCKETS.at(-1)!;
    const reading = counted(
      [0, { durationMs: 0 }],
      [1, { durationMs: DURATION_BUCKETS[1] * 1000 }],
      [1, { durationMs: (last + 1) * 1000, method: 'PUT' }],
    );
    const expected = new Float64Array(DURATION_BUCKETS.length + 1);
    expected[0] = 1;
    expected[1] = 1;
    expected[DURATION_BUCKETS.length] = 1;
    expect(reading.durations).toEqual(expected);
  });
});
