import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../helpers/free-port.ts';
import { type RunningProcess, startProcess } from '../helpers/start-process.ts';

/** `breakwater start` as a process of its own, which can end and come back on the same ports. */
export class StageGateway {
  readonly url: string;
  readonly adminUrl: string;
  readonly #folder: string;
  readonly #file: string;
  #process: RunningProcess | null = null;

  private constructor(folder: string, file: string, ports: readonly [number, number]) {
    this.#folder = folder;
    this.#file = file;
    this.url = `http://127.0.0.1:${ports[0]}`;
    this.adminUrl = `http://127.0.0.1:${ports[1]}`;
  }

  /**
   * @param folder of the sources, with the page
   * @param yaml without `server` and `admin`
   */
  static async start(folder: string, yaml: string, token: string | null = null): Promise<StageGateway> {
    const ports = [await freePort(), await freePort()] as const;
    const file = join(folder, `gateway-${ports[0]}.yaml`);
    const adminToken = token === null ? '' : `, token: ${token}`;
    await writeFile(
      file,
      [
        `server: { listen: 127.0.0.1:${ports[0]}, workers: 1 }`,
        `admin: { listen: 127.0.0.1:${ports[1]}${adminToken} }`,
        yaml,
      ].join('\n'),
    );
    const gateway = new StageGateway(folder, file, ports);
    await gateway.begin();
    return gateway;
  }

  /** Starts it, or starts it again. */
  async begin(): Promise<void> {
    this.#process = await startProcess({
      name: 'breakwater',
      command: process.execPath,
      args: ['src/cli.ts', 'start', '-c', this.#file],
      cwd: this.#folder,
      env: { PATH: process.env.PATH },
      readyWhen: ({ msg }) => msg.startsWith('stops on SIGTERM'),
      readyTimeoutMs: 60_000,
    });
  }

  async end(): Promise<void> {
    await this.#process?.kill('SIGKILL');
  }

  /** So many requests, one after the other. @returns their statuses */
  async ask(path: string, times = 1): Promise<number[]> {
    const statuses: number[] = [];
    for (let time = 0; time < times; time++) {
      const answer = await fetch(`${this.url}${path}`);
      await answer.arrayBuffer();
      statuses.push(answer.status);
    }
    return statuses;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}
