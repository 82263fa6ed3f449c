import { setTimeout as wait } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { RouteLabels } from '../../../src/observe/request-layout.ts';
import { RequestRecorder } from '../../../src/observe/request-recorder.ts';
import { WorkerSampler } from '../../../src/observe/worker-sampler.ts';
import { exchangeRecord } from '../../helpers/exchange-record.ts';
import { FakeTime } from '../../helpers/fake-time.ts';

/** What the test gives to a worker of its own. */
export type Assignment =
  | {
      readonly task: 'record';
      readonly routes: readonly RouteLabels[];
      readonly memory: Int32Array;
      readonly times: number;
    }
  /** Holds the event loop up for so long between two samples. */
  | { readonly task: 'sample'; readonly memory: Int32Array; readonly busyMs: number }
  /** Ends without stopping its sampler. */
  | { readonly task: 'leave'; readonly memory: Int32Array };

function record({ routes, memory, times }: Extract<Assignment, { task: 'record' }>): void {
  const recorder = new RequestRecorder(routes, memory);
  const records = routes.map(({ path, upstream }) =>
    exchangeRecord({ route: path, upstream, attempts: 2, durationMs: 125 }),
  );
  for (let nth = 0; nth < times; nth++) for (const record of records) recorder.finished(record);
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
else new WorkerSampler(assignment.memory);
parentPort?.postMessage('done');
