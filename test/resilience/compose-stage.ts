import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../helpers/free-port.ts';
import type { LogLine } from '../helpers/start-process.ts';
import { command, type Output } from './docker.ts';
import { type Part, type Stage, shortBreakers } from './stage.ts';

/** Its own name, so that the drill never touches the containers of `make up`. */
const project = 'breakwater-drill';

/** How long a container may take to be healthy, in milliseconds. */
const healthyWithinMs = 180_000;

const serviceOf: Readonly<Record<Part, string>> = {
  gateway: 'gateway',
  auth: 'auth-service',
  school: 'school-service',
  student: 'student-service',
  mongodb: 'mongodb',
};
const parts = Object.keys(serviceOf) as Part[];

/** docker-compose.yml as it is, with ports and breaker timeouts from the environment. */
export class ComposeStage implements Stage {
  readonly title: string;
  readonly gatewayUrl: string;
  readonly adminUrl: string;
  readonly adminToken = randomBytes(16).toString('hex');
  readonly hasMongodb = true;
  readonly #compose: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #containers = new Map<Part, string>();

  private constructor(compose: readonly string[], ports: { gateway: number; admin: number }) {
    this.#compose = compose;
    this.title = `The failure drill in containers (${compose.join(' ')})`;
    this.gatewayUrl = `http://127.0.0.1:${ports.gateway}`;
    this.adminUrl = `http://127.0.0.1:${ports.admin}`;
    this.#env = {
      ...shortBreakers,
      GATEWAY_PORT: `${ports.gateway}`,
      ADMIN_PORT: `${ports.admin}`,
      BREAKWATER_ADMIN_TOKEN: this.adminToken,
    };
  }

  static async open(compose: readonly string[]): Promise<ComposeStage> {
    const stage = new ComposeStage(compose, { gateway: await freePort(), admin: await freePort() });
    // What a drill that was cut short has left.
    await stage.close();
    try {
      await stage.#call('up', '--build', '--detach');
      for (const part of parts) {
        const { stdout } = await stage.#call('ps', '-q', serviceOf[part]);
        stage.#containers.set(part, stdout.trim());
      }
      for (const part of parts) await stage.#healthy(part);
      return stage;
    } catch (error) {
      const logs = await stage.#call('logs', '--tail', '40').catch(() => null);
      await stage.close();
      throw new Error(`The containers did not come up: ${(error as Error).message}\n${logs?.stdout ?? ''}`);
    }
  }

  async stop(part: Part): Promise<void> {
    await this.#call('stop', serviceOf[part]);
  }

  async kill(part: Part): Promise<void> {
    await this.#call('kill', serviceOf[part]);
  }

  async start(part: Part): Promise<void> {
    await this.#call('start', serviceOf[part]);
    await this.#healthy(part);
  }

  async pause(part: Part): Promise<void> {
    await this.#call('pause', serviceOf[part]);
  }

  async resume(part: Part): Promise<void> {
    await this.#call('unpause', serviceOf[part]);
  }

  async log(part: Part): Promise<readonly LogLine[]> {
    const { stdout, stderr } = await command('docker', ['logs', this.#container(part)]);
    return `${stdout}\n${stderr}`.split('\n').flatMap((line) => {
      try {
        return line.startsWith('{') ? [JSON.parse(line) as LogLine] : [];
      } catch {
        return [];
      }
    });
  }

  async endGateway(): Promise<number | null> {
    await this.stop('gateway');
    return Number(await this.#inspect('gateway', '{{ .State.ExitCode }}'));
  }

  async close(): Promise<void> {
    await this.#call('down', '--volumes', '--remove-orphans', '--timeout', '5');
  }

  async #healthy(part: Part): Promise<void> {
    const deadline = performance.now() + healthyWithinMs;
    let health = '';
    while (health !== 'healthy') {
      health = await this.#inspect(part, '{{ .State.Health.Status }}');
      if (performance.now() > deadline) throw new Error(`${serviceOf[part]} is ${health}, not healthy`);
      await sleep(200);
    }
  }

  async #inspect(part: Part, format: string): Promise<string> {
    return (await command('docker', ['inspect', '--format', format, this.#container(part)])).stdout.trim();
  }

  #container(part: Part): string {
    const id = this.#containers.get(part);
    if (!id) throw new Error(`${serviceOf[part]} has no container`);
    return id;
  }

  #call(...args: readonly string[]): Promise<Output> {
    const [program = '', ...before] = this.#compose;
    return command(program, [...before, '--project-name', project, ...args], this.#env);
  }
}
