import { get } from '../ask.ts';
import { runChild } from '../child.ts';
import { nodeProgram } from '../node-program.ts';
import type { Context, Running, Sample, Scene } from '../scene.ts';
import { usageOf } from '../usage.ts';
import { warmUp } from '../wrk.ts';
import { checkAnswer, measureWrk, SMALL_ANSWER } from '../wrk-scene.ts';

const SMALL = { load: get('/'), expected: SMALL_ANSWER };
const GRACE_MS = 15_000;
/** Requests per second. More than that, and what is measured is the client, who shares a core with the upstream. */
const MOST = 5_000;

interface OpenLoopResult {
  readonly planned: number;
  readonly answered: number;
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** p99 of the client's own delay. */
  readonly lateMs: number;
}

export const fixedRate: Scene = {
  name: 'fixed-rate',
  title: 'Half the maximum rate',
  what:
    'Small GETs at half the rate that the same proxy reached under full load just before, but at no more than 5,000 a second. A latency counts from the moment ' +
    'at which the request was due, so that a pause is not hidden by the requests that wait for it.',
  variants: ['plain'],
  columns: [
    { key: 'p99', title: 'p99 ms', digits: 2, spread: true },
    { key: 'p50', title: 'p50 ms', digits: 2 },
    { key: 'late', title: 'client late, p99 ms', digits: 2 },
    { key: 'rate', title: 'requests/s', digits: 0 },
    { key: 'cpu', title: 'CPU µs/request', digits: 1 },
    { key: 'busy', title: 'core busy %', digits: 0 },
  ],
  check: (running) => checkAnswer(running, SMALL),
  warmUp: async (running, context) => {
    await warmUp(running, SMALL.load, context);
    const { values, problem } = await measureWrk(running, context, SMALL);
    if (problem !== null) throw new Error(problem);
    return { rate: Math.min(MOST, Math.round((values.rate ?? 0) / 2)) };
  },
  measure,
};

async function measure(running: Running, { cores, effort }: Context): Promise<Sample> {
  const { seconds, connections } = effort;
  const rate = running.facts.rate ?? 0;
  const program = nodeProgram('open-loop-client.ts', [running.port, rate, seconds, connections]);
  const before = usageOf(running.child.pid);
  const output = await runChild(program, cores.load, seconds * 1000 + GRACE_MS);
  const cpuSeconds = usageOf(running.child.pid).cpuSeconds - before.cpuSeconds;
  const { planned, answered, failures, p50Ms, p99Ms, lateMs } = JSON.parse(output) as OpenLoopResult;
  const problem =
    failures > 0
      ? `${failures} requests failed`
      : answered < planned
        ? `only ${answered} of ${planned} requests were answered in time`
        : null;
  return {
    values: {
      p99: p99Ms,
      p50: p50Ms,
      late: lateMs,
      rate: answered / seconds,
      cpu: (cpuSeconds * 1e6) / answered,
      busy: (100 * cpuSeconds) / seconds,
      requests: answered,
    },
    problem,
  };
}
