import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { callAdmin } from '../../test/helpers/admin-client.ts';
import { callJson, type JsonAnswer, type JsonRequest } from '../../test/helpers/json-api.ts';
import { type RunningProcess, startProcess } from '../../test/helpers/start-process.ts';
import { type TemporaryFolder, temporaryFolder } from '../../test/helpers/temporary-folder.ts';

export const GATEWAY_FILE = 'examples/course-marketplace/gateway.yaml';
export const repository = fileURLToPath(new URL('../../', import.meta.url));

const SERVICES = {
  primary: { program: 'payment-provider.ts', variable: 'PAYMENT_PRIMARY_URL' },
  secondary: { program: 'payment-provider.ts', variable: 'PAYMENT_SECONDARY_URL' },
  notification: { program: 'notification-service.ts', variable: 'NOTIFICATION_URL' },
  enrolment: { program: 'enrolment-service.ts', variable: 'ENROLMENT_URL' },
  courses: { program: 'course-database.ts', variable: 'COURSE_DATABASE_URL' },
} as const;

export type ServiceName = keyof typeof SERVICES;

/** One of the services as a process that can be stopped, killed and started again where it was. */
export class Service {
  readonly name: ServiceName;
  readonly folder: string;
  process: RunningProcess;
  readonly port: number;
  readonly #env: Readonly<Record<string, string>>;
  #dead = false;

  private constructor(name: ServiceName, folder: string, process: RunningProcess) {
    this.name = name;
    this.folder = folder;
    this.process = process;
    this.port = Number(process.ready.port);
    this.#env = envOf(name, folder);
  }

  static async start(name: ServiceName, root: string): Promise<Service> {
    const folder = join(root, name);
    mkdirSync(folder);
    return new Service(name, folder, await run(name, { ...envOf(name, folder), PORT: '0' }));
  }

  /** Requests that this process, not one before it, has read; of one payment, or all. */
  requests(key?: string): number {
    return this.process.lines.filter(
      (line) => line.msg === 'request' && (key === undefined || line.key === key),
    ).length;
  }

  async kill(): Promise<void> {
    this.#dead = true;
    await this.process.kill('SIGKILL');
  }

  async restart(): Promise<void> {
    await this.kill();
    this.process = await run(this.name, { ...this.#env, PORT: String(this.port) });
    this.#dead = false;
  }

  /** Puts right whatever a test has left behind. */
  async revive(): Promise<void> {
    this.process.signal('SIGCONT');
    if (existsSync(`${this.folder}.lost`)) this.findDisk();
    if (this.#dead) await this.restart();
  }

  /** Its disk is gone: what it keeps can be neither read nor written. */
  loseDisk(): void {
    renameSync(this.folder, `${this.folder}.lost`);
  }

  findDisk(): void {
    renameSync(`${this.folder}.lost`, this.folder);
  }

  /** How often a provider has charged for this key, by its books. */
  charges(key: string): number {
    const ledger = join(this.folder, 'ledger');
    if (!existsSync(ledger)) return 0;
    const lines = readFileSync(ledger, 'utf8').split('\n');
    return lines.filter((line) => line !== '' && JSON.parse(line).key === key).length;
  }
}

function envOf(name: ServiceName, folder: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    NAME: name,
    LEDGER: join(folder, 'ledger'),
    ENROLMENTS: join(folder, 'enrolments'),
    DATABASE: join(folder, 'database'),
    // Slower than anything in these tests, so that "slow" is "until it is killed" unless a card says otherwise.
    SLOW_MS: '1000',
  };
}

function run(name: ServiceName, env: Readonly<Record<string, string>>): Promise<RunningProcess> {
  return startProcess({
    name,
    command: process.execPath,
    args: [join(import.meta.dirname, SERVICES[name].program)],
    cwd: repository,
    env,
    readyWhen: ({ msg }) => msg === 'listening',
  });
}

export interface Gateway {
  readonly process: RunningProcess;
  /** Where it listens on 127.0.0.1. */
  readonly port: number;
  call(path: string, request?: JsonRequest): Promise<JsonAnswer>;
  /** The value of a metric, by its name with labels; 0 when it is not there. */
  metric(name: string): Promise<number>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** All services of the marketplace, in a folder of their own. */
export class Marketplace {
  readonly services: Readonly<Record<ServiceName, Service>>;
  readonly #folder: TemporaryFolder;

  private constructor(folder: TemporaryFolder, services: readonly Service[]) {
    this.#folder = folder;
    this.services = Object.fromEntries(services.map((each) => [each.name, each])) as never;
  }

  static async start(): Promise<Marketplace> {
    const folder = await temporaryFolder();
    const names = Object.keys(SERVICES) as ServiceName[];
    return new Marketplace(folder, await Promise.all(names.map((name) => Service.start(name, folder.path))));
  }

  /** What the gateway's file needs to find them. */
  get addresses(): Record<string, string> {
    return Object.fromEntries(
      Object.values(this.services).map(({ name, port }) => [
        SERVICES[name].variable,
        `http://127.0.0.1:${port}`,
      ]),
    );
  }

  /** A new gateway from the file, in front of the services. */
  async gateway(env: Readonly<Record<string, string>> = {}): Promise<Gateway> {
    const child = await startProcess({
      name: 'gateway',
      command: process.execPath,
      args: ['src/cli.ts', 'start', '-c', GATEWAY_FILE],
      cwd: repository,
      env: {
        PATH: process.env.PATH,
        MARKETPLACE_LISTEN: '127.0.0.1:0',
        MARKETPLACE_ADMIN_LISTEN: '127.0.0.1:0',
        RETRY_WAIT: '20ms',
        ...this.addresses,
        ...env,
      },
      readyWhen: ({ msg }) => msg.startsWith('stops on SIGTERM'),
    });
    const url = /listens on (http:\S+)/.exec(child.output)?.[1] ?? '';
    const adminPort = Number(/admin API on http:\/\/127\.0\.0\.1:(\d+)/.exec(child.output)?.[1]);
    return {
      process: child,
      port: Number(new URL(url).port),
      call: (path, request) => callJson(`${url}${path}`, request),
      metric: async (name) => {
        const { text } = await callAdmin({ host: '127.0.0.1', port: adminPort }, '/metrics');
        const line = text.split('\n').find((each) => each.startsWith(`${name} `));
        return Number(line?.slice(name.length + 1) ?? 0);
      },
      [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Object.values(this.services).map((service) => service.kill()));
    await this.#folder[Symbol.asyncDispose]();
  }
}
