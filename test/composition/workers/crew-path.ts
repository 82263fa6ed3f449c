import { vi } from 'vitest';
import type { Crew } from '../../../src/workers/crew.ts';
import type { CrewGateway } from '../../../src/workers/start-crew.ts';
import { callAdmin } from '../../helpers/admin-client.ts';
import { eventually } from '../../helpers/eventually.ts';
import { get } from '../../helpers/gateway-path.ts';
import { RawClient } from '../../helpers/raw-client.ts';
import { startTestGateway, type TestGateway } from '../../helpers/test-gateway.ts';

// Each start loads the gateway in two further threads, which takes seconds where many tests run at once.
vi.setConfig({ testTimeout: 60_000 });

/** A gateway with two workers, and connections of which the test knows who has them. */
export class CrewPath {
  readonly gateway: TestGateway;
  /** The test's own way to the workers; nobody else has one. */
  readonly crew: Crew;
  readonly #clients: RawClient[] = [];
  #asked = 0;

  constructor(gateway: TestGateway) {
    this.gateway = gateway;
    this.crew = (gateway as unknown as CrewGateway).crew;
  }

  /**
   * @param upstreams, routes lines of YAML as they stand in lists of flow mappings
   * @param settings further keys of `server`, and lines at the top of the file
   */
  static async start(
    upstreams: readonly string[],
    routes: readonly string[],
    { server = '', top = '' }: { server?: string; top?: string } = {},
  ): Promise<CrewPath> {
    const gateway = await startTestGateway(
      `server: { listen: '127.0.0.1:0', workers: 2, shutdown_timeout: 5s${server === '' ? '' : `, ${server}`} }
${top}
upstreams:
  nowhere: { targets: ['http://127.0.0.1:1'], circuit_breaker: { mode: disabled } }
${upstreams.map((one) => `  ${one}\n`).join('')}routes:
  - { path: /which, upstream: nowhere }
${routes.map((one) => `  - ${one}\n`).join('')}`,
      { admin: true },
    );
    return new CrewPath(gateway);
  }

  /**
   * A connection that this worker has. The system deals them out, so it is tried until it has dealt one to it; who has one
   * is in the log, by a request that must fail.
   */
  async connect(worker: number): Promise<RawClient> {
    for (;;) {
      const client = await RawClient.connect(this.gateway.address.port);
      if ((await this.#whose(client)) === worker) {
        this.#clients.push(client);
        return client;
      }
      client.destroy();
    }
  }

  async #whose(client: RawClient): Promise<number> {
    const id = `which-${this.#asked++}`;
    await client.ask(get('/which', [`X-Request-Id: ${id}`]));
    return eventually(() => {
      const line = this.gateway.logLines.find(({ request_id }) => request_id === id);
      if (line === undefined) throw new Error(`no line of ${id}`);
      return line.worker as number;
    });
  }

  lines(event: string): Record<string, unknown>[] {
    return this.gateway.logLines.filter((line) => line.event === event);
  }

  /** What became of a breaker, as the log tells it. */
  transitions(breaker: string): string[] {
    return this.gateway.logLines
      .filter((line) => line.breaker === breaker && line.to !== undefined)
      .map(({ from, to }) => `${from} ${to}`);
  }

  // biome-ignore lint/suspicious/noExplicitAny: a test says with its assertions what it expects of the shape
  async admin(path: string, method = 'GET'): Promise<any> {
    return (await callAdmin(this.gateway.adminAddress!, path, { method })).json();
  }

  /** The value of a metric, by its name and labels as they stand in the text. */
  async metric(series: string): Promise<number | undefined> {
    const { text } = await callAdmin(this.gateway.adminAddress!, '/metrics');
    const line = text.split('\n').find((one) => one.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.gateway.stop();
  }
}
