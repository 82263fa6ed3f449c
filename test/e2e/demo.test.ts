import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../helpers/free-port.ts';
import { type RunningProcess, startProcess } from '../helpers/start-process.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const portVariables = [
  'GATEWAY_PORT',
  'ADMIN_PORT',
  'AUTH_PORT',
  'SCHOOL_PORT',
  'SCHOOL_GRPC_PORT',
  'STUDENT_PORT',
];

let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwater-demo-'));
  env = {
    PATH: process.env.PATH ?? '',
    NO_COLOR: '1',
    DEMO_FOLDER: join(folder, 'demo'),
    BREAKER_OPEN_TIMEOUT: '3s',
  };
  for (const variable of portVariables) env[variable] = `${await freePort()}`;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function demo(more: Record<string, string> = {}): Promise<RunningProcess> {
  return startProcess({
    name: 'demo',
    command: process.execPath,
    args: ['tools/demo.ts'],
    cwd: root,
    env: { ...env, ...more },
  });
}

async function control(action: 'stop' | 'start', service: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['tools/demo-control.ts', action, service], {
    cwd: root,
    env,
  });
  return stdout.trim();
}

async function login(): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${env.GATEWAY_PORT}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'ann@example.com', password: 'correct horse battery' }),
  });
  await answer.body?.cancel();
  return answer.status;
}

describe('make demo', () => {
  it('says which port is busy and which variable moves it', async () => {
    const busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const port = (busy.address() as { port: number }).port;
    try {
      const running = await demo({ SCHOOL_PORT: `${port}` });
      expect(await running.exited).toEqual({ code: 1, signal: null });
      expect(running.output).toContain(`Port ${port}, meant for school, is in use.`);
      expect(running.output).toContain('make demo SCHOOL_PORT=');
    } finally {
      busy.close();
    }
  });

  it('lives through the drill that it prints, and leaves nothing behind', { timeout: 180_000 }, async () => {
    await using running = await demo();
    await running.waitForLine(({ msg }) => msg.includes('Ctrl-C stops everything'), 90_000);

    expect(await control('stop', 'auth')).toContain('auth is stopped');
    const seen: number[] = [];
    for (let i = 0; i < 6; i += 1) seen.push(await login());
    expect(seen).toEqual([502, 502, 502, 502, 502, 503]);
    const gateway = `http://127.0.0.1:${env.GATEWAY_PORT}`;
    const health = (await (await fetch(`${gateway}/health`)).json()) as { data: Record<string, unknown> };
    expect(health.data.auth).toMatchObject({ circuit_breaker: { state: 'OPEN', failure_count: 5 } });
    expect((await fetch(`${gateway}/schools`)).status).toBe(200);

    expect(await control('start', 'auth')).toContain('auth is running again');
    // 401: the breaker is closed, and the auth-service does not know this user.
    await expect.poll(login, { timeout: 60_000, interval: 200 }).toBe(401);

    expect(await running.kill('SIGINT')).toEqual({ code: 0, signal: null });
    await expect(fetch(`${gateway}/health`)).rejects.toThrow();
    expect(existsSync(join(folder, 'demo'))).toBe(false);
  });
});
