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
    for (const command of ['start', 'check', 'schema']) expect(help.io.stdout).toContain(command);
    const version = await run(['--version']);
    expect(version.io.stdout.trim()).toBe(JSON.parse(readFileSync(MANIFEST, 'utf8')).version);
  });

  it.each([[['frob']], [['check', '--frob']], [['check', '-c']], [[]]])('refuses %j', async (args) => {
    const { code, io } = await run(args);
    expect(code).toBe(1);
    expect(io.stderr).not.toBe('');
  });
});
