import { describe, expect, it } from 'vitest';
import { RequestRecorder } from '../../../src/observe/request-recorder.ts';
import { TrafficHistory } from '../../../src/observe/traffic-history.ts';
import { TrafficReader } from '../../../src/observe/traffic-reader.ts';
import type { TrafficSample } from '../../../src/observe/traffic-sample.ts';
import { exchangeRecord } from '../../helpers/exchange-record.ts';
import { FakeTime } from '../../helpers/fake-time.ts';

const ROUTES = [
  { path: '/a/*', upstream: 'a' },
  { path: '/b/*', upstream: 'b' },
];

class Watched {
  readonly time = new FakeTime();
  readonly recorder = new RequestRecorder(ROUTES);
  rejections = 0;
  readonly history: TrafficHistory;

  constructor() {
    const rejections = new Int32Array(ROUTES.length + 1);
    const reader = new TrafficReader({ routes: ROUTES, requests: [this.recorder.memory], rejections });
    this.history = new TrafficHistory({
      upstreams: ['b', 'a'],
      read: () => reader.read(),
      rejections: () => this.rejections,
      clock: this.time,
      timer: this.time,
    });
  }

  ended(count: number, parts: Parameters<typeof exchangeRecord>[0] = {}): void {
    for (let nth = 0; nth < count; nth++) {
      this.recorder.finished(exchangeRecord({ route: '/a/*', upstream: 'a', durationMs: 7, ...parts }));
    }
  }
}

const numbersIn = (value: unknown): number[] =>
  typeof value === 'number' ? [value] : Object.values(value ?? {}).flatMap(numbersIn);

describe('the history of the traffic', () => {
  it('has a sample for every two seconds, of what ended within them', async () => {
    const watched = new Watched();
    watched.ended(100);
    watched.history.start();
    watched.ended(6, { status: 200 });
    watched.ended(2, { status: 404 });
    watched.ended(1, { status: 503, attempts: 3 });
    watched.ended(1, { status: 0 });
    watched.ended(4, { route: '/b/*', upstream: 'b', status: 200, fallback: 'static' });
    await watched.time.advance(2000);
    await watched.time.advance(2000);
    const [first, second, ...others] = watched.history.samples();
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      spanMs: 2000,
      rates: {
        requests: 7,
        ok: 5,
        clientErrors: 1,
        serverErrors: 0.5,
        rejected: 0,
        fallbacks: 2,
        retries: 1,
      },
      upstreams: [
        { requests: 2, failures: 0 },
        { requests: 5, failures: 1 },
      ],
    });
    expect(second).toMatchObject({
      at: first!.at + 2000,
      rates: { requests: 0, ok: 0 },
      latency: { p50: null, p95: null, p99: null },
      upstreams: [
        { requests: 0, failures: 0 },
        { requests: 0, failures: 0 },
      ],
    });
  });

  it('has percentiles of what ended within the sample only', async () => {
    const watched = new Watched();
    watched.history.start();
    watched.ended(50, { durationMs: 7 });
    await watched.time.advance(2000);
    watched.ended(50, { durationMs: 700 });
    await watched.time.advance(2000);
    const [fast, slow] = watched.history.samples();
    expect(fast!.latency.p99).toBeLessThanOrEqual(10);
    expect(slow!.latency.p50).toBeGreaterThan(500);
    expect(slow!.latency.p99).toBeLessThanOrEqual(1000);
  });

  it('counts refusals on over the end of 32 bits', async () => {
    const watched = new Watched();
    watched.rejections = 2 ** 32 - 3;
    watched.history.start();
    watched.rejections = 5;
    await watched.time.advance(2000);
    expect(watched.history.samples()[0]!.rates.rejected).toBe(4);
  });

  it('says for a gateway that was stopped for a while how long it was, with rates over all of it', async () => {
    const time = new FakeTime();
    let heldUpMs = 0;
    const recorder = new RequestRecorder(ROUTES);
    const reader = new TrafficReader({
      routes: ROUTES,
      requests: [recorder.memory],
      rejections: new Int32Array(3),
    });
    const clock = { now: () => time.now() + heldUpMs, wallNow: () => time.wallNow() + heldUpMs };
    const parts = { upstreams: ['a', 'b'], read: () => reader.read(), rejections: () => 0 };
    const history = new TrafficHistory({ ...parts, clock, timer: time });
    history.start();
    for (let nth = 0; nth < 60; nth++) {
      recorder.finished(exchangeRecord({ route: '/a/*', upstream: 'a', durationMs: 1 }));
    }
    heldUpMs = 58_000;
    await time.advance(2000);
    await time.advance(2000);
    const [held, after] = history.samples();
    expect([held!.spanMs, held!.rates.requests]).toEqual([60_000, 1]);
    expect(after!.spanMs).toBe(2000);
    for (const number of numbersIn([held, after])) expect(number).toBeGreaterThanOrEqual(0);
  });

  it('makes no sample of no time', async () => {
    const time = new FakeTime();
    const reader = new TrafficReader({ routes: [], requests: [], rejections: new Int32Array(1) });
    const clock = { now: () => 5, wallNow: () => 5 };
    const parts = { upstreams: [], read: () => reader.read(), rejections: () => 0 };
    const history = new TrafficHistory({ ...parts, clock, timer: time });
    history.start();
    await time.advance(10_000);
    expect(history.samples()).toEqual([]);
  });

  it('keeps fifteen minutes, oldest first', async () => {
    const watched = new Watched();
    watched.history.start();
    await watched.time.advance(2000 * 460);
    const samples = watched.history.samples();
    expect(samples).toHaveLength(450);
    const times = samples.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.at(-1)).toBe(watched.time.wallNow());
  });

  it('tells each sample, whatever a listener throws, and takes none after its end', async () => {
    const { history, time } = new Watched();
    const heard: TrafficSample[] = [];
    history.on(() => {
      throw new Error('not mine');
    });
    const end = history.on((sample) => heard.push(sample));
    history.start();
    await time.advance(4000);
    end();
    await time.advance(2000);
    expect(heard).toEqual(history.samples().slice(0, 2));
    history.stop();
    expect(time.pending).toBe(0);
  });
});
