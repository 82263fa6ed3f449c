import { parentPort, workerData } from 'node:worker_threads';
import { Bulkhead, type BulkheadOptions } from '../../../../src/resilience/bulkhead.ts';

/** What main gives to a thread that stops inside a step. */
export interface DyingTask {
  readonly step: 'take' | 'release' | 'join' | 'leave' | 'hand over' | 'notice';
  /** The operation of the step before or after which it stops, and the word that it is for. */
  readonly at: readonly ['before' | 'after', 'compareExchange' | 'sub' | 'notify', number];
  readonly options: BulkheadOptions;
  /** Two words, for which it waits to be set: before the step, where main has to do something first, and inside it. */
  readonly signals: Int32Array;
}

const { step, at, options, signals } = workerData as DyingTask;
const [when, operation, word] = at;
const bulkhead = new Bulkhead(options);
const real = Atomics[operation] as (...given: unknown[]) => unknown;

function stopInside(): void {
  const stop = (): void => {
    Object.assign(Atomics, { [operation]: real });
    parentPort?.postMessage('stopped');
    Atomics.wait(signals, 1, 0);
  };
  const stopping = (...given: unknown[]): unknown => {
    const here = given[0] instanceof Int32Array && given[1] === word;
    if (here && when === 'before') stop();
    const result = real(...given);
    if (here && when === 'after') stop();
    return result;
  };
  Object.assign(Atomics, { [operation]: stopping });
}

function afterMain(): void {
  parentPort?.postMessage('ready');
  Atomics.wait(signals, 0, 0);
}

switch (step) {
  case 'take':
    stopInside();
    bulkhead.tryAcquire();
    break;
  case 'release':
    bulkhead.tryAcquire();
    stopInside();
    bulkhead.release();
    break;
  case 'join':
    stopInside();
    void bulkhead.acquire();
    break;
  case 'leave': {
    const caller = new AbortController();
    bulkhead.acquire({ signal: caller.signal }).catch(() => {});
    stopInside();
    caller.abort('gone');
    break;
  }
  case 'hand over':
    while (bulkhead.tryAcquire());
    afterMain();
    stopInside();
    bulkhead.release();
    break;
  case 'notice':
    void bulkhead.acquire();
    afterMain();
    stopInside();
    bulkhead.tryAcquire();
    break;
}
