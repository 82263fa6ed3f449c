import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig, startGateway } from '../../../src/gateway.ts';
import { eventually } from '../../helpers/eventually.ts';
import { answerWith, GatewayPath, get, postHead } from '../../helpers/gateway-path.ts';
import { openSockets, watchTimers } from '../../helpers/process-resources.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { startTestGateway } from '../../helpers/test-gateway.ts';

describe('a gateway that has stopped', () => {
  it('leaves no socket and no timer behind', async () => {
    const before = openSockets();
    using timers = watchTimers();
    for (let round = 0; round < 3; round++) {
      await using path = await GatewayPath.start(
        async (connection) => {
          for (;;) {
            const { target } = await connection.request({ withinMs: 10_000 });
            if (target !== '/hang') connection.send(answerWith('ok'));
          }
        },
        { server: 'shutdown_timeout: 50ms', breaker: 'request_timeout: 30s' },
      );
      const kept = await path.connect();
      for (let nth = 0; nth < 5; nth++) expect((await kept.ask(get())).status).toBe(200);
      const hanging = await path.connect();
      hanging.send(get('/hang'));
      const uploading = await path.connect();
      uploading.send(`${postHead(100)}part`);
      await eventually(() => expect(path.upstream.connections.length).toBeGreaterThanOrEqual(2));
      await path.gateway.stop();
      for (const connection of path.upstream.connections) await connection.closed();
    }
    await eventually(() => expect([openSockets(), timers.running()]).toEqual([before, []]));
  });

  it('that cannot listen leaves nothing behind either, its admin API included', async () => {
    await using taken = await RawUpstream.start();
    const before = openSockets();
    using timers = watchTimers();
    const yaml = `
server: { listen: '127.0.0.1:${taken.port}' }
upstreams: { api: { targets: ['http://127.0.0.1:1'] } }
routes: [{ path: /*, upstream: api }]
`;
    await expect(startTestGateway(yaml, { admin: true })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await eventually(() => expect([openSockets(), timers.running()]).toEqual([before, []]));
  });

  it('that fails before it could listen closes the file of its access log, and hears no SIGHUP any more', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'access.log');
    const config = parseConfig(
      `
server: { listen: '127.0.0.1:0', workers: 1 }
log: { level: silent, access: { file: ${file} } }
upstreams: { api: { targets: ['http://127.0.0.1:1'] } }
routes: [{ path: /*, upstream: api }]
`,
      { file: 'test.yaml', env: {} },
    );
    const reachable = { listen: { host: '0.0.0.0', port: 0 }, token: null };
    const listeners = process.listenerCount('SIGHUP');
    await expect(startGateway({ ...config, admin: reachable })).rejects.toMatchObject({
      code: 'ADMIN_TOKEN_REQUIRED',
    });
    expect(process.listenerCount('SIGHUP')).toBe(listeners);
    await eventually(async () => expect(await openFiles()).not.toContain(file));
  });
});

async function openFiles(): Promise<string[]> {
  const numbers = await readdir('/proc/self/fd');
  return Promise.all(numbers.map((number) => readlink(`/proc/self/fd/${number}`).catch(() => '')));
}
