import { setTimeout as wait } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { type CountMemories, ExchangeRecorder } from '../../../src/observe/exchange-recorder.ts';
import { ExemplarRecorder } from '../../../src/observe/exemplar-recorder.ts';
import type { RouteLabels } from '../../../src/observe/request-layout.ts';
import { WorkerSampler } from '../../../src/observe/worker-sampler.ts';
import { exchangeRecord } from '../../helpers/exchange-record.ts';
import { FakeTime } from '../../helpers/fake-time.ts';

/** What the test gives to a worker of its own. */
export type Assignment =
  | {
      readonly task: 'record';
      readonly routes: readonly RouteLabels[];
      readonly upstreams: readonly string[];
      readonly memories: CountMemories;
      readonly times: number;
    }
  /** Holds the event loop up for so long between two samples. */
  | { readonly task: 'sample'; readonly memory: Int32Array; readonly busyMs: number }
  /** Notes traces without pause until it is terminated. */
  | { readonly task: 'trace'; readonly memory: Int32Array; readonly routes: number; readonly cell: number }
  /** Ends without stopping its sampler. */
  | { readonly task: 'leave'; readonly memory: Int32Array };

function record({ routes, upstreams, memories, times }: Extract<Assignment, { task: 'record' }>): void {
  const recorder = new ExchangeRecorder({ routes, upstreams, exemplars: false }, memories);
  const records = routes.map(({ path, upstream }) =>
    exchangeRecord({
      route: path,
      upstream,
      attempts: 2,
      durationMs: 125,
      status: 503,
      outcome: 'rejected',
      errorCode: 'CIRCUIT_BREAKER_OPEN',
      bytesIn: 3,
      bytesOut: 7,
      cacheStatus: 'breakwater; fwd=uri-miss',
    }),
  );
  for (let nth = 0; nth < times; nth++) {
    for (const record of records) recorder.finished(record);
    for (const name of upstreams) {
      recorder.attemptFailed({ kind: 'reset' }, { name });
      recorder.answered({ name }, 125);
    }
    recorder.headRefused({ code: 'BAD_REQUEST' });
  }
}

/** Every part of an exemplar is made from one number, so that a reader can tell whether they belong together. */
function trace({ memory, routes, cell }: Extract<Assignment, { task: 'trace' }>): never {
  let number = 1;
  const recorder = new ExemplarRecorder(routes, memory, () => number * 2 ** 21);
  parentPort?.postMessage('begins');
  for (;;) {
    recorder.note(1, cell, number / 1e6, number.toString(16).padStart(8, '0').repeat(4));
    number++;
    // Else a reader would hardly ever come between two of them.
    for (let spin = 0; spin < 1000; spin++) Atomics.load(memory, 0);
  }
}

async function looks(): Promise<void> {
  for (let nth = 0; nth < 2; nth++) await wait(25);
}

async function sample({ memory, busyMs }: Extract<Assignment, { task: 'sample' }>): Promise<void> {
  const time = new FakeTime();
  const sampler = new WorkerSampler(memory, time);
  // A delay is one between two looks at the clock, of which there is one every 20 ms: so one before, and one after.
  await looks();
  const from = performance.now();
  while (performance.now() - from < busyMs);
  await looks();
  await time.advance(5000);
  sampler.stop();
  if (time.pending !== 0) throw new Error('A sampler that was stopped would go on');
}

const assignment = workerData as Assignment;
if (assignment.task === 'record') record(assignment);
else if (assignment.task === 'sample') await sample(assignment);
else if (assignment.task === 'trace') trace(assignment);
else new WorkerSampler(assignment.memory);
parentPort?.postMessage('done');
