import fc from 'fast-check';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { type RouteLabels, requestMetricsWords } from '../../../src/observe/request-layout.ts';
import { registerRequestMetrics } from '../../../src/observe/request-metrics.ts';
import { RequestRecorder } from '../../../src/observe/request-recorder.ts';
import { RequestTotals } from '../../../src/observe/request-totals.ts';
import type { ExchangeRecord } from '../../../src/proxy/exchange-record.ts';
import { exchangeRecord } from '../../helpers/exchange-record.ts';
import { CACHE_STATUSES, PromClientRequests } from '../../helpers/prom-client-requests.ts';

/** One path for two upstreams, one route twice, and every character that the text format escapes. */
const ROUTES: readonly RouteLabels[] = [
  { path: '/a/*', upstream: 'a' },
  { path: '/a/*', upstream: 'b' },
  { path: '/b/"quoted\\"\n', upstream: 'b' },
  { path: '/a/*', upstream: 'a' },
  { path: '__proto__', upstream: 'toString' },
];
const BOUNDS_MS = [0, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000];

const anyDuration = fc.oneof(
  fc.constantFrom(...BOUNDS_MS),
  fc.double({ min: 0, max: 100_000, noNaN: true }),
  fc.integer({ min: 0, max: 100 }),
);
/** Seconds that add up exactly in whatever order. */
const exactDuration = fc.integer({ min: 0, max: 800 }).map((eighths) => eighths * 125);

function records(durationMs: fc.Arbitrary<number>): fc.Arbitrary<ExchangeRecord[]> {
  const route = fc.oneof(
    fc.constantFrom(...ROUTES).map(({ path, upstream }) => ({ route: path, upstream })),
    fc.constant({ route: null, upstream: null }),
  );
  const rest = fc.record({
    method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'get', 'PURGE', ''),
    status: fc.constantFrom(0, 99, 100, 101, 199, 200, 204, 304, 404, 499, 500, 503, 599, 600, 999),
    durationMs,
    attempts: fc.integer({ min: 0, max: 4 }),
    fallback: fc.constantFrom(null, 'secondary', 'stale', 'static', 'mock'),
    bytesIn: fc.integer({ min: 0, max: 1e9 }),
    bytesOut: fc.integer({ min: 0, max: 1e12 }),
    cacheStatus: fc.constantFrom(null, ...Object.keys(CACHE_STATUSES)),
  });
  return fc.array(
    fc.tuple(route, rest).map(([route, rest]) => exchangeRecord({ ...route, ...rest })),
    { maxLength: 60 },
  );
}

