import { parentPort, workerData } from 'node:worker_threads';
import { HALF_OPEN, STATE_MASK } from '../../../../src/resilience/breaker/layout.ts';
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  REFUSED,
  systemClock,
} from '../../../../src/resilience/index.ts';

/** What main gives to a thread, and the thread gives back. */
export interface Assignment {
  readonly task: 'stress' | 'take a probe';
  readonly options: CircuitBreakerOptions;
  /** Probes under way by generation, counted by the threads themselves. */
  readonly probes: Int32Array;
  /** Calls to be let through. */
  readonly calls: number;
  /** When to stop whatever has been reached, by the system clock. */
  readonly until: number;
  readonly seed: number;
}

export interface Report {
  readonly now: number;
  readonly permit: number;
  readonly made: number;
  readonly counted: { success: number; failure: number; excluded: number };
  readonly refused: number;
  readonly mostProbes: number;
  readonly transitions: readonly string[];
  /** Milliseconds from open to closed, of each recovery. */
  readonly recoveries: readonly number[];
}

const { task, options, probes, calls, until, seed } = workerData as Assignment;
const breaker = new CircuitBreaker(options);
const transitions: string[] = [];
breaker.on('transition', ({ from, to }) => transitions.push(`${from}>${to}`));
const recoveries: number[] = [];
breaker.on('transition', ({ reason, openForMs = 0 }) => {
  if (reason.rule === 'recovered') recoveries.push(openForMs);
});
const counted = { success: 0, failure: 0, excluded: 0 };
let refused = 0;
let mostProbes = 0;
let permit: number = REFUSED;
let random = seed;

/** Numerical Recipes' generator: the same calls every time, though threads meet elsewhere. */
function next(limit: number): number {
  random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((random / 2 ** 32) * limit);
}

function call(): void {
  permit = breaker.tryAcquire();
  if (permit === REFUSED) {
    refused++;
    return;
  }
  const isProbe = (permit & STATE_MASK) === HALF_OPEN;
  const slot = (permit >>> 4) % probes.length;
  // After acquiring and before settling: what is seen here is never more than what is really under way.
  if (isProbe) mostProbes = Math.max(mostProbes, Atomics.add(probes, slot, 1) + 1);
  for (let spin = next(20); spin > 0; spin--) Atomics.load(probes, slot);
  const outcome = (['success', 'success', 'failure', 'failure', 'excluded'] as const)[next(5)] ?? 'success';
  if (isProbe) Atomics.sub(probes, slot, 1);
  if (breaker.settle(permit, outcome, next(10))) counted[outcome]++;
}

let made = 0;
if (task === 'take a probe') permit = breaker.tryAcquire();
else
  while (made < calls && systemClock.now() < until) {
    call();
    if (permit !== REFUSED) made++;
  }

const now = systemClock.now();
const report: Report = { now, permit, made, counted, refused, mostProbes, transitions, recoveries };
parentPort?.postMessage(report);
// A thread that took a probe lives on with it until it is terminated.
if (task !== 'stress') parentPort?.on('message', () => {});
