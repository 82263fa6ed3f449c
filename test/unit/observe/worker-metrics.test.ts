import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { exemplarWords } from '../../../src/observe/exemplar-layout.ts';
import { GatewayMetrics, type WorkerMemories } from '../../../src/observe/metrics.ts';
import { REFUSAL_WORDS } from '../../../src/observe/refusal-recorder.ts';
import { requestMetricsWords } from '../../../src/observe/request-layout.ts';
import { upstreamMetricsWords } from '../../../src/observe/upstream-layout.ts';
import { WORKER_METRICS_WORDS } from '../../../src/observe/worker-sampler.ts';
import type { Assignment } from './metrics-thread.ts';

const ROUTES = [
  { path: '/a/*', upstream: 'a' },
  { path: '/b/*', upstream: 'b' },
];
const UPSTREAMS = ['a', 'b'];
const TIMES = 50_000;

/** Memory of so many workers, one behind the other. */
function memoriesOf(workers: number): WorkerMemories[] {
  const sizes = {
    requests: requestMetricsWords(ROUTES.length),
    upstreams: upstreamMetricsWords(UPSTREAMS.length),
    refusals: REFUSAL_WORDS,
    exemplars: exemplarWords(ROUTES.length),
    worker: WORKER_METRICS_WORDS,
  };
  const ofOne = Object.values(sizes).reduce((sum, words) => sum + words, 0);
  const all = new SharedArrayBuffer(4 * workers * ofOne);
  let at = 0;
  const take = (words: number): Int32Array => {
    const part = new Int32Array(all, 4 * at, words);
    at += words;
    return part;
  };
  return Array.from({ length: workers }, () => ({
    requests: take(sizes.requests),
    upstreams: take(sizes.upstreams),
    refusals: take(sizes.refusals),
    exemplars: take(sizes.exemplars),
    worker: take(sizes.worker),
  }));
}

/** Runs a thread to its own end. */
async function run(assignment: Assignment): Promise<void> {
  const worker = new Worker(new URL('./metrics-thread.ts', import.meta.url), { workerData: assignment });
  const [[message], [code]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
  expect([message, code]).toEqual(['done', 0]);
}

async function lines(metrics: GatewayMetrics, start: string): Promise<string[]> {
  const { body } = await metrics.expose();
  return body.split('\n').filter((line) => line.startsWith(start));
}

function values(lines: readonly string[]): number[] {
  return lines.map((line) => Number(line.slice(line.lastIndexOf(' '))));
}

/** Those that are not 0. */
async function counted(metrics: GatewayMetrics, start: string): Promise<[series: string, value: number][]> {
  const shown = await lines(metrics, start);
  return shown
    .map((line): [string, number] => [line.slice(0, line.lastIndexOf(' ')), values([line])[0] ?? 0])
    .filter(([, value]) => value !== 0);
}

describe('real threads that count side by side', () => {
  it('lose no exchange and no second, while one dies and another goes on in its place', async () => {
    const workers = memoriesOf(2);
    const metrics = new GatewayMetrics({
      routes: ROUTES,
      workers,
      breakers: () => [],
      upstreams: () => UPSTREAMS.map((name) => ({ name, targets: [], bulkhead: null })),
    });
    const record = (nth: number) =>
      run({ task: 'record', routes: ROUTES, upstreams: UPSTREAMS, memories: workers[nth]!, times: TIMES });
    await Promise.all([record(0), record(1)]);
    await record(0);
    const all = 3 * TIMES;
    const labels = (name: string) =>
      `{route="/${name}/*",upstream="${name}",method="GET",status_class="5xx"}`;
    expect(await lines(metrics, 'gateway_requests_total{')).toEqual([
      `gateway_requests_total${labels('a')} ${all}`,
      `gateway_requests_total${labels('b')} ${all}`,
    ]);
    expect(values(await lines(metrics, 'gateway_request_duration_seconds_sum{'))).toEqual([all / 8, all / 8]);
    expect(values(await lines(metrics, 'gateway_retries_total{'))).toEqual([all, all]);
    expect(values(await lines(metrics, 'gateway_request_body_bytes_total{'))).toEqual([3 * all, 3 * all]);
    expect(values(await lines(metrics, 'gateway_response_body_bytes_total{'))).toEqual([7 * all, 7 * all]);
    expect(await counted(metrics, 'gateway_cache_requests_total{')).toEqual([
      [`gateway_cache_requests_total{route="/a/*",upstream="a",result="miss"}`, all],
      [`gateway_cache_requests_total{route="/b/*",upstream="b",result="miss"}`, all],
    ]);
    expect(await counted(metrics, 'gateway_refusals_total{')).toEqual([
      ['gateway_refusals_total{code="BAD_REQUEST"}', all],
      ['gateway_refusals_total{code="CIRCUIT_BREAKER_OPEN"}', 2 * all],
    ]);
    expect(await counted(metrics, 'gateway_upstream_failures_total{')).toEqual([
      ['gateway_upstream_failures_total{upstream="a",kind="reset"}', all],
      ['gateway_upstream_failures_total{upstream="b",kind="reset"}', all],
    ]);
    expect(values(await lines(metrics, 'gateway_upstream_duration_seconds_count{'))).toEqual([all, all]);
    expect(values(await lines(metrics, 'gateway_upstream_duration_seconds_sum{'))).toEqual([
      all / 8,
      all / 8,
    ]);
  });
});

describe('the metrics of a worker', () => {
  it('show how long its event loop was held up, and its heap, under its index', async () => {
    const workers = memoriesOf(2);
    const metrics = new GatewayMetrics({ routes: ROUTES, workers, breakers: () => [] });
    await run({ task: 'sample', memory: workers[1]!.worker, busyMs: 300 });
    const shown = await lines(metrics, 'gateway_worker_');
    expect(shown.map((line) => line.slice(0, line.lastIndexOf(' ')))).toEqual([
      'gateway_worker_event_loop_delay_p99_seconds{worker="2"}',
      'gateway_worker_heap_used_bytes{worker="2"}',
      'gateway_worker_event_loop_active_seconds_total{worker="2"}',
    ]);
    const [delay, heap, active] = values(shown);
    expect(delay).toBeGreaterThan(0.25);
    expect(heap).toBeGreaterThan(1_000_000);
    expect(active).toBeGreaterThan(0.3);
  });

  it('are there from the start, and do not keep it alive', async () => {
    const workers = memoriesOf(1);
    const metrics = new GatewayMetrics({ routes: ROUTES, workers, breakers: () => [] });
    await run({ task: 'leave', memory: workers[0]!.worker });
    expect(values(await lines(metrics, 'gateway_worker_event_loop_delay_p99_seconds{'))).toEqual([0]);
    expect(await lines(metrics, 'gateway_worker_heap_used_bytes{worker="1"}')).toHaveLength(1);
  });

  it('are not there without workers', async () => {
    const { body } = await new GatewayMetrics({ routes: ROUTES, breakers: () => [] }).expose();
    expect(body).not.toContain('gateway_worker_');
  });
});
