import { parentPort, workerData } from 'node:worker_threads';
import { RetryBudget, type RetryBudgetOptions } from '../../../../src/resilience/index.ts';
import { seededRandom } from '../../../helpers/seeded-random.ts';

/** What main gives to a thread, which then begins and ends calls and retries: so many, or until it is killed. */
export interface BudgetTask {
  readonly options: RetryBudgetOptions;
  readonly steps: number;
  readonly seed: number;
}

const { options, steps, seed } = workerData as BudgetTask;
const budget = new RetryBudget(options);
const random = seededRandom(seed);
let live = 0;
let retrying = 0;
let granted = 0;
let refused = 0;

if (steps === Number.POSITIVE_INFINITY) parentPort?.postMessage('begins');
for (let step = 0; step < steps; step++) {
  const what = random();
  if (what < 0.3) {
    budget.enter();
    live++;
  } else if (what < 0.55) {
    if (live === 0) continue;
    budget.leave();
    live--;
  } else if (what < 0.8) {
    if (budget.tryAcquire()) {
      granted++;
      retrying++;
    } else refused++;
  } else if (retrying > 0) {
    budget.release();
    retrying--;
  }
  if (live > 50) for (; live > 0; live--) budget.leave();
}
for (; live > 0; live--) budget.leave();
for (; retrying > 0; retrying--) budget.release();
parentPort?.postMessage({ granted, refused });
