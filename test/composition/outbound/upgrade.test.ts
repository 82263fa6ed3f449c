import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UndiciLane } from '../../../src/http/full/undici-lane.ts';
import { OutboundAttempt, outboundLane } from '../../helpers/outbound-attempt.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { testCertificate } from '../../helpers/test-certificate.ts';
import { trustTestCertificates } from '../../helpers/tls-upstream.ts';
import { until } from '../../helpers/until.ts';
import { ACCEPT, HANDSHAKE, SWITCHED, UpgradeProbe } from './upgrade-probe.ts';

/** An upstream that switches, and says `hello` at once. */
const switching = () =>
  RawUpstream.start(async (connection) => {
    await connection.request();
    connection.send(`${SWITCHED}hello`);
  });

describe('an upgrade', () => {
  it('tells that it was sent, then of the switch and of nothing more', async () => {
    await using upstream = await switching();
    await using lane = outboundLane(upstream.url);
    const probe = new UpgradeProbe(lane);
    const tunnel = await probe.switched();
    expect(probe.agreed).toEqual(['Sec-WebSocket-Accept', ACCEPT]);
    // What came with the 101 waits; nobody has begun to read.
    expect(tunnel.readableFlowing).toBe(false);
    expect(String((await once(tunnel.resume(), 'data'))[0])).toBe('hello');
    tunnel.write('to the upstream');
    const connection = await upstream.connection();
    await connection.waitFor('to the upstream');
    // The attempt is over, and the tunnel the sink's.
    probe.attempt.abort();
    tunnel.write('still there');
    await connection.waitFor('still there');
    expect(probe.calls).toEqual(['sent', 'switch']);
    tunnel.destroy();
  });

  it('waits for what the gateway itself has to load first, which is not the upstream’s time; the second does not', async () => {
    await using upstream = await switching();
    await using lane = outboundLane(upstream.url);
    const first = new UpgradeProbe(lane);
    expect(first.attempt.queued).toBe(true);
    (await first.switched()).destroy();
    expect(first.attempt.queued).toBe(false);
    const second = new UpgradeProbe(lane);
    expect(second.attempt.queued).toBe(false);
    (await second.switched()).destroy();
  });

  it('leaves nothing of httpxy’s joining on the socket', async () => {
    await using upstream = await switching();
    await using lane = outboundLane(upstream.url);
    const tunnel = await new UpgradeProbe(lane).switched();
    for (const event of ['data', 'drain', 'readable', 'unpipe', 'finish', 'pipe']) {
      expect([event, tunnel.listenerCount(event)]).toEqual([event, 0]);
    }
    const count = () => tunnel.eventNames().reduce((sum, name) => sum + tunnel.listenerCount(name), 0);
    expect(count()).toBeLessThan(12);
    // What it has left writes nothing: each direction ends by itself.
    const connection = await upstream.connection();
    tunnel.resume();
    connection.end();
    await until(() => tunnel.readableEnded);
    tunnel.write('after the end');
    await connection.waitFor('after the end');
    tunnel.end();
    expect(await connection.closed()).toBe('end');
  });

  it.each([
    '/',
    '//',
    '//evil.test/x',
    '/a//b',
    '/?',
    '/a?',
    '/a?b?c',
    '/a?b=c&d=%41#'.slice(0, -1),
    '/%2f/%2E%2e/;x=1',
    '/a/../b/./c',
    '/\\x',
    '/a?http://b/c',
    '/\xe9?\xff',
    '/"<>{}|^`',
  ])('duty 49: sends the target %s byte for byte', async (path) => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url);
    const probe = new UpgradeProbe(lane, { path });
    const connection = await upstream.connection();
    const text = await connection.waitFor('\r\n\r\n');
    expect(text.split('\r\n')[0]).toBe(`GET ${path} HTTP/1.1`);
    probe.attempt.abort();
  });

  it('sends its fields as given, and those of an upgrade', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url);
    const given = [
      ...HANDSHAKE,
      ...['X-A', '1', '__proto__', '2', 'constructor', '3', 'x-a', '4', 'X-Obs', '\xe9', 'X-Empty', ''],
      ...['toString', '5', 'Authorization', 'Basic eA==', 'Origin', 'http://a', 'User-Agent', 'ws'],
    ];
    const probe = new UpgradeProbe(lane, { headers: given });
    const request = await (await upstream.connection()).request();
    probe.attempt.abort();
    const wanted: string[] = [];
    for (let at = 0; at < given.length; at += 2) wanted.push(`${given[at]!.toLowerCase()}: ${given[at + 1]}`);
    wanted.push('connection: Upgrade', 'upgrade: websocket');
    const sent = request.fields.map(([name, value]) => `${name.toLowerCase()}: ${value}`);
    expect(sent.toSorted()).toEqual(wanted.toSorted());
    expect(request.all('x-a')).toEqual(['1', '4']);
  });

  it('has a connection of its own, beside the pool and beside its like', async () => {
    await using upstream = await RawUpstream.start(async (connection) => {
      for (;;) {
        const { target } = await connection.request({ withinMs: 60_000 });
        connection.send(
          target === '/ws' ? SWITCHED : 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno',
        );
      }
    });
    await using lane = outboundLane(upstream.url, { maxConnections: 1 });
    await new OutboundAttempt(lane).ended();
    const tunnels = [];
    for (let nth = 0; nth < 3; nth++) tunnels.push(await new UpgradeProbe(lane, { path: '/ws' }).switched());
    for (let nth = 0; nth < 2; nth++) await new UpgradeProbe(lane).ended();
    await new OutboundAttempt(lane).ended();
    expect(upstream.connections).toHaveLength(6);
    // A refusal's connection ends with it; the pool's stays.
    await until(() => upstream.connections.filter(({ ended }) => ended === null).length === 4);
    for (const tunnel of tunnels) tunnel.destroy();
  });

  it.each([
    ['with a body', { body: {} as never }],
    ['by another method', { method: 'POST' }],
    ['without a key', { headers: ['Host', 'a'] }],
    ['with a bad key', { headers: ['Host', 'a', 'Sec-WebSocket-Key', 'x'] }],
    ['without Host', { headers: HANDSHAKE.slice(2) }],
    ['with a Connection of its own', { headers: [...HANDSHAKE, 'Connection', 'x'] }],
    ['with a line break in a field', { headers: [...HANDSHAKE, 'X', 'a\r\nb'] }],
    ['in absolute form', { path: 'http://a/' }],
    ['with a space in its path', { path: '/a b' }],
  ])('%s cannot be sent, and the sink is told nothing', async (_what, request) => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url);
    expect(() => new UpgradeProbe(lane, request)).toThrow(TypeError);
    await new Promise(setImmediate);
    expect(upstream.connections).toHaveLength(0);
  });
});

