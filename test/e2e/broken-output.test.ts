import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startProcess } from '../helpers/start-process.ts';
import { type TemporaryFolder, temporaryFolder } from '../helpers/temporary-folder.ts';

const CLI = new URL('../../src/cli.ts', import.meta.url).pathname;
const MINUTE = 60_000;
const LAST_LINE = 'stops on SIGTERM';

let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(() => folder[Symbol.asyncDispose]());

/** Nothing listens on the target's port, so that the first request opens the breaker, which is a line of log. */
async function configFile(admin = ''): Promise<string> {
  const file = join(folder.path, 'gateway.yaml');
  await writeFile(
    file,
    `server: { listen: 127.0.0.1:0 }
${admin}
upstreams: { api: { targets: [http://127.0.0.1:1], circuit_breaker: { failure_threshold: 1 } } }
routes: [{ path: /*, upstream: api }]
`,
  );
  return file;
}

describe('the program', { timeout: 3 * MINUTE }, () => {
  it.runIf(existsSync('/dev/full'))(
    'serves on, and ends with 0, when its log cannot be written',
    async () => {
      await using gateway = await startProcess({
        name: 'breakwater',
        command: 'sh',
        args: ['-c', 'exec "$0" "$@" >/dev/full', process.execPath, CLI, 'start', '-c', await configFile()],
        env: { PATH: process.env.PATH },
        readyWhen: ({ msg }) => msg.startsWith(LAST_LINE),
        readyTimeoutMs: MINUTE,
      });
      const url = /listens on (http:\S+)/.exec(gateway.output)![1]!;
      const deadline = () => ({ signal: AbortSignal.timeout(MINUTE) });
      expect((await fetch(url, deadline())).status).toBe(502);
      for (let left = 5; left > 0; left--) expect((await fetch(url, deadline())).status).toBe(503);
      expect(await gateway.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    },
  );

  it('stops gracefully when nobody reads its messages any more', async () => {
    const child = spawn(process.execPath, [CLI, 'start', '-c', await configFile()], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    try {
      const exited = once(child, 'exit');
      for await (const line of createInterface(child.stderr)) if (line.startsWith(LAST_LINE)) break;
      child.stderr.destroy();
      child.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('says in one line that the port of the admin API is taken', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    try {
      const { port } = squatter.address() as AddressInfo;
      await using gateway = await startProcess({
        name: 'breakwater',
        command: process.execPath,
        args: [CLI, 'start', '-c', await configFile(`admin: { listen: 127.0.0.1:${port} }`)],
        env: { PATH: process.env.PATH },
      });
      expect(await gateway.exited).toEqual({ code: 1, signal: null });
      expect(gateway.output).toMatch(/could not start: the admin API could not listen: .*EADDRINUSE/);
      expect(gateway.output).not.toContain('    at ');
    } finally {
      squatter.close();
    }
  });
});
