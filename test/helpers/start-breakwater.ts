import { fileURLToPath } from 'node:url';
import { callJson, type JsonAnswer, type JsonRequest } from './json-api.ts';
import { type RunningProcess, startProcess } from './start-process.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

type Env = Readonly<Record<string, string>>;

const ADMIN_TOKEN = 'a-token-of-the-test';

/** `breakwater start` as a process of its own. */
export class RunningBreakwater {
  readonly process: RunningProcess;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly adminUrl: string;
  readonly adminToken = ADMIN_TOKEN;

  constructor(process: RunningProcess) {
    this.process = process;
    this.url = found(/listens on (http:\S+)/, process.output);
    this.adminUrl = found(/admin API on (http:[^\s,]+)/, process.output);
  }

  call(path: string, request: JsonRequest = {}): Promise<JsonAnswer> {
    return callJson(`${this.url}${path}`, request);
  }

  /** With the token. */
  admin(method: 'GET' | 'POST', path: string): Promise<JsonAnswer> {
    return callJson(`${this.adminUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
  }

  /** What `/health` says of a service. */
  // biome-ignore lint/suspicious/noExplicitAny: a test says with its assertions what it expects of the shape
  async health(service: string): Promise<any> {
    return (await this.call('/health')).body.data[service];
  }

  /** What became of a breaker, in order: `OPENED: max failures reached`. */
  transitions(breaker: string): string[] {
    const prefix = `[CIRCUIT_BREAKER] ${breaker} circuit breaker `;
    return this.process.lines
      .filter(({ msg }) => msg.startsWith(prefix))
      .map(({ msg }) => msg.slice(prefix.length));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process.kill('SIGKILL');
  }
}

function found(pattern: RegExp, output: string): string {
  const match = pattern.exec(output)?.[1];
  if (match === undefined) throw new Error(`No ${pattern} in:\n${output}`);
  return match;
}

/**
 * Starts the gateway from a file as an operator would. The file must leave its two addresses to BREAKWATER_LISTEN and
 * BREAKWATER_ADMIN_LISTEN, and the token to BREAKWATER_ADMIN_TOKEN.
 *
 * @param file from the root of the repository
 */
export async function startBreakwater(file: string, env: Env = {}): Promise<RunningBreakwater> {
  const process = await startProcess({
    ...breakwater(['start', '-c', file], {
      BREAKWATER_LISTEN: '127.0.0.1:0',
      BREAKWATER_ADMIN_LISTEN: '127.0.0.1:0',
      BREAKWATER_ADMIN_TOKEN: ADMIN_TOKEN,
      ...env,
    }),
    readyWhen: ({ msg }) => msg.startsWith('stops on SIGTERM'),
    readyTimeoutMs: 60_000,
  });
  return new RunningBreakwater(process);
}

/** `breakwater check -c file`: what it prints, and its exit code. */
export async function checkFile(
  file: string,
  env: Env = {},
): Promise<{ code: number | null; output: string }> {
  const process = await startProcess(breakwater(['check', '--print', '-c', file], env));
  const { code } = await process.exited;
  return { code, output: process.output };
}

function breakwater(args: readonly string[], env: Env) {
  return {
    name: `breakwater ${args.join(' ')}`,
    command: process.execPath,
    args: ['src/cli.ts', ...args],
    cwd: root,
    env: { PATH: process.env.PATH, ...env },
  };
}
