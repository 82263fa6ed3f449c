import { cpus } from 'node:os';
import { Registry } from 'prom-client';
import { type CountMemories, ExchangeRecorder } from '../src/observe/exchange-recorder.ts';
import { exemplarWords } from '../src/observe/exemplar-layout.ts';
import { GatewayMetrics } from '../src/observe/metrics.ts';
import { REFUSAL_WORDS } from '../src/observe/refusal-recorder.ts';
import { type RouteLabels, requestMetricsWords } from '../src/observe/request-layout.ts';
import { registerRequestMetrics } from '../src/observe/request-metrics.ts';
import { RequestRecorder } from '../src/observe/request-recorder.ts';
import { RequestTotals } from '../src/observe/request-totals.ts';
import { upstreamMetricsWords } from '../src/observe/upstream-layout.ts';
import { WORKER_METRICS_WORDS } from '../src/observe/worker-sampler.ts';
import type { ExchangeObserver, ExchangeRecord } from '../src/proxy/exchange-record.ts';
import { breakerSnapshot } from '../test/helpers/breaker-snapshot.ts';
import { exchangeRecord } from '../test/helpers/exchange-record.ts';
import { PromClientRequests } from '../test/helpers/prom-client-requests.ts';
import { type Case, type Effort, measure, median, ratio } from './measure.ts';

/**
 * What metrics cost a request and a scrape, beside prom-client's own counting: npm run bench:metrics [-- --quick].
 * bench/README.md says how to read it.
 */

const effort: Effort = process.argv.includes('--quick')
  ? { rounds: 3, roundMs: 5 }
  : { rounds: 25, roundMs: 60 };
const SCRAPES = 30;
const THREADS = 4;

const UPSTREAMS = 200;

const few = routes(8);
const many = routes(1000);

function routes(count: number): RouteLabels[] {
  return Array.from({ length: count }, (_, nth) => ({
    path: `/service-${nth}/*`,
    upstream: `up-${nth % UPSTREAMS}`,
  }));
}

/** Exchanges as they come: most are GET, 200 and fast; the routes in no order that a processor could learn. */
function traffic(routes: readonly RouteLabels[]): ExchangeRecord[] {
  return Array.from({ length: 4096 }, (_, nth) => {
    const route = routes[(nth * 7919) % routes.length];
    return exchangeRecord({
      route: route?.path ?? null,
      upstream: route?.upstream ?? null,
      method: nth % 7 === 0 ? 'POST' : 'GET',
      status: nth % 51 === 0 ? 503 : 200,
      outcome: nth % 51 === 0 ? 'rejected' : 'answered',
      errorCode: nth % 51 === 0 ? 'CIRCUIT_BREAKER_OPEN' : null,
      durationMs: ((nth * 2654435761) % 4096) / 50,
      bytesIn: nth % 7 === 0 ? 300 : 0,
      bytesOut: 118,
    });
  });
}

function recording(name: string, observer: ExchangeObserver, records: readonly ExchangeRecord[]): Case {
  return {
    name,
    run: (times) => {
      for (let nth = 0; nth < times; nth++) observer.finished(records[nth & 4095] as ExchangeRecord);
    },
  };
}

/** All that one exchange with one attempt gives to count, as the gateway's own code tells it. */
function whole(name: string, recorder: ExchangeRecorder, records: readonly ExchangeRecord[]): Case {
  const upstreams = records.map(({ upstream }) => ({ name: upstream ?? '' }));
  return {
    name,
    run: (times) => {
      for (let nth = 0; nth < times; nth++) {
        const record = records[nth & 4095] as ExchangeRecord;
        recorder.answered(upstreams[nth & 4095] as { name: string }, record.durationMs);
        recorder.finished(record);
      }
    },
  };
}

const NOBODY: ExchangeObserver = { finished: () => {} };

function counted(routes: readonly RouteLabels[], exemplars: boolean) {
  return { routes, upstreams: [...new Set(routes.map(({ upstream }) => upstream))], exemplars };
}

function sharedWords(words: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(words * 4));
}

function sharedRecorder(routes: readonly RouteLabels[], exemplars: boolean): ExchangeRecorder {
  const what = counted(routes, exemplars);
  const memories: CountMemories = {
    requests: sharedMemory(routes),
    upstreams: sharedWords(upstreamMetricsWords(what.upstreams.length)),
    refusals: sharedWords(REFUSAL_WORDS),
    exemplars: exemplars ? sharedWords(exemplarWords(routes.length)) : null,
  };
  return new ExchangeRecorder(what, memories);
}

function traced(records: readonly ExchangeRecord[]): ExchangeRecord[] {
  return records.map((record, nth) => ({
    ...record,
    traceId: nth.toString(16).padStart(32, '0'),
    traceSampled: true,
  }));
}

function sharedMemory(routes: readonly RouteLabels[]): Int32Array {
  return new Int32Array(new SharedArrayBuffer(requestMetricsWords(routes.length) * 4));
}

