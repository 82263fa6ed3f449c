import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { answerWith, GatewayPath, get, postHead } from '../../helpers/gateway-path.ts';
import { openSockets, watchTimers } from '../../helpers/process-resources.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
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
});
