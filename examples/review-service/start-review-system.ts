import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AdminCall, type AdminReply, callAdmin } from '../../test/helpers/admin-client.ts';
import { type RunningProcess, startProcess } from '../../test/helpers/start-process.ts';
import { type TemporaryFolder, temporaryFolder } from '../../test/helpers/temporary-folder.ts';
import { signTarget } from './signed-target.ts';

export const GATEWAY_FILE = 'examples/review-service/gateway.yaml';
export const repository = fileURLToPath(new URL('../../', import.meta.url));

/** The name that clients know the service by; it is signed. */
export const HOST = 'reviews.example';

const SECRET = 'between the clients and the store';

/** The target with the signature of a client that has the secret. */
export function signed(method: string, target: string): string {
  return signTarget(SECRET, { method, host: HOST, target });
}

/** A process that can be killed, and started again where it was. */
export class Part {
  process: RunningProcess;
  readonly url: string;
  readonly #start: (port: string) => Promise<RunningProcess>;

  private constructor(process: RunningProcess, start: (port: string) => Promise<RunningProcess>) {
    this.process = process;
    this.url = `http://127.0.0.1:${process.ready.port}`;
    this.#start = start;
  }

  static async start(program: string, env: Readonly<Record<string, string>>): Promise<Part> {
    const start = (port: string) =>
      startProcess({
        name: program,
        command: process.execPath,
        args: [join(import.meta.dirname, program)],
        cwd: repository,
        env: { PATH: process.env.PATH, ...env, PORT: port },
        readyWhen: ({ msg }) => msg === 'listening',
      });
    return new Part(await start('0'), start);
  }

  async kill(): Promise<void> {
    await this.process.kill('SIGKILL');
  }

  async restart(): Promise<void> {
    await this.kill();
    this.process = await this.#start(new URL(this.url).port);
  }
}

/** The gateway, the database, the cache and the object store, each a process. */
export class ReviewSystem {
  readonly gateway: RunningProcess;
  readonly database: Part;
  readonly cache: Part;
  readonly store: Part;
  readonly port: number;
  readonly #folder: TemporaryFolder;

  private constructor(gateway: RunningProcess, parts: readonly Part[], folder: TemporaryFolder) {
    this.gateway = gateway;
    [this.database, this.cache, this.store] = parts as [Part, Part, Part];
    this.port = Number(/listens on http:\/\/127\.0\.0\.1:(\d+)/.exec(gateway.output)?.[1]);
    this.#folder = folder;
  }

  /** @param env of the gateway, beside the addresses */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<ReviewSystem> {
    const folder = await temporaryFolder();
    const objects = join(folder.path, 'objects');
    mkdirSync(objects);
    const database = await Part.start('database-process.ts', { DATABASE: join(folder.path, 'reviews') });
    const cache = await Part.start('cache-process.ts', { DATABASE_URL: database.url, KEEP_MS: '50' });
    const store = await Part.start('object-store-process.ts', { OBJECTS: objects, SECRET });
    const gateway = await startProcess({
      name: 'gateway',
      command: process.execPath,
      args: ['src/cli.ts', 'start', '-c', GATEWAY_FILE],
      cwd: repository,
      env: {
        PATH: process.env.PATH,
        REVIEW_LISTEN: '127.0.0.1:0',
        REVIEW_ADMIN_LISTEN: '127.0.0.1:0',
        REVIEW_DATABASE_URL: database.url,
        REVIEW_CACHE_URL: cache.url,
        OBJECT_STORE_URL: store.url,
        LOG_LEVEL: 'trace',
        ...env,
      },
      readyWhen: ({ msg }) => msg.startsWith('stops on SIGTERM'),
    });
    return new ReviewSystem(gateway, [database, cache, store], folder);
  }

  /** One request with exactly this target, on a connection of its own. */
  ask(target: string, { headers, ...call }: AdminCall = {}): Promise<AdminReply> {
    const address = { host: '127.0.0.1', port: this.port };
    return callAdmin(address, target, { ...call, headers: { host: HOST, ...headers } });
  }

  /** The same with a signature, for the object store. */
  photo(method: string, target: string, call: AdminCall = {}): Promise<AdminReply> {
    return this.ask(signed(method, target), { method, ...call });
  }

  async health(service: string): Promise<{ state: string; recoveryMs: number | null; target: string }> {
    const { data } = (await this.ask('/health')).json() as { data: Record<string, never> };
    const { circuit_breaker, recovery_ms, targets } = data[service] as never as {
      circuit_breaker: { state: string };
      recovery_ms: number | null;
      targets: { status: string }[];
    };
    return { state: circuit_breaker.state, recoveryMs: recovery_ms, target: targets[0]?.status ?? '' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway.kill();
    await Promise.all([this.database.kill(), this.cache.kill(), this.store.kill()]);
    await this.#folder[Symbol.asyncDispose]();
  }
}
