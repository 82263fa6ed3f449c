import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RawClient } from '../../helpers/raw-client.ts';
import { type TemporaryFolder, temporaryFolder } from '../../helpers/temporary-folder.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const CLI = new URL('../../../src/cli.ts', import.meta.url).pathname;
const CLIENTS = 20;
/** So much longer is each line, that a pipe's 64 KiB, and what waits for it, are full soon. */
const QUERY = 'x'.repeat(1_800);

type Child = ChildProcessByStdio<null, Readable, Readable>;

let folder: TemporaryFolder;
let child: Child | null = null;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  child?.kill('SIGKILL');
  await folder[Symbol.asyncDispose]();
});

interface Started {
  readonly child: Child;
  readonly port: number;
  readonly exited: Promise<unknown[]>;
}

/** `breakwater start` as a process, whose standard output nobody reads yet. */
async function start(workers: number, format = 'json'): Promise<Started> {
  const file = join(folder.path, 'gateway.yaml');
  await writeFile(
    file,
    `server: { listen: '127.0.0.1:0', workers: ${workers}, shutdown_timeout: 5s }
log: { format: ${format}, access: { query: keep } }
upstreams: { api: { targets: ['http://127.0.0.1:1'] } }
routes: [{ path: /*, upstream: api }]
`,
  );
  const started = spawn(process.execPath, [CLI, 'start', '-c', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  child = started;
  const exited = once(started, 'exit');
  let port = 0;
  for await (const line of createInterface(started.stderr)) {
    port ||= Number(/listens on http:.*:(\d+)/.exec(line)?.[1] ?? 0);
    if (line.startsWith('stops on SIGTERM')) break;
  }
  started.stderr.resume();
  return { child: started, port, exited };
}

/** What the process says that could not start. */
async function failure(log: string, nodeOptions = ''): Promise<string> {
  const file = join(folder.path, 'gateway.yaml');
  await writeFile(
    file,
    `server: { listen: '127.0.0.1:0' }
log: ${log}
upstreams: { api: { targets: ['http://127.0.0.1:1'] } }
routes: [{ path: /*, upstream: api }]
`,
  );
  const env = { PATH: process.env.PATH, NODE_OPTIONS: nodeOptions };
  const started = spawn(process.execPath, [CLI, 'start', '-c', file], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = started;
  let text = '';
  for await (const chunk of started.stderr) text += chunk;
  return text;
}

/** As on a machine where pino-pretty is not installed. */
const WITHOUT_PRETTY = `--import=data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({ resolve: (name, context, next) => {
    if (name === 'pino-pretty') throw Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' });
    return next(name, context);
  } });`)}`;

/** Asks so often, over several connections with a hundred requests in line each, and reads every answer. */
async function ask(port: number, times: number, name: string): Promise<void> {
  const each = times / CLIENTS;
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, who) => {
      await using client = await RawClient.connect(port);
      for (let from = 0; from < each; from += 100) {
        const ids = Array.from(
          { length: Math.min(100, each - from) },
          (_, nth) => `${name}-${who}-${from + nth}`,
        );
        client.send(
          ids
            .map((id) => `GET /health/live?${QUERY} HTTP/1.1\r\nHost: a\r\nX-Request-Id: ${id}\r\n\r\n`)
            .join(''),
        );
        for (const _ of ids) expect((await client.response({ withinMs: 60_000 })).status).toBe(200);
      }
    }),
  );
}

/** Reads to its end what the process writes. */
async function allLines(output: Readable): Promise<string[]> {
  let text = '';
  output.setEncoding('utf8');
  for await (const chunk of output) text += chunk;
  expect(text.at(-1)).toBe('\n');
  return text.split('\n').slice(0, -1);
}

describe('the access log of a process', () => {
  it.each([1, 2])(
    'has every request once and no torn line, with %d workers, when it is stopped at once',
    async (workers) => {
      const { child, port, exited } = await start(workers);
      const reading = allLines(child.stdout);
      await ask(port, 2_000, 'r');
      child.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
      const lines = (await reading).map((line) => JSON.parse(line) as Record<string, unknown>);
      const requests = lines.filter(({ msg }) => msg === 'request');
      expect(requests).toHaveLength(2_000);
      expect(new Set(requests.map(({ request_id }) => request_id)).size).toBe(2_000);
      const who = new Set(requests.map(({ worker }) => worker));
      expect(who).toEqual(workers === 1 ? new Set([undefined]) : new Set([1, 2]));
    },
  );

  it('is formatted by the thread that writes', async () => {
    const { child, port, exited } = await start(2, 'logfmt');
    const reading = allLines(child.stdout);
    await ask(port, 200, 'r');
    child.kill('SIGTERM');
    await exited;
    const lines = await reading;
    expect(lines.filter((line) => /^level=info time=\S+ worker=[12] request_id=r-/.test(line))).toHaveLength(
      200,
    );
  });

  it.each([1, 2])(
    'holds up nothing while nobody reads it, and tells what was dropped, with %d workers',
    async (workers) => {
      const { child, port, exited } = await start(workers);
      await ask(port, 10_000, 'unread');
      const reading = allLines(child.stdout);
      // By turns, until what had been waiting is read and one more line gets through.
      let asked = 0;
      const some = async () => void (await ask(port, CLIENTS, `read-${asked++}`));
      let seen = '';
      child.stdout.on('data', (chunk) => {
        seen = (seen + chunk).slice(-100_000);
      });
      while (!seen.includes('access lines were dropped')) {
        await some();
        await new Promise(setImmediate);
        expect(asked).toBeLessThan(1_000);
      }
      child.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
      const lines = (await reading).map((line) => JSON.parse(line) as Record<string, unknown>);
      const told = lines.filter(({ event, log }) => event === 'log_dropped' && log === 'access');
      const dropped = told.reduce((sum, { lines }) => sum + (lines as number), 0);
      expect(dropped).toBeGreaterThan(1_000);
      expect(lines.filter(({ msg }) => msg === 'request').length + dropped).toBe(10_000 + asked * CLIENTS);
    },
  );

  it.each([1, 2])('waits at its end for a reader that is slow, with %d workers', async (workers) => {
    const { child, port, exited } = await start(workers);
    await ask(port, 400, 'r');
    child.kill('SIGTERM');
    let text = '';
    // A pipe holds 64 KiB, so that this takes longer than the half second in which the process ends by itself.
    for await (const chunk of child.stdout) {
      text += chunk;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(await exited).toEqual([0, null]);
    expect(text.split('\n').filter((line) => line.includes('"msg":"request"'))).toHaveLength(400);
  });

  it('ends in time when nobody ever reads it', async () => {
    const { child, port, exited } = await start(1);
    await ask(port, 4_000, 'unread');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  it.each([1, 2])(
    'holds up nothing when its reader has gone, as `head -1` does, with %d workers',
    async (workers) => {
      const { child, port, exited } = await start(workers);
      await ask(port, CLIENTS, 'first');
      await once(child.stdout, 'readable');
      child.stdout.destroy();
      await ask(port, 4_000, 'more');
      child.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
    },
  );

  it('that cannot be opened, or not be formatted, is a reason not to start, in one line', async () => {
    expect(await failure('{ access: { file: /nowhere/at/all } }')).toMatch(
      /^breakwater could not start: the access log cannot be written: ENOENT.*\/nowhere\/at\/all'\n$/,
    );
    expect(await failure('{ format: pretty }', WITHOUT_PRETTY)).toMatch(
      /^breakwater could not start: log.format: pretty needs a package that is not installed; npm install pino-pretty.*\n$/,
    );
  });
});
