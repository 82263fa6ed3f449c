import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { FakeIo } from './fake-io.ts';

const SCHOOL = new URL('../../../gateway.yaml', import.meta.url).pathname;
const SCHEMA = new URL('../../../docs/gateway.schema.json', import.meta.url);
const MANIFEST = new URL('../../../package.json', import.meta.url);

async function run(args: string[], env = {}): Promise<{ code: number; io: FakeIo }> {
  const io = new FakeIo(env);
  return { code: await main(args, io), io };
}

describe('breakwater check', () => {
  it('says what a right file does, in plain words, and exits with 0', async () => {
    const { code, io } = await run(['check', '-c', SCHOOL], { BREAKER_OPEN_TIMEOUT: '2s' });
    expect(code).toBe(0);
    expect(io.stderr).toBe('');
    expect(io.stdout).toContain('gateway.yaml is right');
    expect(io.stdout).toMatch(/\/schools\/\*\s+to school at http:\/\/127\.0\.0\.1:8082/);
    expect(io.stdout).toMatch(/school-service-http\s+opens after 5 failures in a row, for 2s/);
  });

  it('says with --print what the requests of each route pass through', async () => {
    const plain = await run(['check', '-c', SCHOOL]);
    expect(plain.io.stdout).not.toContain('pipelines');
    const { code, io } = await run(['check', '--print', '-c', SCHOOL]);
    expect(code).toBe(0);
    expect(io.stdout).toBe(
      `${plain.io.stdout}pipelines
  /auth/*      breaker(auth-service-http) → timeout(10s) → round_robin over 1 target
  /schools/*   breaker(school-service-http) → timeout(10s) → round_robin over 1 target
  /students/*  breaker(student-service-http) → timeout(10s) → round_robin over 1 target
workers
  auto: one for each core that the process may use
`,
    );
  });

  it('says which routes have a mock that is not in effect', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'mock.yaml');
    await writeFile(
      file,
      `profile: \${P:-production}
upstreams: { api: { targets: [http://a:1] } }
routes: [{ path: /a, upstream: api, fallback: [{ mock: {} }] }, { path: /b, upstream: api }]
`,
    );
    const note = '; mock fallback not in effect: it needs profile: development\n';
    const production = await run(['check', '-c', file]);
    expect(production.io.stdout).toContain(`/a  to api at http://a:1${note}`);
    expect(production.io.stdout).toContain('/b  to api at http://a:1\n');
    const development = await run(['check', '-c', file], { P: 'development' });
    expect(development.io.stdout).not.toContain('mock fallback');
  });

  it('shows the rules that variables have set', async () => {
    const { io } = await run(['check', '-c', SCHOOL], { BREAKWATER_BREAKER_SCHOOL_OPEN_TIMEOUT: '7s' });
    expect(io.stdout).toMatch(/school-service-http\s+opens after 5 failures in a row, for 7s/);
    expect(io.stdout).toMatch(/auth-service-http\s+opens after 5 failures in a row, for 60s/);
  });

  it('lists every mistake of a wrong one with its place and exits with 1', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'bad.yaml');
    await writeFile(
      file,
      'upstreams:\n  api: { target: [http://a:1] }\nroutes:\n  - { path: /*, upstream: apo }\n',
    );
    const { code, io } = await run(['check', '--config', file]);
    expect(code).toBe(1);
    expect(io.stdout).toBe('');
    expect(io.stderr).toContain(`${file}:2:10: unknown key "target"; did you mean "targets"?\n`);
    expect(io.stderr).toContain('  2 |   api: { target: [http://a:1] }\n    |          ^^^^^^\n');
    expect(io.stderr).toContain(`${file}:4:27: `);
    expect(io.stderr).toMatch(/\n3 mistakes; /);
  });

  it('exits with 1 when there is no file', async () => {
    const { code, io } = await run(['check', '-c', '/nowhere/gateway.yaml']);
    expect(code).toBe(1);
    expect(io.stderr).toContain('/nowhere/gateway.yaml: does not exist');
    expect(io.stderr).toContain('\n1 mistake; ');
  });
});

describe('breakwater schema', () => {
  it('prints what docs/gateway.schema.json holds', async () => {
    const { code, io } = await run(['schema']);
    expect(code).toBe(0);
    expect(io.stdout).toBe(readFileSync(SCHEMA, 'utf8'));
  });
});

describe('the command line', () => {
  it('explains itself and knows its version', async () => {
    const help = await run(['--help']);
    expect(help.code).toBe(0);
    for (const command of [
      'start',
      'check',
      'schema',
      'status',
      'events',
      'reset',
      'open',
      'close',
      'release',
    ]) {
      expect(help.io.stdout).toContain(`\n  ${command} `);
    }
    expect((await run(['status', '--help'])).io.stdout).toContain('BREAKWATER_ADMIN_TOKEN');
    const version = await run(['--version']);
    expect(version.io.stdout.trim()).toBe(JSON.parse(readFileSync(MANIFEST, 'utf8')).version);
  });

  it.each([
    [['frob']],
    [['check', '--frob']],
    [['check', '-c']],
    [['open']],
    [['open', 'a', 'b']],
    [['status', '--token', 'abc']],
    [['status', '--interval', '5']],
    [['status', '--interval', '1ms']],
    [['events', '--since', 'yesterday']],
    [['status', '--admin', 'ftp://gateway']],
    [['status', '-c', '/nowhere/gateway.yaml']],
    [[]],
  ])('refuses %j', async (args) => {
    const { code, io } = await run(args);
    expect(code).toBe(1);
    expect(io.stderr).not.toBe('');
  });
});
