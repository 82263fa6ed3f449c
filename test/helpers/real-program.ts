import { fileURLToPath } from 'node:url';
import { type RunningProcess, startProcess } from './start-process.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * A server that a test really kills, freezes and starts again, each time on the same port. It listens on PORT (0: a
 * free one) and says so in a JSON line `{"msg":"listening","port":…}`.
 */
export class RealProgram {
  /** `http://127.0.0.1:port`, whether it runs or not. */
  readonly url: string;
  readonly #file: string;
  readonly #env: Readonly<Record<string, string>>;
  #process: RunningProcess;
  #alive = true;

  private constructor(file: string, env: Readonly<Record<string, string>>, process: RunningProcess) {
    this.#file = file;
    this.#env = { ...env, PORT: String(process.ready.port) };
    this.#process = process;
    this.url = `http://127.0.0.1:${process.ready.port}`;
  }

  /** @param file from the root of the repository: `examples/name/service.ts` */
  static async start(file: string, env: Readonly<Record<string, string>> = {}): Promise<RealProgram> {
    return new RealProgram(file, env, await run(file, { PORT: '0', ...env }));
  }

  /** SIGKILL: it is gone when this resolves. */
  async kill(): Promise<void> {
    this.#alive = false;
    await this.#process.kill('SIGKILL');
  }

  /** SIGSTOP: its connections stay open and nothing is answered. */
  freeze(): void {
    this.#process.signal('SIGSTOP');
  }

  thaw(): void {
    this.#process.signal('SIGCONT');
  }

  /** Whatever was done to it, it serves again. */
  async bringBack(): Promise<void> {
    this.thaw();
    if (this.#alive) return;
    this.#process = await run(this.#file, this.#env);
    this.#alive = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

function run(file: string, env: Readonly<Record<string, string>>): Promise<RunningProcess> {
  return startProcess({
    name: file,
    command: process.execPath,
    args: [file],
    cwd: root,
    env: { PATH: process.env.PATH, ...env },
    readyWhen: ({ msg }) => msg === 'listening',
    readyTimeoutMs: 60_000,
  });
}
