import { fileURLToPath } from 'node:url';
import { type RunningProcess, startProcess } from './start-process.ts';

export type ServiceName = 'auth' | 'school' | 'student';

export interface RunningService {
  readonly name: ServiceName;
  readonly process: RunningProcess;
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** school-service only, else null. */
  readonly grpcPort: number | null;
  readonly grpcUrl: string | null;
  /** Kills the process. */
  [Symbol.asyncDispose](): Promise<void>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Starts one of the school system's services as a real process and waits for its `listening` line.
 *
 * Without other instructions in `env` it listens on an ephemeral port of 127.0.0.1 and keeps its data in
 * memory. To start a service again where it was, pass the old `port` as PORT.
 */
export async function startService(
  name: ServiceName,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<RunningService> {
  const child = await startProcess({
    name: `${name}-service`,
    command: process.execPath,
    args: [fileURLToPath(new URL(`../../services/${name}/main.ts`, import.meta.url))],
    cwd: root,
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: '0',
      ...(name === 'school' ? { GRPC_PORT: '0' } : {}),
      ...env,
    },
    readyWhen: (line) => line.msg === 'listening',
  });
  const port = Number(child.ready.port);
  const grpcPort = child.ready.grpc_port === undefined ? null : Number(child.ready.grpc_port);
  return {
    name,
    process: child,
    port,
    url: `http://127.0.0.1:${port}`,
    grpcPort,
    grpcUrl: grpcPort === null ? null : `http://127.0.0.1:${grpcPort}`,
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