describe('an upgrade over TLS', () => {
  const certificate = testCertificate('upstream.test');
  let distrust: () => void;
  beforeAll(() => {
    distrust = trustTestCertificates(certificate);
  });
  afterAll(() => distrust());

  /** Switches on a TLS connection, and says which name it was asked for. */
  async function tlsUpstream(keys = certificate) {
    const server = createServer(keys);
    const sockets: TLSSocket[] = [];
    server.on('secureConnection', (socket) => sockets.push(socket));
    server.on('tlsClientError', () => {});
    server.on('upgrade', (request, stream) => {
      const socket = request.socket as TLSSocket & { servername?: string };
      stream.on('error', () => {});
      stream.write(`${SWITCHED}${request.headers.host} ${socket.servername} ${socket.alpnProtocol}`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      port: (server.address() as AddressInfo).port,
      sockets,
      async [Symbol.asyncDispose]() {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }

  function laneTo(hostname: string, address: string | undefined, port: number) {
    const url = `https://${hostname}:${port}`;
    return new UndiciLane(
      { url, protocol: 'https:', hostname, port, weight: 1, address },
      {
        connectTimeoutMs: 30_000,
        responseTimeoutMs: 30_000,
        idleBodyTimeoutMs: 30_000,
        maxConnections: 4,
        keepAliveMs: 1_000,
        allowH2: true,
      },
    );
  }

  it('connects to the address that a target has, under its name, and over HTTP/1.1', async () => {
    await using upstream = await tlsUpstream();
    const lane = laneTo('upstream.test', '127.0.0.1', upstream.port);
    const tunnel = await new UpgradeProbe(lane).switched();
    expect(String((await once(tunnel.resume(), 'data'))[0])).toBe('a upstream.test http/1.1');
    tunnel.destroy();
    lane.destroy();
    await lane.close();
  });

  it('to one whose certificate is for another name cannot be connected: connect', async () => {
    await using upstream = await tlsUpstream(testCertificate('other.test'));
    const lane = laneTo('upstream.test', '127.0.0.1', upstream.port);
    const probe = await new UpgradeProbe(lane, { headers: HANDSHAKE }).done();
    expect(probe.calls).toEqual(['error']);
    expect(probe.error?.kind).toBe('connect');
    await until(() => upstream.sockets.every(({ destroyed }) => destroyed));
    lane.destroy();
    await lane.close();
  });
});
