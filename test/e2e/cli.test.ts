import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { type RunningProcess, startProcess } from '../helpers/start-process.ts';
import { type TemporaryFolder, temporaryFolder } from '../helpers/temporary-folder.ts';

const CLI = new URL('../../src/cli.ts', import.meta.url).pathname;
const MINUTE = 60_000;

let folder: TemporaryFolder;
let upstream: Server;
/** Requests that the upstream has not answered yet. */
let waiting: ServerResponse[];

beforeEach(async () => {
  folder = await temporaryFolder();
  waiting = [];
  upstream = createServer((request, response) => {
    if (request.url === '/slow') waiting.push(response);
    else response.end('hello');
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
});

afterEach(async () => {
  upstream.closeAllConnections();
  upstream.close();
  await folder[Symbol.asyncDispose]();
});

async function configFile(listen = '127.0.0.1:0'): Promise<string> {
  const file = join(folder.path, 'gateway.yaml');
  const { port } = upstream.address() as AddressInfo;
  await writeFile(
    file,
    `server: { listen: "${listen}", shutdown_timeout: 60s }
admin: { listen: 127.0.0.1:0, token: \${TOKEN:-} }
upstreams: { api: { targets: [http://127.0.0.1:${port}] } }
routes: [{ path: /*, upstream: api }]
`,
  );
  return file;
}

function breakwater(args: readonly string[], ready: boolean): Promise<RunningProcess> {
  return startProcess({
    name: 'breakwater',
    command: process.execPath,
    args: [CLI, ...args],
    env: { PATH: process.env.PATH, TOKEN: 's3cret' },
    readyWhen: ready ? ({ msg }) => msg.startsWith('stops on SIGTERM') : undefined,
    readyTimeoutMs: MINUTE,
  });
}

function addressOf(gateway: RunningProcess): string {
  return /listens on (http:\S+)/.exec(gateway.output)![1]!;
}

describe('the program', { timeout: 3 * MINUTE }, () => {
  it('serves requests, says where, and ends with 0 on SIGTERM', async () => {
    await using gateway = await breakwater(['start', '-c', await configFile()], true);
    const response = await fetch(`${addressOf(gateway)}/`);
    expect(await response.text()).toBe('hello');
    expect(gateway.output).toMatch(/admin API on http:\/\/127\.0\.0\.1:\d+, by token/);
    expect(gateway.output).toContain('api  opens after 5 failures in a row, for 60s');
    expect(gateway.output).not.toContain('s3cret');
    expect(await gateway.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  it('lets a running request finish after the first signal', async () => {
    await using gateway = await breakwater(['start', '-c', await configFile()], true);
    const answer = fetch(`${addressOf(gateway)}/slow`).then((response) => response.text());
    await eventually(() => expect(waiting).toHaveLength(1));
    gateway.signal('SIGTERM');
    await gateway.waitForLine(({ msg }) => msg.startsWith('SIGTERM: '), MINUTE);
    waiting[0]!.end('late but whole');
    expect(await answer).toBe('late but whole');
    expect(await gateway.exited).toEqual({ code: 0, signal: null });
  });

  it('says what a stop waits for, and how long it still will', async () => {
    await using gateway = await breakwater(['start', '-c', await configFile()], true);
    const answer = fetch(`${addressOf(gateway)}/slow`).then((response) => response.text());
    await eventually(() => expect(waiting).toHaveLength(1));
    gateway.signal('SIGTERM');
    await gateway.waitForLine(({ msg }) => /^waiting for 1 running request, 5\d s left$/.test(msg), MINUTE);
    waiting[0]!.end('done');
    expect(await answer).toBe('done');
    expect(await gateway.exited).toEqual({ code: 0, signal: null });
  });

  it('ends at once with 1 on a second signal', async () => {
    await using gateway = await breakwater(['start', '-c', await configFile()], true);
    const answer = fetch(`${addressOf(gateway)}/slow`).catch((error: unknown) => error);
    await eventually(() => expect(waiting).toHaveLength(1));
    gateway.signal('SIGINT');
    await gateway.waitForLine(({ msg }) => msg.startsWith('SIGINT: '), MINUTE);
    gateway.signal('SIGTERM');
    expect(await gateway.exited).toEqual({ code: 1, signal: null });
    expect(await answer).toBeInstanceOf(Error);
  });

  it('says so when its port is taken, and ends with 1', async () => {
    const squatter = createTcpServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    try {
      const { port } = squatter.address() as AddressInfo;
      await using gateway = await breakwater(['start', '-c', await configFile(`127.0.0.1:${port}`)], false);
      expect(await gateway.exited).toEqual({ code: 1, signal: null });
      expect(gateway.output).toContain(`cannot listen on 127.0.0.1:${port}: another program does already`);
    } finally {
      squatter.close();
    }
  });

  it('starts nothing from a wrong file: every mistake, and 1', async () => {
    const file = join(folder.path, 'bad.yaml');
    await writeFile(file, 'upstreams: { api: { targets: [a:1] } }\nroutes: [{ path: x, upstream: apo }]\n');
    for (const command of ['check', 'start']) {
      await using gateway = await breakwater([command, '-c', file], false);
      expect(await gateway.exited).toEqual({ code: 1, signal: null });
      for (const place of ['1:31', '2:18', '2:31']) expect(gateway.output).toContain(`${file}:${place}: `);
    }
  });

  it('checks a right file and prints the schema with 0', async () => {
    await using check = await breakwater(['check', '-c', await configFile()], false);
    expect(await check.exited).toEqual({ code: 0, signal: null });
    await using schema = await breakwater(['schema'], false);
    expect(await schema.exited).toEqual({ code: 0, signal: null });
    expect(JSON.parse(schema.lines.map(({ msg }) => msg).join('\n'))).toMatchObject({ type: 'object' });
  });
});
