import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { parseConfig, startGateway } from '../../../src/gateway.ts';
import { eventually } from '../../helpers/eventually.ts';
import { freePort, waitForPort } from '../../helpers/free-port.ts';
import { answerWith, get } from '../../helpers/gateway-path.ts';
import { openSockets, watchTimers } from '../../helpers/process-resources.ts';
import { handling } from '../policies/policy-path.ts';
import { CrewPath } from './crew-path.ts';

const yaml = (port: number, admin: number | null) => `server: { listen: '127.0.0.1:${port}', workers: 2 }
log: { level: silent }
${admin === null ? '' : `admin: { listen: '127.0.0.1:${admin}' }`}
upstreams: { api: { targets: ['http://127.0.0.1:1'] } }
routes: [{ path: /*, upstream: api }]
`;

function start(port: number, admin: number | null = null) {
  return startGateway(parseConfig(yaml(port, admin), { file: 'test.yaml', env: {} }));
}

describe('a gateway with two workers', () => {
  it('listens on one port, also on one that the system has chosen', async () => {
    await using path = await CrewPath.start([], []);
    const { port } = path.gateway.address;
    expect(port).toBeGreaterThan(0);
    const clients = [await path.connect(1), await path.connect(2)];
    for (const client of clients) expect((await client.ask(get('/health/live'))).status).toBe(200);
  });

  it('says so when another program has the port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    await expect(start(port)).rejects.toMatchObject({ code: 'EADDRINUSE', syscall: 'listen', port });
    await new Promise((resolve) => other.close(resolve));
  });

  it('says so when another gateway has it whose workers share it', async () => {
    const first = await start(0);
    await expect(start(first.address.port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await first.stop();
    const second = await start(first.address.port);
    expect(second.address).toEqual(first.address);
    await second.stop();
  });

  it('says so when another gateway is about to, whose workers still load', async () => {
    const [port, admin] = [await freePort(), await freePort()];
    const first = start(port, admin);
    // Behind its proof that the port is free, and before the workers, the admin API listens.
    await waitForPort(admin);
    await expect(start(port)).rejects.toMatchObject({ code: 'EADDRINUSE', syscall: 'listen', port });
    const { stop } = await first;
    await stop();
    await (await start(port)).stop();
  });

  it('leaves nothing behind, neither stopped nor where it could not start', async () => {
    const before = openSockets();
    using timers = watchTimers();
    const first = await start(0);
    await expect(start(first.address.port)).rejects.toThrow();
    await first.stop();
    await eventually(() => expect([openSockets(), timers.running()]).toEqual([before, []]));
  });

  it('lets the requests of all workers finish, is not ready meanwhile, and takes no more', async () => {
    await using api = await handling((connection, { target }) => {
      setTimeout(() => connection.send(answerWith(`whole ${target}`)), target === '/slow' ? 2_000 : 0);
    });
    await using path = await CrewPath.start(
      [`api: { targets: ['${api.url}'] }`],
      ['{ path: /*, upstream: api }'],
    );
    const slow = [await path.connect(1), await path.connect(2)];
    for (const client of slow) client.send(get('/slow'));
    await eventually(async () => {
      const { targets } = (await path.admin('/health')).data.api;
      expect(targets[0].in_flight).toBe(2);
    });
    const asking = [await path.connect(1), await path.connect(2)];
    for (const client of asking) client.send('GET /health/ready HTTP/1.1\r\n');
    const stopped = path.gateway.stop();
    // Refused: none of them listens any more.
    await eventually(() => expect(fetch(path.gateway.url)).rejects.toThrow());
    for (const client of asking) expect((await client.ask('Host: a\r\n\r\n')).status).toBe(503);
    for (const client of slow) {
      const answer = await client.response();
      expect(answer.body.toString()).toBe('whole /slow');
      expect(answer.header('connection')).toBe('close');
    }
    await stopped;
  });
});
