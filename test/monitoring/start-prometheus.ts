import { readFile, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { freePort } from '../helpers/free-port.ts';
import { startProcess } from '../helpers/start-process.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { repository } from './repository.ts';

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** In the order of time; one for an instant query. */
  readonly values: readonly number[];
}

type Labels = Record<string, string>;

/** A real Prometheus with the configuration of deploy/, which scrapes one gateway. */
export class RunningPrometheus {
  readonly #url: string;
  readonly #end: () => Promise<void>;
  readonly #startedAt = Date.now() / 1000;

  constructor(url: string, end: () => Promise<void>) {
    this.#url = url;
    this.#end = end;
  }

  /** The series at this moment. @throws Error Prometheus refuses the expression */
  async now(expr: string): Promise<Series[]> {
    const result = await this.#ask('query', { query: expr });
    return (result as { metric: Labels; value: [number, string] }[]).map(({ metric, value }) => ({
      labels: metric,
      values: [Number(value[1])],
    }));
  }

  /** The series from the start of this Prometheus on, one value a second, the last one of this moment. */
  async sinceStart(expr: string): Promise<Series[]> {
    const end = Date.now() / 1000;
    const start = end - Math.floor(end - this.#startedAt);
    const range = { query: expr, start: `${start}`, end: `${end}`, step: '1' };
    const result = await this.#ask('query_range', range);
    return (result as { metric: Labels; values: [number, string][] }[]).map(({ metric, values }) => ({
      labels: metric,
      values: values.map(([, value]) => Number(value)),
    }));
  }

  /** Label sets of all series that match a selector, whatever their values. */
  async series(selector: string): Promise<Labels[]> {
    return (await this.#ask('series', { 'match[]': selector })) as Labels[];
  }

  /** Why targets cannot be scraped, and rules not be evaluated; empty when all is well. */
  async troubles(): Promise<string[]> {
    const { activeTargets } = (await this.#ask('targets', {})) as { activeTargets: { lastError: string }[] };
    const { groups } = (await this.#ask('rules', {})) as {
      groups: { rules: { name: string; lastError?: string }[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    return [
      ...activeTargets.map(({ lastError }) => lastError),
      ...rules.map(({ name, lastError }) => (lastError === undefined ? '' : `${name}: ${lastError}`)),
    ].filter((trouble) => trouble !== '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }

  async #ask(what: string, parameters: Record<string, string>): Promise<unknown> {
    const answer = await fetch(`${this.#url}/api/v1/${what}?${new URLSearchParams(parameters)}`, {
      headers: { connection: 'close' },
    });
    const { status, data, error } = (await answer.json()) as {
      status: string;
      data: unknown;
      error?: string;
    };
    if (status !== 'success') throw new Error(`${JSON.stringify(parameters)}: ${error}`);
    return (data as { result?: unknown }).result ?? data;
  }
}

/**
 * Starts it as its container does, by start.sh and with prometheus.yml; only the addresses, the place of the token and
 * how often it looks are the test's.
 *
 * @param gateway `host:port` of the admin API
 */
export async function startPrometheus(gateway: string, token: string): Promise<RunningPrometheus> {
  const folder = await temporaryFolder();
  const tokenFile = `${folder.path}/token`;
  const config = `${folder.path}/prometheus.yml`;
  const port = await freePort();
  await writeFile(
    config,
    await testConfig(tokenFile, { breakwater: gateway, prometheus: `127.0.0.1:${port}` }),
  );
  const child = await startProcess({
    name: 'prometheus',
    command: 'sh',
    args: [
      `${repository}deploy/prometheus/start.sh`,
      `--config.file=${config}`,
      `--storage.tsdb.path=${folder.path}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.format=json',
    ],
    env: {
      PATH: process.env.PATH,
      PROMETHEUS: 'prometheus',
      BREAKWATER_ADMIN_TOKEN: token,
      BREAKWATER_TOKEN_FILE: tokenFile,
    },
    readyWhen: ({ msg }) => msg.startsWith('Server is ready'),
  });
  return new RunningPrometheus(`http://127.0.0.1:${port}`, async () => {
    await child.kill('SIGKILL');
    await folder[Symbol.asyncDispose]();
  });
}

async function testConfig(tokenFile: string, targets: Readonly<Record<string, string>>): Promise<string> {
  const folder = `${repository}deploy/prometheus`;
  const config = parse(await readFile(`${folder}/prometheus.yml`, 'utf8'));
  config.global = { scrape_interval: '500ms', scrape_timeout: '500ms', evaluation_interval: '1s' };
  config.rule_files = config.rule_files.map((path: string) => `${folder}/${path}`);
  for (const job of config.scrape_configs) {
    job.static_configs = [{ targets: [targets[job.job_name]] }];
    if (job.authorization !== undefined) job.authorization.credentials_file = tokenFile;
  }
  return stringify(config);
}
