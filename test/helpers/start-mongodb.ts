import { MongoClient } from 'mongodb';
import { freePort } from './free-port.ts';
import { mongodbCommand } from './mongodb-command.ts';
import { type RunningProcess, startProcess } from './start-process.ts';

export interface RunningMongodb {
  readonly process: RunningProcess;
  readonly port: number;
  readonly url: string;
  /** Kills the server; its folder stays. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface MongodbOptions {
  /** An existing folder; the same one again brings the data back. */
  readonly data: string;
  /** @default a free one */
  readonly port?: number;
}

/** Starts the MongoDB server of this machine (mongodb-command.ts) and waits until it answers. */
export async function startMongodb(options: MongodbOptions): Promise<RunningMongodb> {
  const command = mongodbCommand();
  if (command === null) throw new Error('There is no MongoDB server on this machine');
  const port = options.port ?? (await freePort());
  const child = await startProcess({
    name: 'mongodb',
    command: '/bin/sh',
    args: ['-c', command],
    env: { ...process.env, PORT: String(port), DATA: options.data },
  });
  const url = `mongodb://127.0.0.1:${port}/auth`;
  try {
    await waitUntilAnswering(url, child);
  } catch (error) {
    await child.kill();
    throw error;
  }
  return { process: child, port, url, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
}

async function waitUntilAnswering(url: string, child: RunningProcess): Promise<void> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 30_000 });
  const ended = child.exited.then(() => {
    throw new Error(`the MongoDB command ended:\n${child.output}`);
  });
  try {
    await Promise.race([client.db().command({ ping: 1 }), ended]);
  } finally {
    ended.catch(() => undefined);
    await client.close();
  }
}
