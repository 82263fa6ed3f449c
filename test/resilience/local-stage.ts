import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, waitForPort } from '../helpers/free-port.ts';
import { mongodbCommand } from '../helpers/mongodb-command.ts';
import { type LogLine, type RunningProcess, startProcess } from '../helpers/start-process.ts';
import { type Part, type Stage, shortBreakers } from './stage.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const adminToken = 'drill-on-local-processes';

interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
}

/** The same programs that the containers run, as processes of this machine. */
export class LocalStage implements Stage {
  readonly title: string;
  readonly gatewayUrl: string;
  readonly adminUrl: string;
  readonly adminToken = adminToken;
  readonly hasMongodb: boolean;
  readonly #folder: string;
  readonly #programs: ReadonlyMap<Part, Program>;
  readonly #running = new Map<Part, RunningProcess>();
  /** What a program logged before it was killed. */
  readonly #past = new Map<Part, LogLine[]>();

  private constructor(folder: string, programs: ReadonlyMap<Part, Program>, adminPort: number) {
    this.#folder = folder;
    this.#programs = programs;
    this.hasMongodb = programs.has('mongodb');
    this.title = `The failure drill on local processes${this.hasMongodb ? '' : ', without MongoDB'}`;
    this.gatewayUrl = `http://127.0.0.1:${programs.get('gateway')?.port}`;
    this.adminUrl = `http://127.0.0.1:${adminPort}`;
  }

  static async open(): Promise<LocalStage> {
    const folder = await mkdtemp(join(tmpdir(), 'breakwater-drill-'));
    const adminPort = await freePort();
    const stage = new LocalStage(folder, await planPrograms(folder, adminPort), adminPort);
    try {
      for (const part of stage.#programs.keys()) await stage.start(part);
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  async start(part: Part): Promise<void> {
    const { command, args, port, env } = this.#program(part);
    const child = await startProcess({ name: part, command, args, cwd: root, env });
    this.#running.set(part, child);
    const ended = child.exited.then((): never => {
      throw new Error(`${part} ended instead of serving. Its output:\n${child.output}`);
    });
    // It ends some day, when nobody waits here any more.
    ended.catch(() => {});
    await Promise.race([waitForPort(port, 60_000), ended]);
  }

  stop(part: Part): Promise<void> {
    return this.kill(part);
  }

  async kill(part: Part): Promise<void> {
    const child = this.#process(part);
    await child.kill('SIGKILL');
    this.#past.set(part, [...(this.#past.get(part) ?? []), ...child.lines]);
    this.#running.delete(part);
  }

  async pause(part: Part): Promise<void> {
    this.#process(part).signal('SIGSTOP');
  }

  async resume(part: Part): Promise<void> {
    this.#process(part).signal('SIGCONT');
  }

  async log(part: Part): Promise<readonly LogLine[]> {
    return [...(this.#past.get(part) ?? []), ...(this.#running.get(part)?.lines ?? [])];
  }

  async endGateway(): Promise<number | null> {
    return (await this.#process('gateway').kill('SIGTERM')).code;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.values()].map((child) => child.kill('SIGKILL')));
    await rm(this.#folder, { recursive: true, force: true });
  }

  #program(part: Part): Program {
    const program = this.#programs.get(part);
    if (program === undefined) throw new Error(`${part} is not on this stage`);
    return program;
  }

  #process(part: Part): RunningProcess {
    const child = this.#running.get(part);
    if (child === undefined) throw new Error(`${part} is not running`);
    return child;
  }
}

/** In the order in which they start. */
async function planPrograms(folder: string, adminPort: number): Promise<ReadonlyMap<Part, Program>> {
  const common = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? folder, ...shortBreakers };
  const programs = new Map<Part, Program>();
  const mongodb = mongodbCommand();
  const mongodbPort = await freePort();
  if (mongodb !== null) {
    const data = join(folder, 'mongodb');
    await mkdir(data);
    const env = { ...common, PORT: `${mongodbPort}`, DATA: data };
    programs.set('mongodb', { command: '/bin/sh', args: ['-c', mongodb], port: mongodbPort, env });
  }
  const url = (part: Part): string => `http://127.0.0.1:${programs.get(part)?.port}`;
  const addService = async (part: Part, extra: Record<string, string>): Promise<void> => {
    const data = join(folder, part);
    await mkdir(data);
    const port = await freePort();
    programs.set(part, {
      command: process.execPath,
      args: [`services/${part}/main.ts`],
      port,
      env: { ...common, HOST: '127.0.0.1', PORT: `${port}`, DATA_DIR: data, ...extra },
    });
  };
  const grpcPort = await freePort();
  await addService(
    'auth',
    mongodb === null ? {} : { MONGODB_URL: `mongodb://127.0.0.1:${mongodbPort}/auth` },
  );
  await addService('school', { GRPC_PORT: `${grpcPort}` });
  await addService('student', { SCHOOL_GRPC_URL: `http://127.0.0.1:${grpcPort}` });
  const port = await freePort();
  programs.set('gateway', {
    command: process.execPath,
    args: ['src/cli.ts', 'start', '-c', 'gateway.yaml'],
    port,
    env: {
      ...common,
      BREAKWATER_LISTEN: `127.0.0.1:${port}`,
      BREAKWATER_ADMIN_LISTEN: `127.0.0.1:${adminPort}`,
      BREAKWATER_ADMIN_TOKEN: adminToken,
      AUTH_SERVICE_URL: url('auth'),
      SCHOOL_SERVICE_URL: url('school'),
      STUDENT_SERVICE_URL: url('student'),
    },
  });
  return programs;
}
