import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { openSockets } from '../../helpers/process-resources.ts';
import { until } from '../../helpers/until.ts';
import { wired } from './upgrade-kit.ts';

type ServerOptions = ConstructorParameters<typeof WebSocketServer>[0];

/** A WebSocket server that echoes, behind both lanes. */
async function echoServer(options: ServerOptions = {}) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
  await once(server, 'listening');
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  const lanes = await wired(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return {
    ...lanes,
    server,
    url: `ws://127.0.0.1:${lanes.inbound.port}/chat`,
    async [Symbol.asyncDispose]() {
      for (const socket of server.clients) socket.terminate();
      await lanes[Symbol.asyncDispose]();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function open(url: string, ...rest: [(string | string[])?, WebSocket.ClientOptions?]) {
  const socket = new WebSocket(url, ...(rest as []));
  await once(socket, 'open');
  return socket;
}

async function said(socket: WebSocket): Promise<Buffer> {
  const [data] = await once(socket, 'message');
  return data as Buffer;
}

describe('a WebSocket through both lanes', () => {
  it('echoes texts and a mebibyte of binary', async () => {
    await using stage = await echoServer();
    const socket = await open(stage.url);
    socket.send('hello');
    expect((await said(socket)).toString()).toBe('hello');
    const large = Buffer.from(Array.from({ length: 1_048_576 }, (_, at) => (at * 31) & 0xff));
    socket.send(large);
    expect((await said(socket)).equals(large)).toBe(true);
    socket.close();
    await until(() => stage.passed.ends.length === 1);
    const [end] = stage.passed.ends;
    expect(end?.broken).toBe(false);
    expect(end?.bytesIn).toBeGreaterThan(1_048_576);
    expect(end?.bytesOut).toBeGreaterThan(1_048_576);
  });

  it('carries pings and pongs both ways', async () => {
    await using stage = await echoServer();
    const socket = await open(stage.url);
    socket.ping('from the client');
    expect(String((await once(socket, 'pong'))[0])).toBe('from the client');
    const [accepted] = [...stage.server.clients];
    accepted?.ping('from the server');
    expect(String((await once(accepted as WebSocket, 'pong'))[0])).toBe('from the server');
  });

  it.each(['client', 'server'] as const)('carries the close code and reason of the %s', async (closer) => {
    await using stage = await echoServer();
    const socket = await open(stage.url);
    const [accepted] = [...stage.server.clients] as [WebSocket];
    const [from, to] = closer === 'client' ? [socket, accepted] : [accepted, socket];
    from.close(4_321, 'enough');
    const [code, reason] = await once(to, 'close');
    expect([code, String(reason)]).toEqual([4_321, 'enough']);
    await until(() => stage.passed.ends.length === 1);
    expect(stage.passed.ends[0]?.broken).toBe(false);
  });

  it('negotiates subprotocols and compression end to end', async () => {
    await using stage = await echoServer({
      perMessageDeflate: { threshold: 0 },
      handleProtocols: (offered) => [...offered][1] ?? false,
    });
    const socket = await open(stage.url, ['first', 'second'], { perMessageDeflate: { threshold: 0 } });
    expect(socket.protocol).toBe('second');
    expect(socket.extensions).toContain('permessage-deflate');
    const text = 'a'.repeat(100_000);
    socket.send(text);
    expect((await said(socket)).toString()).toBe(text);
    socket.close();
    await until(() => stage.passed.ends.length === 1);
    // It was compressed on both connections, so nothing in between has taken it apart.
    expect(stage.passed.ends[0]?.bytesIn).toBeLessThan(10_000);
    expect(stage.passed.ends[0]?.bytesOut).toBeLessThan(10_000);
  });

  it('by five hundred at once: all echo, all end, and nothing is left', async () => {
    const before = openSockets();
    {
      await using stage = await echoServer();
      const sockets = await Promise.all(Array.from({ length: 500 }, () => open(stage.url)));
      expect(stage.inbound.lane.connections).toBe(500);
      const echoes = await Promise.all(
        sockets.map(async (socket, nth) => {
          socket.send(`${nth}`);
          return (await said(socket)).toString();
        }),
      );
      expect(echoes).toEqual(sockets.map((_, nth) => `${nth}`));
      sockets.forEach((socket, nth) => {
        if (nth % 3 === 0) socket.close();
        else if (nth % 3 === 1) socket.terminate();
        else [...stage.server.clients][nth]?.terminate();
      });
      await until(() => stage.inbound.lane.connections < 400);
      for (const socket of sockets) socket.terminate();
      await until(() => stage.inbound.lane.connections === 0 && stage.passed.ends.length === 500);
      await until(() => stage.server.clients.size === 0);
      expect(stage.inbound.sockets).toEqual([]);
      expect(stage.inbound.reports).toEqual([]);
    }
    await until(() => openSockets().length <= before.length);
  }, 60_000);
});
