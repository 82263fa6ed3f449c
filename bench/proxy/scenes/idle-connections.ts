import { setTimeout as sleep } from 'node:timers/promises';
import { get } from '../ask.ts';
import { Child } from '../child.ts';
import { nodeProgram } from '../node-program.ts';
import type { Context, Running, Sample, Scene } from '../scene.ts';
import { usageOf } from '../usage.ts';
import { waitFor } from '../wait-for.ts';
import { warmUp } from '../wrk.ts';
import { checkAnswer, measureWrk, SMALL_ANSWER } from '../wrk-scene.ts';

const SMALL = { load: get('/'), expected: SMALL_ANSWER };

export const idleConnections: Scene = {
  name: 'idle-connections',
  title: '10,000 idle connections',
  what:
    'Each has asked once and rests. What they hold (RSS), what they cost while nobody asks, and what a small GET costs on ' +
    'other connections meanwhile. One round: memory that was used once is not given back.',
  variants: ['plain'],
  mostRounds: 1,
  columns: [
    { key: 'perConnection', title: 'KiB/connection', digits: 1 },
    { key: 'idle', title: 'CPU ms/s idle', digits: 1 },
    { key: 'cpu', title: 'CPU µs/request meanwhile', digits: 1 },
    { key: 'p99', title: 'p99 ms meanwhile', digits: 2 },
    { key: 'connections', title: 'connections', digits: 0 },
  ],
  check: (running) => checkAnswer(running, SMALL),
  warmUp: async (running, context) => {
    await warmUp(running, SMALL.load, context);
    return {};
  },
  measure,
};

async function measure(running: Running, context: Context): Promise<Sample> {
  const { idleConnections: count, seconds } = context.effort;
  const empty = usageOf(running.child.pid);
  const client = new Child(nodeProgram('idle-client.ts', [running.port, count]), context.cores.load);
  try {
    await waitFor('The client', client, async () => client.stdout.includes('open'));
    const full = usageOf(running.child.pid);
    await sleep(seconds * 1000);
    const rested = usageOf(running.child.pid);
    const { values, problem } = await measureWrk(running, context, SMALL);
    return {
      values: {
        perConnection: (full.rssBytes - empty.rssBytes) / 1024 / count,
        idle: ((rested.cpuSeconds - full.cpuSeconds) * 1000) / seconds,
        cpu: values.cpu ?? 0,
        p99: values.p99 ?? 0,
        connections: count,
      },
      problem: client.over ? `an idle connection was lost: ${client.output}` : problem,
    };
  } finally {
    await client.stop();
  }
}
