import { parentPort, workerData } from 'node:worker_threads';
import { systemClock, type ThreadPlace } from '../../../src/resilience/index.ts';
import { Target } from '../../../src/upstream/target.ts';

/** What main gives to a thread: so many attempts that fail and end, or attempts that begin and never end. */
export interface AttemptsTask {
  readonly memory: Int32Array;
  readonly thread: ThreadPlace;
  readonly attempts: number;
  readonly endless: boolean;
}

const { memory, thread, attempts, endless } = workerData as AttemptsTask;
const unused = (): never => {
  throw new Error('nothing is sent in this test');
};
const target = new Target(
  { url: 'http://a', protocol: 'http:', hostname: 'a', port: 80, weight: 1 },
  { start: unused, upgrade: unused, close: async () => {}, destroy: () => {} },
  { clock: systemClock, slowStartMs: 0, memory, thread },
);

for (let attempt = 0; attempt < attempts; attempt++) {
  target.started();
  if (endless) continue;
  target.judged('failure', 1);
  target.ended();
}
parentPort?.postMessage('done');
parentPort?.on('message', () => {});
