import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  systemClock,
  wordsNeeded,
} from '../../../../src/resilience/index.ts';
import type { Assignment, Report } from './stressing-thread.ts';

const THREADS = 3;
/** Calls that each thread gets through; enough for a hundred openings. */
const CALLS = 600;
const DEADLINE_MS = 8000;

function share(options: CircuitBreakerOptions): CircuitBreakerOptions {
  return { ...options, memory: new Int32Array(new SharedArrayBuffer(wordsNeeded(options) * 4)) };
}

async function start(assignment: Assignment): Promise<{ worker: Worker; report: Report }> {
  const worker = new Worker(new URL('./stressing-thread.ts', import.meta.url), { workerData: assignment });
  const [report] = (await once(worker, 'message')) as [Report];
  return { worker, report };
}

const probes = (): Int32Array => new Int32Array(new SharedArrayBuffer(4 * 65_536));

describe('real threads that share a breaker', () => {
  it('and know of each other count each recovery once, and the time that it took', async () => {
    const count = THREADS + 1;
    const options = share({
      name: 'stressed',
      failureThreshold: 3,
      openTimeoutMs: 1,
      thread: { index: 0, count },
    });
    const breaker = new CircuitBreaker(options);
    const assignment = { task: 'stress', probes: probes(), calls: CALLS } as const;
    const until = systemClock.now() + DEADLINE_MS;
    const ended = await Promise.all(
      [1, 2, 3].map((index) =>
        start({ ...assignment, until, seed: index, options: { ...options, thread: { index, count } } }),
      ),
    );
    await Promise.all(ended.map(({ worker }) => worker.terminate()));
    const recoveries = ended.flatMap(({ report }) => report.recoveries);
    expect(recoveries.length).toBeGreaterThan(10);
    expect(breaker.snapshot()).toMatchObject({
      recoveries: recoveries.length,
      recoveryMs: recoveries.reduce((total, one) => total + one, 0),
    });
  });

  it.each([
    ['no window', {}],
    ['a time window', { window: { type: 'time', durationMs: 20, buckets: 5 }, failureThreshold: 8 }],
    ['a count window', { window: { type: 'count', size: 10 }, failureRate: 70 }],
  ] as const)(
    'see one breaker: every change told once, every call counted once, probes capped (%s)',
    async (_name, rule) => {
      const options = share({
        name: 'stressed',
        failureThreshold: 3,
        ...rule,
        openTimeoutMs: 1,
        halfOpenRequests: 2,
        successThreshold: 2,
      });
      const breaker = new CircuitBreaker(options);
      const until = systemClock.now() + DEADLINE_MS;
      const assignment = { task: 'stress', options, probes: probes(), calls: CALLS, until } as const;
      const ended = await Promise.all(
        Array.from({ length: THREADS }, (_, index) => start({ ...assignment, seed: index + 1 })),
      );
      await Promise.all(ended.map(({ worker }) => worker.terminate()));
      const reports = ended.map(({ report }) => report);
      const sum = (of: (report: Report) => number): number =>
        reports.reduce((total, report) => total + of(report), 0);
      const seen = breaker.snapshot();

      // A slow machine may end by the clock; a breaker that got stuck would have let next to nothing through.
      expect(Math.min(...reports.map(({ made }) => made))).toBeGreaterThan(CALLS / 20);
      const told = reports.flatMap(({ transitions }) => transitions);
      expect(told).toHaveLength(seen.transitions);
      expect(told.length).toBeGreaterThan(10);
      // Each state was left as often as it was entered, but for the first and the last.
      for (const state of ['CLOSED', 'HALF_OPEN', 'OPEN']) {
        const entered = told.filter((change) => change.endsWith(`>${state}`)).length;
        const left = told.filter((change) => change.startsWith(`${state}>`)).length;
        expect(entered - left).toBe(Number(seen.state === state) - Number(state === 'CLOSED'));
      }
      expect(told.filter((change) => change === 'CLOSED>HALF_OPEN')).toEqual([]);

      expect(Math.max(...reports.map(({ mostProbes }) => mostProbes))).toBeLessThanOrEqual(2);
      expect(seen.totals).toMatchObject({
        successes: sum(({ counted }) => counted.success),
        failures: sum(({ counted }) => counted.failure),
        excluded: sum(({ counted }) => counted.excluded),
        rejections: sum(({ refused }) => refused),
      });
      expect(seen).toMatchObject({ minMs: 0, maxMs: 9 });
    },
  );

  it('lose the lease of one that dies with a probe, not the circuit', async () => {
    const options = share({ name: 'dying', failureThreshold: 1, openTimeoutMs: 1, halfOpenTimeoutMs: 20 });
    const breaker = new CircuitBreaker(options);
    const told: string[] = [];
    breaker.on('transition', ({ reason }) => told.push(reason.rule));
    breaker.settle(breaker.tryAcquire(), 'failure');
    const until = systemClock.now() + DEADLINE_MS;
    // The thread takes the probe as soon as the open time is over, which it is when it has started.
    const { worker, report } = await start({
      task: 'take a probe',
      options,
      probes: probes(),
      calls: 0,
      until: 0,
      seed: 1,
    });
    expect(report.permit).not.toBe(0);
    await worker.terminate();
    while (breaker.state !== 'CLOSED' && systemClock.now() < until) {
      const permit = breaker.tryAcquire();
      if (permit !== 0) breaker.settle(permit, 'success');
      else await wait(1);
    }
    expect(breaker.state).toBe('CLOSED');
    expect(told).toContain('probe_lost');
  });

  it('go by one clock', async () => {
    const options = share({ name: 'timed' });
    const before = systemClock.now();
    const { worker, report } = await start({
      task: 'stress',
      options,
      probes: probes(),
      calls: 0,
      until: 0,
      seed: 1,
    });
    const after = systemClock.now();
    await worker.terminate();
    expect(report.now).toBeGreaterThanOrEqual(before);
    expect(report.now).toBeLessThanOrEqual(after);
  });
});
