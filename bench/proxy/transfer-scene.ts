import { runChild } from './child.ts';
import { nodeProgram } from './node-program.ts';
import type { Context, Running, Sample, Scene } from './scene.ts';
import { resetPeak, usageOf } from './usage.ts';

const WARM_UP_BYTES = 16 * 1024 * 1024;
const WITHIN_MS = 60_000;
const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

interface TransferOptions {
  readonly name: string;
  readonly title: string;
  readonly what: string;
  readonly direction: 'down' | 'up';
}

interface TransferResult {
  /** That arrived at the other side, by its own count. */
  readonly bytes: number;
  readonly seconds: number;
}

/** One large body on one connection. The client checks the status and that every byte arrived. */
export function transferScene({ name, title, what, direction }: TransferOptions): Scene {
  const transfer = async (running: Running, { cores }: Context, bytes: number): Promise<TransferResult> => {
    const program = nodeProgram('transfer-client.ts', [running.port, direction, bytes]);
    return JSON.parse(await runChild(program, cores.load, WITHIN_MS)) as TransferResult;
  };
  return {
    name,
    title,
    what,
    variants: ['plain'],
    mostRounds: 3,
    upstream: direction === 'up' ? 'sink' : 'nginx',
    columns: [
      { key: 'cpu', title: 'CPU s/GiB', digits: 2, spread: true },
      { key: 'throughput', title: 'MiB/s', digits: 0 },
      { key: 'growth', title: 'RSS growth MiB', digits: 1 },
      { key: 'busy', title: 'core busy %', digits: 0 },
    ],
    check: async (running, context) => {
      const { bytes } = await transfer(running, context, 4096);
      if (bytes !== 4096) throw new Error(`${bytes} of 4096 bytes arrived`);
    },
    warmUp: async (running, context) => {
      await transfer(running, context, Math.min(WARM_UP_BYTES, context.effort.transferBytes));
      return {};
    },
    measure: async (running, context): Promise<Sample> => {
      const wanted = context.effort.transferBytes;
      resetPeak(running.child.pid);
      const before = usageOf(running.child.pid);
      const { bytes, seconds } = await transfer(running, context, wanted);
      const after = usageOf(running.child.pid);
      const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
      return {
        values: {
          cpu: cpuSeconds / (bytes / GIB),
          throughput: bytes / MIB / seconds,
          growth: (after.peakBytes - before.rssBytes) / MIB,
          busy: (100 * cpuSeconds) / seconds,
        },
        problem: bytes === wanted ? null : `${bytes} of ${wanted} bytes arrived`,
      };
    },
  };
}
