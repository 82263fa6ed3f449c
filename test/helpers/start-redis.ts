import { freePort } from './free-port.ts';
import { type RunningProcess, startProcess } from './start-process.ts';

export interface RunningRedis {
  readonly process: RunningProcess;
  readonly port: number;
  readonly url: string;
  /** Kills the server; it kept everything in memory. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a real, empty Redis server on 127.0.0.1. Ask `requires('redis')` first. */
export async function startRedis(port?: number): Promise<RunningRedis> {
  const chosen = port ?? (await freePort());
  const child = await startProcess({
    name: 'redis',
    command: 'redis-server',
    args: [
      '--port',
      String(chosen),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      '/tmp',
    ],
    env: { PATH: process.env.PATH },
    readyWhen: (line) => line.msg.includes('Ready to accept connections'),
  });
  return {
    process: child,
    port: chosen,
    url: `redis://127.0.0.1:${chosen}`,
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
