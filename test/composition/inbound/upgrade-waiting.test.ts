import { describe, expect, it } from 'vitest';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { answer, TestLane } from '../../helpers/test-lane.ts';
import { until } from '../../helpers/until.ts';
import { handshake, SWITCHED, wired } from './upgrade-kit.ts';

const GET = 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n';
const REFUSED = 'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 3\r\n\r\nwho';

/** An upstream that answers each request only when told. */
async function slowUpstream() {
  const upstream = await RawUpstream.start();
  const lanes = await wired(upstream.url);
  return {
    ...lanes,
    upstream,
    async [Symbol.asyncDispose]() {
      await lanes[Symbol.asyncDispose]();
      await upstream.close();
    },
  };
}

describe('bytes that a client sends before the 101', () => {
  it('duty 56: go to the upstream behind its answer, none lost, however the client’s bytes are cut', async () => {
    const early = 'GET /never HTTP/1.1\r\nHost: a\r\n\r\nand more';
    const bytes = Buffer.from(handshake() + early, 'latin1');
    await using stage = await slowUpstream();
    const cuts = [
      0,
      20,
      ...Array.from({ length: 12 }, (_, nth) => handshake().length - 8 + nth),
      bytes.length,
    ];
    for (const [nth, cut] of cuts.entries()) {
      await using client = await stage.inbound.connect();
      const handled = stage.inbound.handled.length;
      if (cut > 0) {
        client.send(bytes.subarray(0, cut));
        await until(() => stage.inbound.sockets.at(-1)?.bytesRead === cut);
      }
      client.send(bytes.subarray(cut));
      const server = await stage.upstream.connection(nth);
      await server.request();
      await until(() => stage.inbound.sockets.at(-1)?.bytesRead === bytes.length);
      expect(server.unconsumed.length).toBe(0);
      server.send(SWITCHED);
      await client.waitFor('\r\n\r\n');
      await until(() => server.unconsumed.length === early.length);
      expect(server.unconsumed.toString('latin1')).toBe(early);
      expect(stage.inbound.handled.length).toBe(handled + 1);
    }
  });

  it('duty 56: are held back by TCP when they are many, and then none is lost', async () => {
    await using stage = await slowUpstream();
    await using client = await stage.inbound.connect();
    const early = Buffer.alloc(20_000_000, 'early');
    client.send(handshake());
    client.send(early);
    const server = await stage.upstream.connection();
    await server.request();
    const [socket] = stage.inbound.sockets;
    let read = -1;
    await until(() => {
      const before = read;
      read = socket!.bytesRead;
      return read === before && read > 65_536;
    });
    expect(read).toBeLessThan(400_000);
    server.send(SWITCHED);
    await until(() => server.unconsumed.length === early.length, 30_000);
    expect(server.unconsumed.equals(early)).toBe(true);
  }, 40_000);

  it('are never taken for a request when the upgrade is refused: the connection ends', async () => {
    await using stage = await slowUpstream();
    for (const [nth, together] of [true, false].entries()) {
      await using client = await stage.inbound.connect();
      const handled = stage.inbound.handled.length;
      client.send(together ? handshake() + GET : handshake());
      const server = await stage.upstream.connection(nth);
      await server.request();
      if (!together) client.send(GET);
      await until(() => stage.inbound.sockets[0]?.bytesRead === handshake().length + GET.length);
      server.send(REFUSED);
      const response = await client.response();
      expect(response.status).toBe(401);
      expect(response.header('connection')).toBe('close');
      expect(await client.closed()).toBe('end');
      expect(client.unconsumed.length).toBe(0);
      expect(stage.inbound.handled.length).toBe(handled + 1);
      client.destroy();
      await until(() => stage.inbound.sockets.length === 0);
    }
  });

  it('that come while a refusal is on its way are not taken for a request either', async () => {
    let finish = () => {};
    await using lane = await TestLane.start((_, reply) => {
      reply.head(503, '', []);
      finish = () => reply.end(Buffer.from('busy'));
    });
    await using client = await lane.connect();
    client.send(handshake());
    await client.waitFor('\r\n\r\n');
    client.send(GET);
    await until(() => lane.sockets[0]?.bytesRead === handshake().length + GET.length);
    finish();
    expect((await client.response()).body.toString()).toBe('busy');
    expect(await client.closed()).toBe('end');
    expect(lane.handled.length).toBe(1);
  });
});

