import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { freePort } from '../helpers/free-port.ts';
import { type RunningProcess, startProcess } from '../helpers/start-process.ts';
import { type TemporaryFolder, temporaryFolder } from '../helpers/temporary-folder.ts';

const CLI = new URL('../../src/cli.ts', import.meta.url).pathname;
const MINUTE = 60_000;
const TOKEN = 'a-token-of-the-test';

let folder: TemporaryFolder;
let auth: Server;
let authPort: number;
let school: Server;
let url: string;
let adminUrl: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  auth = createServer((_, response) => response.end('auth'));
  school = createServer((_, response) => response.end('school'));
  authPort = await listening(auth);
  const [port, adminPort] = [await freePort(), await freePort()];
  url = `http://127.0.0.1:${port}`;
  adminUrl = `http://127.0.0.1:${adminPort}`;
  await writeFile(
    join(folder.path, 'gateway.yaml'),
    `server: { listen: 127.0.0.1:${port}, workers: 1 }
admin: { listen: 127.0.0.1:${adminPort}, token: ${TOKEN} }
upstreams:
  auth:
    targets: [http://127.0.0.1:${authPort}]
    circuit_breaker: { name: auth-service-http, failure_threshold: 3, open_timeout: 60s }
  school: { targets: [http://127.0.0.1:${await listening(school)}] }
routes: [{ path: /auth, upstream: auth }, { path: /school, upstream: school }]
`,
  );
});

afterEach(async () => {
  for (const server of [auth, school]) {
    server.closeAllConnections();
    server.close();
  }
  await folder[Symbol.asyncDispose]();
});

async function listening(server: Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** As typed in the folder of the configuration. */
function breakwater(args: readonly string[], env: Record<string, string> = {}): Promise<RunningProcess> {
  return startProcess({
    name: `breakwater ${args.join(' ')}`,
    command: process.execPath,
    args: [CLI, ...args],
    cwd: folder.path,
    env: { PATH: process.env.PATH, ...env },
  });
}

async function started(): Promise<RunningProcess> {
  const gateway = await breakwater(['start']);
  await gateway.waitForLine(({ msg }) => msg.startsWith('stops on SIGTERM'), MINUTE);
  return gateway;
}

async function run(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; output: string }> {
  await using program = await breakwater(args, env);
  const { code } = await program.exited;
  return { code, output: program.output };
}

async function statusOf(path: string): Promise<number> {
  const response = await fetch(url + path);
  await response.arrayBuffer();
  return response.status;
}

/** The service is gone, and three requests find out. */
async function outage(): Promise<void> {
  auth.closeAllConnections();
  auth.close();
  await once(auth, 'close');
  for (let count = 0; count < 3; count++) expect(await statusOf('/auth')).toBe(502);
  expect(await statusOf('/auth')).toBe(503);
}

describe('breakwater status', { timeout: 3 * MINUTE }, () => {
  it('finds the gateway by its configuration, and says by its exit code how it is', async () => {
    await using _ = await started();
    const healthy = await run(['status']);
    expect(healthy).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^All 2 services are healthy\./),
    });
    await outage();
    const { code, output } = await run(['status']);
    expect(code).toBe(2);
    expect(output).toMatch(
      /^auth is open: max failures reached, next probe in \d+ s\. 1 of 2 services is healthy\.$/m,
    );
    expect(output).toMatch(/^auth +auth-service-http +✗ open +3 of 3 failures +in \d+ s +0\/1 up +4 +100%$/m);
    expect(output).toMatch(
      /^ +└ opened \d+ s ago: max failures reached \(3 failures of 3 calls\); last failure: connect ECONNREFUSED/m,
    );
    expect(output).toMatch(/^school +school +✓ closed/m);
    expect(output).not.toContain('\u001b');
    const json = await run(['status', '--json']);
    expect(json.code).toBe(2);
    expect(JSON.parse(json.output).upstreams[0].breaker).toMatchObject({ state: 'OPEN', failureCount: 3 });
  });

  it('explains what keeps it from the gateway, and ends with 1', async () => {
    const nobody = await run(['status']);
    expect(nobody).toMatchObject({
      code: 1,
      output: expect.stringContaining(`nobody listens on ${adminUrl}`),
    });
    await using _ = await started();
    const wrong = await run(['status'], { BREAKWATER_ADMIN_TOKEN: 'wrong' });
    expect(wrong).toMatchObject({ code: 1, output: expect.stringContaining('refuses the token') });
    const missing = await run(['status', '--admin', adminUrl]);
    expect(missing).toMatchObject({ code: 1, output: expect.stringContaining('wants a token') });
    const right = await run(['status', '--admin', adminUrl], { BREAKWATER_ADMIN_TOKEN: TOKEN });
    expect(right.code).toBe(0);
    const elsewhere = await run(['status', '--admin', url]);
    expect(elsewhere).toMatchObject({ code: 1, output: expect.stringContaining('is not the admin API') });
  });

  it('--watch tells each change, waits while the gateway starts again, and ends with 0 on Ctrl-C', async () => {
    const gateway = await started();
    await using watch = await breakwater(['status', '--watch', '--interval', '100ms']);
    await watch.waitForLine(({ msg }) => msg === 'All 2 services are healthy.', MINUTE);
    await outage();
    await watch.waitForLine(({ msg }) => msg.startsWith('auth is open'), MINUTE);
    await gateway.kill('SIGTERM');
    await watch.waitForLine(({ msg }) => msg.startsWith('gateway unreachable, trying again: '), MINUTE);
    await using _ = await started();
    await watch.waitForLine(({ msg }) => msg === 'the gateway answers again', MINUTE);
    await eventually(() => expect(watch.output.match(/All 2 services are healthy\./g)).toHaveLength(2));
    watch.signal('SIGINT');
    expect(await watch.exited).toEqual({ code: 0, signal: null });
    expect(watch.output).not.toContain('\u001b');
  });
});

