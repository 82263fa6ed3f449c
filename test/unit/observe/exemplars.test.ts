import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { ExchangeRecorder } from '../../../src/observe/exchange-recorder.ts';
import { exemplarWords, SEQUENCE, SLOT_WORDS, TRACE_ID } from '../../../src/observe/exemplar-layout.ts';
import { ExemplarRecorder } from '../../../src/observe/exemplar-recorder.ts';
import { GatewayMetrics } from '../../../src/observe/metrics.ts';
import { RecentExemplars } from '../../../src/observe/recent-exemplars.ts';
import { seriesCells } from '../../../src/observe/request-layout.ts';
import { exchangeRecord } from '../../helpers/exchange-record.ts';
import { OPEN_METRICS, openMetricsMistakes } from '../../helpers/open-metrics.ts';
import { sharedWords } from '../../helpers/shared-words.ts';
import type { Assignment } from './metrics-thread.ts';

const ROUTES = [
  { path: '/a/*', upstream: 'a' },
  { path: '/b/*', upstream: 'b' },
];
const ID = '4bf92f3577b34da6a3ce929d0e0e4736';
/** GET, 2xx. */
const CELL = seriesCells(0, 1);

describe('exemplars', () => {
  it('are the traces of recent requests, each at the bucket of its own series', async () => {
    const recorder = new ExchangeRecorder({ routes: ROUTES, upstreams: ['a', 'b'], exemplars: true });
    const metrics = new GatewayMetrics({ routes: ROUTES, recorder, breakers: () => [] });
    const finished = (durationMs: number, traceId: string | null, status = 200) =>
      recorder.finished(
        exchangeRecord({ route: '/b/*', upstream: 'b', durationMs, traceId, status, traceSampled: true }),
      );
    const unsampled = { traceId: 'e'.repeat(32), traceSampled: false };
    recorder.finished(exchangeRecord({ route: '/a/*', upstream: 'a', ...unsampled }));
    finished(3, '00000000000000000000000000000001');
    finished(700, null);
    finished(800, ID, 503);
    finished(90_000, 'ffffffffffffffffffffffffffffffff');
    const { body } = await metrics.expose(OPEN_METRICS);
    expect(openMetricsMistakes(body)).toEqual([]);
    const shown = body.split('\n').filter((line) => line.includes(' # '));
    expect(shown.map((line) => line.replace(/ \d+(\.\d+)?$/, ''))).toEqual([
      'gateway_request_duration_seconds_bucket{le="0.005",route="/b/*",upstream="b",method="GET",status_class="2xx"} 1 # {trace_id="00000000000000000000000000000001"} 0.003',
      'gateway_request_duration_seconds_bucket{le="+Inf",route="/b/*",upstream="b",method="GET",status_class="2xx"} 3 # {trace_id="ffffffffffffffffffffffffffffffff"} 90',
      `gateway_request_duration_seconds_bucket{le="1.0",route="/b/*",upstream="b",method="GET",status_class="5xx"} 1 # {trace_id="${ID}"} 0.8`,
    ]);
    const at = Number(shown[0]?.split(' ').at(-1));
    expect(Math.abs(at - Date.now() / 1000)).toBeLessThan(60);
    expect((await metrics.expose()).body).not.toContain('trace_id');
  });

  it('are not kept where nothing is traced', async () => {
    const recorder = new ExchangeRecorder({ routes: ROUTES, upstreams: [], exemplars: false });
    expect(recorder.memories.exemplars).toBeNull();
    recorder.finished(exchangeRecord({ route: '/a/*', upstream: 'a', traceId: ID, traceSampled: true }));
    const metrics = new GatewayMetrics({ routes: ROUTES, recorder, breakers: () => [] });
    expect((await metrics.expose(OPEN_METRICS)).body).not.toContain(' # ');
  });

  it('are replaced by newer ones, once a second at most, and of all threads the newest is shown', () => {
    let now = 1_700_000_000_000;
    const memories = [sharedWords(exemplarWords(2)), sharedWords(exemplarWords(2))];
    const [one, two] = memories.map((memory) => new ExemplarRecorder(2, memory, () => now));
    const recent = new RecentExemplars(2, memories);
    const seen = () => {
      recent.read();
      return recent.of(1, CELL)?.traceId.slice(-1);
    };
    expect(seen()).toBeUndefined();
    const steps: [recorder: ExemplarRecorder | undefined, id: string, afterMs: number, shown: string][] = [
      [one, '1', 0, '1'],
      [one, '2', 999, '1'],
      [two, '3', 0, '3'],
      [one, '4', 1, '4'],
      [two, '5', 0, '4'],
      [two, '6', 999, '6'],
    ];
    for (const [recorder, id, afterMs, shown] of steps) {
      now += afterMs;
      recorder?.note(1, CELL, 0.0005, id.padStart(32, '0'));
      expect(seen()).toBe(shown);
    }
    expect(recent.of(1, CELL)).toEqual({ traceId: '6'.padStart(32, '0'), seconds: 0.0005, at: now });
    expect(recent.of(0, CELL)).toBeUndefined();
    expect(recent.of(1, CELL + 1)).toBeUndefined();
  });

  it('stay within the bucket that they were counted in', () => {
    const memory = sharedWords(exemplarWords(1));
    let now = 0;
    const recorder = new ExemplarRecorder(1, memory, () => (now += 1000));
    const recent = new RecentExemplars(1, [memory]);
    const shown = (seconds: number) => {
      recorder.note(1, CELL, seconds, ID);
      recent.read();
      return recent.of(1, CELL)?.seconds;
    };
    for (const bound of [0.001, 0.0025, 0.005, 0.1, 0.5, 1, 2.5, 30]) expect(shown(bound)).toBe(bound);
    expect(shown(0.0010000001)).toBeGreaterThan(0.001);
    expect(shown(1e9)).toBeGreaterThan(30);
  });

  it('that a thread has left half written when it died are not shown, and its successor writes them anew', () => {
    const memory = sharedWords(exemplarWords(1));
    const recent = new RecentExemplars(1, [memory]);
    const seen = () => {
      recent.read();
      return recent.of(1, CELL)?.traceId;
    };
    new ExemplarRecorder(1, memory).note(1, CELL, 0.0005, ID);
    expect(seen()).toBe(ID);
    const slot = memory.findIndex((word) => word !== 0);
    expect(slot % SLOT_WORDS).toBe(SEQUENCE);
    memory[slot]!++;
    memory[slot + TRACE_ID] = 7;
    expect(seen()).toBeUndefined();
    new ExemplarRecorder(1, memory).note(1, CELL, 0.0005, ID);
    expect(seen()).toBe(ID);
  });

  it('are never torn, however fast another thread writes them', { timeout: 60_000 }, async () => {
    const memory = sharedWords(exemplarWords(ROUTES.length));
    const assignment: Assignment = { task: 'trace', memory, routes: ROUTES.length, cell: CELL };
    const worker = new Worker(new URL('./metrics-thread.ts', import.meta.url), { workerData: assignment });
    const exit = once(worker, 'exit');
    await once(worker, 'message');
    const recent = new RecentExemplars(ROUTES.length, [memory]);
    const seen = new Set<string>();
    const deadline = performance.now() + 40_000;
    while (seen.size < 200 && performance.now() < deadline) {
      recent.read();
      const exemplar = recent.of(1, CELL);
      if (exemplar === undefined) continue;
      // The writer makes all four words of the id, the duration and the time from one number.
      const { traceId, seconds, at } = exemplar;
      const number = Number.parseInt(traceId.slice(0, 8), 16);
      expect([traceId, seconds, at]).toEqual([traceId.slice(0, 8).repeat(4), number / 1e6, number * 2 ** 21]);
      seen.add(traceId);
    }
    await worker.terminate();
    await exit;
    expect(seen.size).toBe(200);
  });
});
