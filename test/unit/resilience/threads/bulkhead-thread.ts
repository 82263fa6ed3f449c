import { setImmediate as turn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import {
  Bulkhead,
  BulkheadFullError,
  type BulkheadOptions,
  BulkheadQueueTimeoutError,
  systemClock,
} from '../../../../src/resilience/index.ts';
import { seededRandom } from '../../../helpers/seeded-random.ts';

/** What main gives to a thread. */
export interface BulkheadTask {
  /** `hammer`: make calls, then report. `for ever`: make calls until killed. `wait`: wait for one slot, then report. */
  readonly task: 'hammer' | 'for ever' | 'wait';
  readonly options: BulkheadOptions;
  /** Counted by the threads themselves: calls under way in all of them, the most that were seen, calls served. */
  readonly running: Int32Array;
  readonly calls: number;
  readonly seed: number;
}

/** What a thread gives back. */
export interface BulkheadReport {
  readonly served: number;
  readonly rejected: number;
  readonly timedOut: number;
  readonly aborted: number;
  /** Whether those who waited got their slots in the order in which they came. */
  readonly inOrder: boolean;
  /** When the slot was there, by the system clock. */
  readonly at: number;
}

const { task, options, running, calls, seed } = workerData as BulkheadTask;
const bulkhead = new Bulkhead(options);
const random = seededRandom(seed);
const report = { served: 0, rejected: 0, timedOut: 0, aborted: 0, inOrder: true, at: 0 };
let arrivals = 0;
let lastServed = 0;

async function call(): Promise<void> {
  const arrival = ++arrivals;
  const caller = new AbortController();
  const gone = random() < 0.1 ? setImmediate(() => caller.abort('gone')) : null;
  try {
    await bulkhead.acquire({ signal: caller.signal });
  } catch (error) {
    if (error === 'gone') report.aborted++;
    else if (error instanceof BulkheadFullError) {
      report.rejected++;
      await turn();
    } else if (error instanceof BulkheadQueueTimeoutError) report.timedOut++;
    else throw error;
    return;
  } finally {
    if (gone !== null) clearImmediate(gone);
  }
  // After acquiring and before releasing: what is seen here is never more than what is really under way.
  const now = Atomics.add(running, 0, 1) + 1;
  for (let most = Atomics.load(running, 1); now > most; most = Atomics.load(running, 1)) {
    if (Atomics.compareExchange(running, 1, most, now) === most) break;
  }
  if (arrival < lastServed) report.inOrder = false;
  lastServed = arrival;
  report.served++;
  Atomics.add(running, 2, 1);
  if (random() < 0.7) await turn();
  Atomics.sub(running, 0, 1);
  bulkhead.release();
}

async function caller(limit: number): Promise<void> {
  while (arrivals < limit) {
    await call();
    if (random() < 0.3) await turn();
  }
}

if (task === 'wait') {
  parentPort?.on('message', () => {});
  const slot = bulkhead.acquire();
  parentPort?.postMessage('in line');
  await slot;
  report.at = systemClock.now();
} else {
  if (task === 'for ever') parentPort?.postMessage('begins');
  const limit = task === 'hammer' ? calls : Number.POSITIVE_INFINITY;
  await Promise.all(Array.from({ length: 6 }, () => caller(limit)));
}
parentPort?.postMessage(report satisfies BulkheadReport);
