import { describe, expect, it } from 'vitest';
import type { RawClient } from '../../helpers/raw-client.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { until } from '../../helpers/until.ts';
import { handshake, openTunnel, SWITCHED, wired } from './upgrade-kit.ts';

const pattern = (length: number) =>
  Buffer.from(Array.from({ length }, (_, at) => (at * 7 + (at >> 8)) & 0xff));

describe('a tunnel', () => {
  it('begins with a 101 that says what was agreed, and nothing that concerned one hop only', async () => {
    await using upstream = await RawUpstream.start(async (connection) => {
      await connection.request();
      const hop = 'Keep-Alive: timeout=5\r\nX-Hop: 1\r\nConnection: X-Hop\r\nContent-Length: 5\r\n';
      connection.send(SWITCHED.replace('\r\n\r\n', `\r\nSec-WebSocket-Protocol: v1\r\n${hop}\r\n`));
    });
    await using lanes = await wired(upstream.url);
    await using client = await lanes.inbound.connect();
    client.send(handshake('/chat?x=1', 'Sec-WebSocket-Protocol: v1, v2\r\n'));
    const head = await client.waitFor('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    expect(head).toMatch(/\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n/);
    expect(head).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n');
    expect(head).toContain('Sec-WebSocket-Protocol: v1\r\n');
    expect(head).not.toMatch(/keep-alive|hop|content-length|transfer-encoding/i);
    const request = (await upstream.connection()).text;
    expect(request).toMatch(/^GET \/chat\?x=1 HTTP\/1\.1\r\n/);
    expect(request.match(/\r\n(?:connection|upgrade): [^\r]*/gi)).toEqual([
      '\r\nconnection: Upgrade',
      '\r\nupgrade: websocket',
    ]);
  });

  it('carries any bytes both ways, and never takes them for HTTP', async () => {
    await using tunnel = await openTunnel();
    const up = Buffer.concat([Buffer.from('GET /never HTTP/1.1\r\nHost: a\r\n\r\n'), pattern(300_000)]);
    const down = Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), pattern(300_000)]);
    tunnel.client.send(up);
    tunnel.server.send(down);
    await until(() => tunnel.toServer().length === up.length && tunnel.toClient().length === down.length);
    expect(tunnel.toServer().equals(up)).toBe(true);
    expect(tunnel.toClient().equals(down)).toBe(true);
    expect(tunnel.inbound.handled.length).toBe(1);
    tunnel.client.end();
    tunnel.server.end();
    await until(() => tunnel.passed.ends.length === 1);
    expect(tunnel.passed.ends).toEqual([
      { by: 'client', broken: false, bytesIn: up.length, bytesOut: down.length },
    ]);
  });

  it('gives the client what the upstream sent, and ended, in one piece with its 101', async () => {
    await using upstream = await RawUpstream.start(async (connection) => {
      await connection.request();
      connection.send(`${SWITCHED}first`);
      connection.end();
    });
    await using lanes = await wired(upstream.url);
    await using client = await lanes.inbound.connect();
    client.send(handshake());
    expect(await client.closed()).toBe('end');
    expect(client.text).toMatch(/\r\n\r\nfirst$/);
  });

  it('counts as a connection until both sides have closed', async () => {
    await using tunnel = await openTunnel({ maxConnections: 1 });
    await using other = await tunnel.inbound.connect();
    expect((await other.response()).status).toBe(503);
    expect(tunnel.inbound.lane.connections).toBe(1);
    tunnel.client.end();
    tunnel.server.end();
    await until(() => tunnel.inbound.lane.connections === 0);
  });

  it('passes an end on behind its data, and lets the other direction go on', async () => {
    for (const first of ['client', 'server'] as const) {
      await using tunnel = await openTunnel();
      const [from, to] = first === 'client' ? [tunnel.client, tunnel.server] : [tunnel.server, tunnel.client];
      const [got, sent] =
        first === 'client' ? [tunnel.toClient, tunnel.toServer] : [tunnel.toServer, tunnel.toClient];
      from.send(pattern(200_000));
      from.end();
      expect(await to.closed()).toBe('end');
      expect(sent().equals(pattern(200_000))).toBe(true);
      expect(tunnel.passed.ends).toEqual([]);
      to.send(pattern(200_000));
      to.end();
      expect(await from.closed()).toBe('end');
      expect(got().equals(pattern(200_000))).toBe(true);
      await until(() => tunnel.passed.ends.length === 1);
      const by = first === 'client' ? 'client' : 'upstream';
      expect(tunnel.passed.ends[0]).toMatchObject({ by, broken: false });
    }
  });

  it('passes a break on as a break, from either side', async () => {
    for (const first of ['client', 'server'] as const) {
      await using tunnel = await openTunnel();
      const [from, to] = first === 'client' ? [tunnel.client, tunnel.server] : [tunnel.server, tunnel.client];
      from.send('x');
      await until(() => tunnel.toClient().length + tunnel.toServer().length === 1);
      from.reset();
      expect(await to.closed()).toBe('reset');
      await until(() => tunnel.passed.ends.length === 1 && tunnel.inbound.lane.connections === 0);
      const by = first === 'client' ? 'client' : 'upstream';
      expect(tunnel.passed.ends[0]).toMatchObject({ by, broken: true });
    }
  });

  it('holds a fast side back when the other does not read, and loses nothing', async () => {
    for (const slow of ['client', 'server'] as const) {
      await using tunnel = await openTunnel();
      const [from, to] = slow === 'client' ? [tunnel.server, tunnel.client] : [tunnel.client, tunnel.server];
      const sent = slow === 'client' ? tunnel.toClient : tunnel.toServer;
      to.socket.pause();
      const all = Buffer.alloc(40_000_000, pattern(99_991));
      from.send(all);
      // It stops growing long before all of it is gone.
      let before = -1;
      await until(() => {
        const passed = tunnel.inbound.sockets[0]!.bytesRead + tunnel.inbound.sockets[0]!.bytesWritten;
        const stands = passed === before && passed > 100_000;
        before = passed;
        return stands;
      });
      expect(before).toBeLessThan(all.length / 2);
      to.socket.resume();
      await until(() => sent().length === all.length, 30_000);
      expect(sent().equals(all)).toBe(true);
    }
  }, 60_000);

  it('is cut when both directions are silent for too long, and not before', async () => {
    await using tunnel = await openTunnel({ tunnelIdleMs: 1_000, bodyTimeoutMs: 40 });
    // One direction alone keeps it alive, for far longer than the limit.
    for (let nth = 0; nth < 10; nth++) {
      tunnel.server.send('x');
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(tunnel.passed.ends).toEqual([]);
    await until(() => tunnel.passed.ends.length === 1);
    expect(tunnel.passed.ends[0]).toMatchObject({ by: 'idle', broken: false, bytesIn: 0, bytesOut: 10 });
    await tunnel.client.closed();
    await tunnel.server.closed();
  });

  it('is ended on both sides by closeNow', async () => {
    await using tunnel = await openTunnel();
    tunnel.inbound.lane.closeNow();
    await tunnel.client.closed();
    await tunnel.server.closed();
    await until(() => tunnel.passed.ends.length === 1);
    expect(tunnel.passed.ends[0]).toMatchObject({ by: 'stopped', broken: false });
  });

  it('is ended on both sides when its outbound lane is destroyed', async () => {
    await using tunnel = await openTunnel();
    tunnel.outbound.destroy();
    await tunnel.server.closed();
    await tunnel.client.closed();
    await until(() => tunnel.passed.ends.length === 1);
    expect(tunnel.passed.ends[0]).toMatchObject({ by: 'upstream', broken: true });
  });

  it('that breaks at any moment leaves no connection on either side', async () => {
    await using upstream = await RawUpstream.start(async (connection) => {
      await connection.request();
      connection.send(SWITCHED);
      connection.socket.pipe(connection.socket);
    });
    await using lanes = await wired(upstream.url);
    const clients: RawClient[] = [];
    for (let nth = 0; nth < 120; nth++) {
      const client = await lanes.inbound.connect();
      clients.push(client);
      client.send(`${handshake()}early`);
      if (nth % 4 > 0) await new Promise((resolve) => setTimeout(resolve, nth % 9));
      if (nth % 3 === 0) client.reset();
      else if (nth % 3 === 1) client.destroy();
      else for (const connection of upstream.connections) connection.reset();
    }
    for (const client of clients) client.destroy();
    await until(() => lanes.inbound.lane.connections === 0);
    await until(() => upstream.connections.every(({ ended }) => ended !== null));
    expect(lanes.inbound.reports).toEqual([]);
    expect(lanes.passed.ends.length + lanes.passed.errors.length + lanes.passed.gone).toBeGreaterThan(100);
  });
});
