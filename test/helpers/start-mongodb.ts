import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { MongoClient } from 'mongodb';
import { type RunningProcess, startProcess } from './start-process.ts';

/**
 * A shell command that starts a server speaking MongoDB's protocol on 127.0.0.1, port `$PORT`, with its
 * files in the folder `$DATA`, in the foreground. For example
 * `exec mongod --bind_ip 127.0.0.1 --port "$PORT" --dbpath "$DATA"`.
 */
export const mongodbCommand: string | undefined = process.env.BREAKWATER_TEST_MONGODB_COMMAND || undefined;

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

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts the server of `BREAKWATER_TEST_MONGODB_COMMAND` and waits until it answers. */
export async function startMongodb(options: MongodbOptions): Promise<RunningMongodb> {
  if (!mongodbCommand) throw new Error('BREAKWATER_TEST_MONGODB_COMMAND is not set');
  const port = options.port ?? (await freePort());
  const child = await startProcess({
    name: 'mongodb',
    command: '/bin/sh',
    args: ['-c', mongodbCommand],
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
