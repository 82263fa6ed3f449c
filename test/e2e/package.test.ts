import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { freePort, waitForPort } from '../helpers/free-port.ts';
import { startProcess } from '../helpers/start-process.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const bin = join(root, 'node_modules/.bin');

let folder: string;
let packed: string;
let installed: string;

async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const options = {
    cwd,
    env: { ...process.env, npm_config_ignore_scripts: 'false' },
    maxBuffer: 16 * 1024 * 1024,
  };
  return promisify(execFile)(program, args, options).then(
    ({ stdout }) => stdout,
    ({ message, stdout }) => {
      throw new Error(`${message}\n${stdout}`);
    },
  );
}

/** What a user does: an empty folder, and the package as it would be published. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwater-package-'));
  installed = join(folder, 'user');
  await mkdir(installed);
  await run('npm', ['pack', '--silent', '--pack-destination', folder], root);
  packed = join(folder, (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? 'no package');
  await writeFile(join(installed, 'package.json'), '{ "name": "user", "private": true, "type": "module" }');
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', packed], installed);
}, 300_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the published package', () => {
  it('holds what a user needs, and nothing else', async () => {
    const files = (await run('tar', ['-tzf', packed], folder)).trim().split('\n');
    const wanted =
      /^package\/(dist\/.+\.(js|d\.ts)|dist\/third-party-licenses\.txt|dist\/dashboard\/(index\.html|assets\/[\w.-]+\.(js|css|svg))|docs\/gateway\.schema\.json|gateway\.yaml|package\.json|README\.md|LICENSE)$/;
    expect(files.filter((file) => !wanted.test(file))).toEqual([]);
    for (const file of [
      'dist/cli.js',
      'dist/gateway.d.ts',
      'dist/resilience/index.d.ts',
      'dist/dashboard/index.html',
      'docs/gateway.schema.json',
      'LICENSE',
    ]) {
      expect(files).toContain(`package/${file}`);
    }
  });

  it.each([
    ['', ''],
    [', workers: 2', ' with 2 workers'],
  ])(
    'starts the gateway from the smallest configuration%s, and passes a request through',
    async (key, said) => {
      const upstream = createServer((request, response) => response.end(`upstream saw ${request.url}`));
      await once(upstream.listen(0, '127.0.0.1'), 'listening');
      const target = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
      const port = await freePort();
      const admin = await freePort();
      await writeFile(
        join(installed, 'gateway.yaml'),
        [
          `server: { listen: 127.0.0.1:${port}${key} }`,
          `admin: { listen: 127.0.0.1:${admin} }`,
          'upstreams:',
          `  api: { targets: [${target}] }`,
          'routes:',
          '  - { path: /*, upstream: api }',
        ].join('\n'),
      );
      await using gateway = await startProcess({
        name: 'breakwater',
        command: join(installed, 'node_modules/.bin/breakwater'),
        args: ['start', '-c', 'gateway.yaml'],
        cwd: installed,
        env: { PATH: process.env.PATH },
      });
      try {
        await Promise.race([waitForPort(port), gateway.exited]);
        const answer = await fetch(`http://127.0.0.1:${port}/hello`).catch((error: unknown) => {
          throw new Error(`The gateway does not answer. Its output:\n${gateway.output}`, { cause: error });
        });
        expect(await answer.text()).toBe('upstream saw /hello');
        const page = await fetch(`http://127.0.0.1:${admin}/`);
        expect(await page.text()).toContain('<div id="page">');
        await eventually(() => expect(gateway.output).toContain(`:${port}${said}`));
        expect(await gateway.kill('SIGTERM')).toEqual({ code: 0, signal: null });
      } finally {
        upstream.close();
        upstream.closeAllConnections();
      }
    },
  );

  it('gives the resilience library to JavaScript and, with types, to TypeScript', async () => {
    await writeFile(
      join(installed, 'use.ts'),
      [
        "import { CircuitBreaker, type BreakerState } from 'breakwater/resilience';",
        "const breaker = new CircuitBreaker({ name: 'example', failureThreshold: 2 });",
        'const state: BreakerState = breaker.state;',
        'const answer: number = await breaker.execute(() => 42);',
        'console.log(state, answer);',
        '// @ts-expect-error a threshold is a number',
        "export const wrong = () => new CircuitBreaker({ name: 'wrong', failureThreshold: 'two' });",
      ].join('\n'),
    );
    expect(await run(process.execPath, ['use.ts'], installed)).toBe('CLOSED 42\n');
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--ignoreConfig'];
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
    expect(await run(join(bin, 'tsc'), [...options, ...types, 'use.ts'], installed)).toBe('');
  });
});