/** With the series of each metric in one order: prom-client has them as they first came, which means nothing. */
function ordered(text: string): string {
  return text
    .split('\n\n')
    .map((metric) => {
      const [help, type, ...samples] = metric.trimEnd().split('\n');
      const series = Object.groupBy(samples, (line) => line.replace(/^[^{]*\{(le="[^"]*",)?|\S+$/g, ''));
      const sorted = Object.entries(series).sort(([one], [other]) => (one < other ? -1 : 1));
      return [help, type, ...sorted.flatMap(([, lines]) => lines)].join('\n');
    })
    .join('\n\n');
}

async function printed(totals: RequestTotals): Promise<string> {
  const registry = new Registry();
  registerRequestMetrics(registry, totals);
  totals.read();
  return ordered(await registry.metrics());
}

async function printedByPromClient(records: readonly ExchangeRecord[]): Promise<string> {
  const reference = new PromClientRequests();
  for (const record of records) reference.finished(record);
  return ordered(await reference.registry.metrics());
}

describe('the metrics of requests', () => {
  it('are byte for byte those that prom-client prints of the same exchanges', async () => {
    await fc.assert(
      fc.asyncProperty(records(anyDuration), async (records) => {
        const recorder = new RequestRecorder(ROUTES);
        for (const record of records) recorder.finished(record);
        const totals = new RequestTotals(ROUTES, [recorder.memory]);
        expect(await printed(totals)).toBe(await printedByPromClient(records));
      }),
    );
  });

  it('are the same whichever threads the exchanges were on, with their memory side by side', async () => {
    await fc.assert(
      fc.asyncProperty(records(exactDuration), fc.integer({ min: 1, max: 4 }), async (records, threads) => {
        const words = requestMetricsWords(ROUTES.length);
        const shared = new SharedArrayBuffer(threads * words * 4);
        const memories = Array.from(
          { length: threads },
          (_, thread) => new Int32Array(shared, thread * words * 4, words),
        );
        const recorders = memories.map((memory) => new RequestRecorder(ROUTES, memory));
        for (const [nth, record] of records.entries()) recorders[nth % threads]?.finished(record);
        expect(await printed(new RequestTotals(ROUTES, memories))).toBe(await printedByPromClient(records));
      }),
    );
  });

  it('go on with what was counted before, at every scrape and for a thread that takes a dead one’s place', async () => {
    const recorder = new RequestRecorder(ROUTES);
    const totals = new RequestTotals(ROUTES, [recorder.memory]);
    const registry = new Registry();
    registerRequestMetrics(registry, totals);
    const record = exchangeRecord({ route: '/a/*', upstream: 'b', attempts: 3, fallback: 'stale' });
    const seen: string[] = [];
    for (const each of [recorder, recorder, new RequestRecorder(ROUTES, recorder.memory)]) {
      each.finished(record);
      totals.read();
      seen.push(ordered(await registry.metrics()));
    }
    expect(seen).toEqual([
      await printedByPromClient([record]),
      await printedByPromClient([record, record]),
      await printedByPromClient([record, record, record]),
    ]);
  });

  it('count a route that is not configured as none, and do not throw', () => {
    const recorder = new RequestRecorder(ROUTES);
    recorder.finished(exchangeRecord({ route: '/a/*', upstream: 'somebody' }));
    recorder.finished(exchangeRecord({ route: '/nowhere', upstream: 'a' }));
    const totals = new RequestTotals(ROUTES, [recorder.memory]);
    totals.read();
    expect(totals.series.map(({ labels, count }) => [labels.route, labels.upstream, count])).toEqual([
      ['none', 'none', 2],
    ]);
  });
});

describe('the memory of the metrics of requests', () => {
  const many = Array.from({ length: 1000 }, (_, nth) => ({ path: `/${nth}/*`, upstream: 'api' }));

  it('counts exactly beyond 32 bits', () => {
    const recorder = new RequestRecorder(ROUTES);
    const record = exchangeRecord({ route: '/a/*', upstream: 'a', attempts: 2, durationMs: 8000 });
    recorder.finished(record);
    const cells = new Float64Array(recorder.memory.buffer);
    const used = [...cells.keys()].filter((index) => cells[index] !== 0);
    // The mark of its place is the first one.
    for (const index of used.slice(1)) cells[index] = (cells[index] ?? 0) * 2 ** 40;
    recorder.finished(record);
    const totals = new RequestTotals(ROUTES, [recorder.memory]);
    totals.read();
    expect(totals.series[0]).toMatchObject({ count: 2 ** 40 + 1, seconds: 8 * 2 ** 40 + 8 });
    expect(totals.policies[0]?.retries).toBe(2 ** 40 + 1);
  });

  it('is touched in a few places per route that is asked, and nowhere else', () => {
    const recorder = new RequestRecorder(many);
    const record = exchangeRecord({
      route: '/500/*',
      upstream: 'api',
      attempts: 2,
      fallback: 'mock',
      bytesIn: 7,
      cacheStatus: 'breakwater; hit; ttl=3',
    });
    for (let nth = 0; nth < 10; nth++) recorder.finished(record);
    // The mark of its place, a bucket, the sum, retries, fallbacks, bytes both ways, hits.
    const words = new Float64Array(recorder.memory.buffer);
    expect([...words.keys()].filter((index) => words[index] !== 0)).toHaveLength(8);
  });

  it('keeps each route apart from every other, also in the last cells', () => {
    const recorder = new RequestRecorder(many);
    for (const { path, upstream } of many) {
      recorder.finished(
        exchangeRecord({ route: path, upstream, method: 'made up', status: 0, durationMs: 90_000 }),
      );
    }
    const totals = new RequestTotals(many, [recorder.memory]);
    totals.read();
    const seen = totals.series.map(({ labels, count, seconds }) => [labels.route, count, seconds]);
    expect(seen).toEqual(many.map(({ path }) => [path, 1, 90]));
  });

  it.each([
    ['too small', new Int32Array(requestMetricsWords(ROUTES.length) - 1)],
    ['not aligned', new Int32Array(new ArrayBuffer(4 * requestMetricsWords(9)), 4)],
  ])('is refused when it is %s', (_what, memory) => {
    expect(() => new RequestRecorder(ROUTES, memory)).toThrow(/memory/);
    expect(() => new RequestTotals(ROUTES, [memory])).toThrow(/memory/);
  });

  it('takes whole cache lines, so that those of two threads never share one', () => {
    for (let routes = 0; routes < 40; routes++) expect(requestMetricsWords(routes) % 16).toBe(0);
  });
});