describe('an upgrade that is refused', () => {
  it('is answered like every request, and the connection goes on', async () => {
    await using upstream = await RawUpstream.start(async (connection) => {
      const { target } = await connection.request();
      if (target === '/401') connection.send(REFUSED);
      else if (target === '/chunked') {
        connection.send('HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbusy\r\n0\r\n\r\n');
      } else connection.send(`${SWITCHED}hello`);
    });
    await using lanes = await wired(upstream.url);
    await using client = await lanes.inbound.connect();
    const refused = await client.ask(handshake('/401'));
    expect(refused.status).toBe(401);
    expect(refused.body.toString()).toBe('who');
    expect(refused.header('www-authenticate')).toBe('Basic');
    expect(refused.header('connection')).toBeUndefined();
    expect((await client.ask(GET)).body.toString()).toBe('/next');
    const busy = await client.ask(handshake('/chunked'));
    expect([busy.status, busy.body.toString()]).toEqual([503, 'busy']);
    expect((await client.ask(GET + GET)).body.toString()).toBe('/next');
    expect((await client.response()).body.toString()).toBe('/next');
    expect((await client.ask(handshake('/yes'))).status).toBe(101);
    await client.waitFor('hello');
    // None of the connections to the upstream is used for anything else, and refusals leave none.
    expect(upstream.connections.length).toBe(3);
    await until(() => upstream.connections.filter(({ ended }) => ended === null).length === 1);
  });

  it('ends the connection when the client asked for it', async () => {
    await using upstream = await RawUpstream.answering(REFUSED);
    await using lanes = await wired(upstream.url);
    await using client = await lanes.inbound.connect();
    client.send(handshake().replace('Connection: Upgrade', 'Connection: Upgrade, close'));
    expect((await client.response()).header('connection')).toBe('close');
    expect(await client.closed()).toBe('end');
  });

  it('by an upstream that breaks is told like every failure', async () => {
    await using upstream = await RawUpstream.start(async (connection) => {
      await connection.request();
      connection.reset();
    });
    await using lanes = await wired(upstream.url);
    await using client = await lanes.inbound.connect();
    expect((await client.ask(handshake())).status).toBe(502);
    expect((await client.ask(GET)).status).toBe(200);
    expect(lanes.passed.errors.map(({ kind }) => kind)).toEqual(['reset']);
  });
});

describe('a client that waits for its upgrade', () => {
  it.each(['end', 'reset', 'destroy'] as const)(
    'and leaves (%s) takes the attempt with it',
    async (leave) => {
      await using stage = await slowUpstream();
      for (const [nth, early] of ['', 'early'].entries()) {
        await using client = await stage.inbound.connect();
        client.send(handshake() + early);
        const server = await stage.upstream.connection(nth);
        await server.request();
        client[leave]();
        await until(() => stage.passed.gone === nth + 1);
        await server.closed();
        await until(() => stage.inbound.lane.connections === 0);
      }
      expect(stage.passed.ends).toEqual([]);
    },
  );

  it('duty 39: gets its 101 behind the answers to the requests before it', async () => {
    await using upstream = await RawUpstream.start(async (connection) => {
      await connection.request();
      connection.send(SWITCHED);
      connection.socket.pipe(connection.socket);
    });
    await using lanes = await wired(upstream.url);
    await using client = await lanes.inbound.connect();
    client.send(`${GET + GET + handshake()}early`);
    expect((await client.response()).body.toString()).toBe('/next');
    expect((await client.response()).body.toString()).toBe('/next');
    expect((await client.response()).status).toBe(101);
    await until(() => client.unconsumed.toString() === 'early');
  });

  it('may be answered in the very turn in which it asks', async () => {
    await using upstream = await RawUpstream.start();
    const { connect } = await import('node:net');
    await using lane = await TestLane.start((request, reply) => {
      if (request.upgrade === null) answer(reply, 'plain');
      else reply.switchProtocols([], connect(upstream.port, '127.0.0.1'), 60_000, () => {});
    });
    await using client = await lane.connect();
    client.send(`${handshake()}early`);
    expect((await client.response()).status).toBe(101);
    const server = await upstream.connection();
    await until(() => server.text === 'early');
  });
});