async function ms(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** A scrape of the request metrics after traffic on all of 1,000 routes. */
async function scrapes(): Promise<{ own: number; promClient: number; series: number }> {
  const reference = new PromClientRequests();
  const recorders = Array.from({ length: THREADS }, () => new RequestRecorder(many, sharedMemory(many)));
  for (const record of traffic(many)) for (const each of [reference, ...recorders]) each.finished(record);
  const registry = new Registry();
  const totals = new RequestTotals(
    many,
    recorders.map(({ memory }) => memory),
  );
  registerRequestMetrics(registry, totals);
  const own: number[] = [];
  const promClient: number[] = [];
  for (let nth = 0; nth < SCRAPES; nth++) {
    own.push(
      await ms(() => {
        totals.read();
        return registry.metrics();
      }),
    );
    promClient.push(await ms(() => reference.registry.metrics()));
  }
  return { own: median(own), promClient: median(promClient), series: totals.series.length };
}

/** A whole scrape of a gateway with 1,000 routes, all of them asked, and 200 upstreams with two targets each. */
async function wholeScrape(accept?: string): Promise<{ took: number; bytes: number; lines: number }> {
  const names = counted(many, false).upstreams;
  const recorders = Array.from({ length: THREADS }, () => sharedRecorder(many, true));
  for (const record of traced(traffic(many))) {
    for (const recorder of recorders) {
      recorder.finished(record);
      recorder.answered({ name: record.upstream ?? '' }, record.durationMs);
    }
  }
  const breakers = names.map((name) => ({ snapshot: () => breakerSnapshot(name) }));
  const upstreams = names.map((name) => ({
    name,
    targets: ['a', 'b'].map((host) => ({
      url: `http://${host}.${name}:8080`,
      status: 'healthy' as const,
      inFlight: 0,
      requests: 1,
      failures: 0,
    })),
    bulkhead: null,
  }));
  const [recorder, ...others] = recorders;
  const metrics = new GatewayMetrics({
    routes: many,
    ...(recorder && { recorder }),
    workers: others.map(({ memories }) => ({ ...memories, worker: sharedWords(WORKER_METRICS_WORDS) })),
    breakers: () => breakers,
    upstreams: () => upstreams,
  });
  let body = '';
  const times: number[] = [];
  for (let nth = 0; nth < SCRAPES; nth++) {
    times.push(
      await ms(async () => {
        body = (await metrics.expose(accept)).body;
      }),
    );
  }
  return { took: median(times), bytes: Buffer.byteLength(body), lines: body.split('\n').length };
}

/** What a thread's memory for 1,000 routes takes of the machine once it has been scraped, before anybody asks. */
function residentKiB(): number {
  const before = process.memoryUsage.rss();
  const memories = Array.from({ length: 16 }, () => sharedMemory(many));
  new RequestTotals(many, memories).read();
  return Math.max(0, process.memoryUsage.rss() - before) / memories.length / 1024;
}

const resident = residentKiB();
const results = await measure(
  [
    recording('nobody counts', NOBODY, traffic(few)),
    recording('prom-client, 8 routes', new PromClientRequests(), traffic(few)),
    recording('breakwater, 8 routes', new RequestRecorder(few), traffic(few)),
    recording(
      'breakwater, 8 routes, shared memory',
      new RequestRecorder(few, sharedMemory(few)),
      traffic(few),
    ),
    whole('all of an exchange, 8 routes, shared memory', sharedRecorder(few, false), traffic(few)),
    whole('the same, each of them traced', sharedRecorder(few, true), traced(traffic(few))),
    recording('prom-client, 1,000 routes', new PromClientRequests(), traffic(many)),
    recording(
      'breakwater, 1,000 routes, shared memory',
      new RequestRecorder(many, sharedMemory(many)),
      traffic(many),
    ),
    whole('all of an exchange, 1,000 routes, shared memory', sharedRecorder(many, false), traffic(many)),
  ],
  effort,
);
const [, promClientFew, , ownFew, , , promClientMany, ownMany] = results;
const scrape = await scrapes();
const text = await wholeScrape();
const open = await wholeScrape('application/openmetrics-text');

console.log(`${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}\n`);
console.log('| one finished exchange | ns | bytes allocated |\n|-|-:|-:|');
for (const { name, ns, bytes } of results)
  console.log(`| ${name} | ${ns.toFixed(1)} | ${Math.round(bytes)} |`);
console.log('\n| besides | |\n|-|-:|');
if (promClientFew && ownFew && promClientMany && ownMany) {
  console.log(`| cheaper than prom-client, 8 routes | ${ratio(ownFew, promClientFew).toFixed(1)} × |`);
  console.log(`| cheaper than prom-client, 1,000 routes | ${ratio(ownMany, promClientMany).toFixed(1)} × |`);
}
const scraped = `scrape of ${scrape.series} series of 1,000 routes`;
console.log(`| ${scraped}, ${THREADS} threads | ${scrape.own.toFixed(1)} ms |`);
console.log(`| ${scraped}, prom-client, one thread | ${scrape.promClient.toFixed(1)} ms |`);
console.log(
  `| memory of a thread, 1,000 routes | ${((requestMetricsWords(1000) * 4) / 2 ** 20).toFixed(1)} MiB |`,
);
console.log(`| of it resident before the first request | ${resident.toFixed(0)} KiB |`);
for (const [format, { took, bytes, lines }] of Object.entries({ text, OpenMetrics: open })) {
  const size = `${(bytes / 2 ** 20).toFixed(1)} MiB in ${lines} lines`;
  console.log(`| scrape of all, 1,000 routes, 200 upstreams, ${format}: ${size} | ${took.toFixed(1)} ms |`);
}
