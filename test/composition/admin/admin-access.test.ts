import { connect, Server } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AdminServer } from '../../../src/admin/admin-server.ts';
import type { Address } from '../../../src/config/gateway-config.ts';
import { adminBackend, NO_PAGE } from '../../helpers/admin-backend.ts';
import { callAdmin } from '../../helpers/admin-client.ts';
import { FakeBreaker } from '../../helpers/fake-breaker.ts';

const log = { info: () => {}, error: () => {} };
const breaker = new FakeBreaker('auth-service-http');
const servers: AdminServer[] = [];

function admin(
  host: string,
  token: string | null,
  metrics = async () => ({ contentType: 'text/plain', body: '' }),
) {
  const backend = adminBackend({ breakers: () => [breaker], metrics });
  const config = { listen: { host, port: 0 }, token };
  const server = new AdminServer({ config, backend, pageFolder: NO_PAGE, log });
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close(1000)));
  breaker.asked.length = 0;
});

describe('with a token', () => {
  it.each([
    ['none', undefined],
    ['a wrong one', 'Bearer wrong'],
    ['the beginning of it', 'Bearer secre'],
    ['more than it', 'Bearer secretly'],
    ['an empty one', 'Bearer '],
    ['another scheme', 'Basic secret'],
    ['no scheme', 'secret'],
  ])('%s is refused, on every path', async (_what, authorization) => {
    const address = await admin('127.0.0.1', 'secret').listen();
    const headers = authorization === undefined ? {} : { Authorization: authorization };
    for (const path of ['/breakers', '/health', '/metrics', '/nowhere']) {
      const reply = await callAdmin(address, path, { headers });
      expect(reply.status).toBe(401);
      expect(reply.headers['www-authenticate']).toMatch(/^Bearer /);
      expect(reply.json()).toMatchObject({ error: { code: 'UNAUTHORIZED' } });
    }
    await callAdmin(address, '/breakers/auth-service-http/open', { method: 'POST', headers });
    expect(breaker.asked).toEqual([]);
  });

  it('the right one is taken, by whatever name the API is reached', async () => {
    const address = await admin('127.0.0.1', 'secret').listen();
    for (const scheme of ['Bearer', 'bearer']) {
      const headers = { Authorization: `${scheme} secret`, Host: 'gateway.internal:9901' };
      expect((await callAdmin(address, '/breakers', { headers })).status).toBe(200);
    }
  });
});

describe('without a token', () => {
  it.each(['0.0.0.0', '::', '192.0.2.1', 'gateway.internal', '127.0.0.1.example.com', ''])(
    'the API does not start on "%s"',
    (host) => {
      for (const token of [null, '']) {
        expect(() => admin(host, token)).toThrow(expect.objectContaining({ code: 'ADMIN_TOKEN_REQUIRED' }));
      }
    },
  );

  it.each(['127.0.0.1', '127.8.9.1', '::1', 'localhost', 'LOCALHOST'])('it may on "%s"', (host) => {
    expect(() => admin(host, null)).not.toThrow();
  });

  it('duty: DNS rebinding finds nobody, because a foreign name is refused', async () => {
    const address = await admin('127.0.0.1', null).listen();
    for (const Host of [
      'evil.example',
      'evil.example:9901',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
    ]) {
      const reply = await callAdmin(address, '/breakers', { headers: { Host } });
      expect(reply.json()).toMatchObject({ error: { code: 'FORBIDDEN' } });
      expect(reply.status).toBe(403);
    }
    for (const Host of [
      'localhost',
      'LocalHost:9901',
      '127.0.0.1:1',
      '[::1]:9901',
      `127.0.0.1:${address.port}`,
    ]) {
      expect((await callAdmin(address, '/breakers', { headers: { Host } })).status).toBe(200);
    }
  });
});

describe('a web page', () => {
  it.each([
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { Origin: 'http://evil.example' },
    { Origin: 'null' },
    { Origin: 'http://localhost:1', Host: 'localhost:2' },
    { Origin: 'http://localhost', 'Sec-Fetch-Site': 'cross-site', Host: 'localhost' },
  ])('with %j may not use the API, token or not', async (headers) => {
    for (const token of [null, 'secret']) {
      const address = await admin('127.0.0.1', token).listen();
      const reply = await callAdmin(address, '/breakers/auth-service-http/open', {
        method: 'POST',
        headers: { ...headers, Authorization: 'Bearer secret' },
      });
      expect(reply.status).toBe(403);
      expect(reply.headers['access-control-allow-origin']).toBeUndefined();
    }
    expect(breaker.asked).toEqual([]);
  });

  it('of the API itself may, and so may an address typed in', async () => {
    const address = await admin('127.0.0.1', null).listen();
    const own = { Host: 'localhost:1', Origin: 'http://localhost:1', 'Sec-Fetch-Site': 'same-origin' };
    expect((await callAdmin(address, '/breakers', { headers: own })).status).toBe(200);
    expect((await callAdmin(address, '/breakers', { headers: { 'Sec-Fetch-Site': 'none' } })).status).toBe(
      200,
    );
  });
});

describe('the server', () => {
  it('says what is wrong when the port is taken', async () => {
    const { port } = await admin('127.0.0.1', null).listen();
    const second = new AdminServer({
      config: { listen: { host: '127.0.0.1', port }, token: null },
      backend: adminBackend(),
      pageFolder: NO_PAGE,
      log,
    });
    await expect(second.listen()).rejects.toMatchObject({ code: 'ADMIN_LISTEN_FAILED' });
  });

  it('survives a connection that the system cannot accept', async () => {
    const listened = vi.spyOn(Server.prototype, 'listen');
    try {
      const address = await admin('127.0.0.1', null).listen();
      (listened.mock.contexts.at(-1) as Server).emit('error', new Error('accept EMFILE'));
      expect((await callAdmin(address, '/health')).status).toBe(200);
    } finally {
      listened.mockRestore();
    }
  });

  it('lets a running request finish when it closes, and ends connections that wait', async () => {
    const scrape = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const server = admin('127.0.0.1', null, async () => {
      started.resolve();
      await scrape.promise;
      return { contentType: 'text/plain', body: 'done' };
    });
    const address = await server.listen();
    const idle = await idleConnection(address);
    const running = callAdmin(address, '/metrics', { headers: { Connection: 'keep-alive' } });
    await started.promise;
    const closed = server.close(60_000);
    await idle.ended;
    scrape.resolve();
    const reply = await running;
    expect(reply.text).toBe('done');
    expect(reply.headers.connection).toBe('close');
    await closed;
    await expect(callAdmin(address, '/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('does not wait longer than it is told', async () => {
    const started = Promise.withResolvers<void>();
    const server = admin('127.0.0.1', null, () => {
      started.resolve();
      return new Promise(() => {});
    });
    const address = await server.listen();
    const running = callAdmin(address, '/metrics');
    const cut = expect(running).rejects.toThrow();
    await started.promise;
    await server.close(50);
    await cut;
  });
});

/** Opens a connection that has had one answer; `ended` is fulfilled when the server ends it. */
async function idleConnection({ host, port }: Address): Promise<{ ended: Promise<void> }> {
  const socket = connect(port, host);
  const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  return { ended };
}
