import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { until } from '../../helpers/until.ts';
import { handshake, openTunnel, SWITCHED, wired } from './upgrade-kit.ts';

/** RFC 6455 §5.2: a text of ten bytes, as a client and as a server send it. */
const FROM_CLIENT = Buffer.from([0x81, 0x8a, 0, 0, 0, 0, ...Buffer.from('0123456789')]);
const FROM_SERVER = Buffer.from([0x81, 0x0a, ...Buffer.from('0123456789')]);
const CLOSE_FROM_CLIENT = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);
const CLOSE_FROM_SERVER = Buffer.from([0x88, 0x02, 0x03, 0xe8]);
const GOING_AWAY = '880203e9';

/** A masked Close as hex, unmasked. */
function unmasked(frame: Buffer): string {
  const mask = frame.subarray(2, 6);
  const payload = [...frame.subarray(6)].map((byte, at) => byte ^ mask[at]!);
  return Buffer.from([frame[0]!, frame[1]! & 0x7f, ...payload]).toString('hex');
}

/** Long enough for whatever a test does in either half, unless it waits for the end. */
const LONG = 120_000;

describe('a stop, with tunnels open', () => {
  it('leaves them alone for half of its time, and then asks both sides to close with 1001', async () => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    server.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
    await using lanes = await wired(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const client = new WebSocket(`ws://127.0.0.1:${lanes.inbound.port}/`);
    await once(client, 'open');
    const [accepted] = [...server.clients] as [WebSocket];
    const closed = Promise.all([once(client, 'close'), once(accepted, 'close')]);
    const since = performance.now();
    const stopped = lanes.inbound.lane.stop(2_000);
    client.send('still there?');
    expect(String((await once(client, 'message'))[0])).toBe('still there?');
    const codes = (await closed).map(([code]) => code);
    expect(codes).toEqual([1001, 1001]);
    // Timers may come a little early.
    expect(performance.now() - since).toBeGreaterThan(990);
    await stopped;
    expect(lanes.inbound.lane.connections).toBe(0);
    expect(lanes.passed.ends).toMatchObject([{ by: 'stopped', broken: false }]);
    await new Promise((resolve) => server.close(resolve));
  });

  it('puts its Close behind the frame that is half through, and nothing behind its Close', async () => {
    await using tunnel = await openTunnel();
    tunnel.client.send(FROM_CLIENT.subarray(0, 9));
    tunnel.server.send(FROM_SERVER.subarray(0, 1));
    await until(() => tunnel.toServer().length === 9 && tunnel.toClient().length === 1);
    const stopped = tunnel.inbound.lane.stop(3_000);
    await until(() => tunnel.inbound.lane.goingAway);
    expect([tunnel.toServer().length, tunnel.toClient().length]).toEqual([9, 1]);
    tunnel.client.send(Buffer.concat([FROM_CLIENT.subarray(9), FROM_CLIENT, CLOSE_FROM_CLIENT]));
    tunnel.server.send(Buffer.concat([FROM_SERVER.subarray(1), FROM_SERVER, CLOSE_FROM_SERVER]));
    await tunnel.client.closed();
    await tunnel.server.closed();
    await stopped;
    expect(tunnel.toClient().toString('hex')).toBe(FROM_SERVER.toString('hex') + GOING_AWAY);
    const toServer = tunnel.toServer();
    expect(toServer.subarray(0, FROM_CLIENT.length).equals(FROM_CLIENT)).toBe(true);
    expect(unmasked(toServer.subarray(FROM_CLIENT.length))).toBe(GOING_AWAY);
  });

  it('ends each side as soon as it has answered the Close, and is over then', async () => {
    await using tunnel = await openTunnel();
    const stopped = tunnel.inbound.lane.stop(2_000);
    await until(() => tunnel.toClient().length === 4 && tunnel.toServer().length === 8);
    tunnel.client.send(CLOSE_FROM_CLIENT);
    expect(await tunnel.client.closed()).toBe('end');
    expect(tunnel.server.ended).toBeNull();
    // It was ended, not cut.
    expect(tunnel.inbound.sockets.map(({ destroyed }) => destroyed)).toEqual([false]);
    tunnel.server.send(CLOSE_FROM_SERVER);
    expect(await tunnel.server.closed()).toBe('end');
    tunnel.client.end();
    tunnel.server.end();
    await stopped;
    expect(tunnel.passed.ends).toMatchObject([{ by: 'stopped', broken: false }]);
    // Their own Closes were for us.
    expect([tunnel.toClient().length, tunnel.toServer().length]).toEqual([4, 8]);
  });

  it('sends no second Close where one has passed', async () => {
    await using tunnel = await openTunnel();
    tunnel.client.send(CLOSE_FROM_CLIENT);
    tunnel.server.send(CLOSE_FROM_SERVER.subarray(0, 3));
    await until(() => tunnel.toServer().length === 8 && tunnel.toClient().length === 3);
    const stopped = tunnel.inbound.lane.stop(3_000);
    await until(() => tunnel.inbound.lane.goingAway);
    // The Close that is half through is let pass, too.
    tunnel.server.send(CLOSE_FROM_SERVER.subarray(3));
    await tunnel.client.closed();
    await tunnel.server.closed();
    await stopped;
    expect(tunnel.toServer().equals(CLOSE_FROM_CLIENT)).toBe(true);
    expect(tunnel.toClient().equals(CLOSE_FROM_SERVER)).toBe(true);
  });

  it('asks a tunnel at once that comes into being in the second half', async () => {
    await using upstream = await RawUpstream.start();
    await using lanes = await wired(upstream.url);
    await using client = await lanes.inbound.connect();
    client.send(handshake());
    const server = await upstream.connection();
    await server.request();
    const stopped = lanes.inbound.lane.stop(4_000);
    await until(() => lanes.inbound.lane.goingAway);
    server.send(SWITCHED);
    expect((await client.response()).status).toBe(101);
    await until(() => client.unconsumed.toString('hex') === GOING_AWAY);
    await until(() => server.unconsumed.length === 8);
    client.end();
    server.end();
    await stopped;
    expect(lanes.passed.ends).toMatchObject([{ by: 'stopped', broken: false }]);
  });

  it('cuts at its end what has not closed, also in the middle of a frame', async () => {
    await using tunnel = await openTunnel();
    tunnel.client.send(FROM_CLIENT.subarray(0, 9));
    await until(() => tunnel.toServer().length === 9);
    await tunnel.inbound.lane.stop(200);
    expect(tunnel.inbound.lane.connections).toBe(0);
    await tunnel.client.closed();
    await tunnel.server.closed();
    await until(() => tunnel.passed.ends.length === 1);
    expect(tunnel.passed.ends).toMatchObject([{ by: 'stopped', broken: false }]);
    expect(tunnel.toServer().length).toBe(9);
    expect(tunnel.toClient().toString('hex')).toBe(GOING_AWAY);
  });

  it('passes on the end of a side that closes by itself in the first half', async () => {
    await using tunnel = await openTunnel();
    const stopped = tunnel.inbound.lane.stop(LONG);
    tunnel.server.end();
    expect(await tunnel.client.closed()).toBe('end');
    tunnel.client.end();
    await stopped;
    expect(tunnel.passed.ends).toMatchObject([{ by: 'upstream', broken: false }]);
  });
});