describe('breakwater events', { timeout: 3 * MINUTE }, () => {
  it('lists what has happened, from any number on', async () => {
    await using _ = await started();
    await outage();
    const { code, output } = await run(['events']);
    expect(code).toBe(0);
    const [first] = output.split('\n');
    expect(first).toMatch(/^#1 {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}\* gateway: started/);
    expect(output).toMatch(
      /^#\d+ {2}.* ✗ auth-service-http \(auth\) opened: max failures reached \(3 failures of 3 calls\); next probe in 60 s$/m,
    );
    expect(
      output.match(/^ {6}\d\d:\d\d:\d\d {2}\/auth at http:\S+: connect ECONNREFUSED .*, request \S+$/gm),
    ).toHaveLength(3);
    const since = await run(['events', '--since', '1', '--json']);
    const events = since.output.split('\n').map((line) => JSON.parse(line));
    expect(events.every(({ id }) => id > 1)).toBe(true);
    expect(events).toContainEqual(expect.objectContaining({ type: 'transition', to: 'OPEN' }));
  });

  it('--follow goes on with a gateway that starts again, and tells each event once', async () => {
    const gateway = await started();
    await using tail = await breakwater(['events', '-f']);
    await tail.waitForLine(({ msg }) => msg.includes('gateway: started'), MINUTE);
    await outage();
    await tail.waitForLine(({ msg }) => msg.includes('auth-service-http (auth) opened'), MINUTE);
    await gateway.kill('SIGTERM');
    await tail.waitForLine(({ msg }) => msg.startsWith('gateway unreachable, trying again: '), MINUTE);
    await using _ = await started();
    await tail.waitForLine(({ msg }) => msg === 'the gateway answers again', MINUTE);
    expect((await run(['open', 'school'])).code).toBe(0);
    await tail.waitForLine(({ msg }) => msg.includes('operator: force open school'), MINUTE);
    const told = tail.lines.map(({ msg }) => msg).filter((msg) => msg.startsWith('#'));
    expect(told.filter((line) => line.includes('gateway: started'))).toHaveLength(2);
    expect(told.filter((line) => line.includes('(auth) opened'))).toHaveLength(1);
    tail.signal('SIGINT');
    expect(await tail.exited).toEqual({ code: 0, signal: null });
  });
});

describe('breakwater reset, open, close and release', { timeout: 3 * MINUTE }, () => {
  it('turn a breaker, by its name or its upstream, and say what that means', async () => {
    await using _ = await started();
    expect(await run(['open', 'school'])).toMatchObject({
      code: 0,
      output: expect.stringContaining('school is forced open (was closed): requests for school are refused'),
    });
    expect(await statusOf('/school')).toBe(503);
    const released = await run(['release', 'school']);
    expect(released.output).toContain('school is no longer forced open and is half-open');
    expect(await statusOf('/school')).toBe(200);

    await outage();
    expect((await run(['close', 'auth-service-http'])).output).toContain(
      'Undo: breakwater release auth-service-http',
    );
    for (let count = 0; count < 5; count++) expect(await statusOf('/auth')).toBe(502);
    expect((await run(['release', 'auth'])).code).toBe(0);
    for (let count = 0; count < 3; count++) expect(await statusOf('/auth')).toBe(502);
    expect(await statusOf('/auth')).toBe(503);

    await listening(auth, authPort);
    expect(await run(['reset', 'auth', 'school'])).toMatchObject({
      code: 0,
      output: expect.stringMatching(
        /^auth-service-http is closed \(was open\).*\nschool is closed \(was closed\)/,
      ),
    });
    expect(await statusOf('/auth')).toBe(200);
  });

  it('reset all of them, and nothing when one of the names is wrong', async () => {
    await using _ = await started();
    await outage();
    expect(await run(['reset', 'auth', 'shcool'])).toEqual({
      code: 1,
      output: 'breakwater: no breaker or upstream is named "shcool"; did you mean "school"?',
    });
    expect(await statusOf('/auth')).toBe(503);
    for (const args of [['reset'], ['reset', '--all', 'auth']]) expect((await run(args)).code).toBe(1);
    const all = await run(['reset', '--all']);
    expect(all).toMatchObject({
      code: 0,
      output: expect.stringContaining('not closed before: auth-service-http'),
    });
    expect(await statusOf('/auth')).toBe(502);
  });
});
