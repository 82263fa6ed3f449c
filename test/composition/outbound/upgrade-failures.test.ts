import { describe, expect, it } from 'vitest';
import { freePort } from '../../helpers/free-port.ts';
import { outboundLane } from '../../helpers/outbound-attempt.ts';
import { openSockets, watchTimers } from '../../helpers/process-resources.ts';
import { RawUpstream, type UpstreamConnection } from '../../helpers/raw-upstream.ts';
import { until } from '../../helpers/until.ts';
import { ACCEPT, SWITCHED, UpgradeProbe } from './upgrade-probe.ts';

/** An upgrade at an upstream that, once asked, does this. Its connection ends with the attempt. */
async function attempted(
  act: string | ((connection: UpstreamConnection) => void | Promise<void>),
  options: Parameters<typeof outboundLane>[1] = {},
) {
  await using upstream = await RawUpstream.start(async (connection) => {
    await connection.request();
    if (typeof act === 'string') connection.send(act);
    else await act(connection);
  });
  await using lane = outboundLane(upstream.url, options);
  const probe = await new UpgradeProbe(lane).done();
  await (await upstream.connection()).closed();
  return probe;
}

describe('a refused upgrade', () => {
  it('is told as the answer of a plain attempt: by length', async () => {
    const probe = await attempted(
      'HTTP/1.1 401 No\r\nConnection: X-Hop\r\nX-Hop: 1\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 3\r\n\r\nwho',
    );
    expect(probe.calls).toEqual(['sent', 'head', 'data', 'end']);
    expect(probe.head).toEqual({
      status: 401,
      reason: 'No',
      headers: ['Set-Cookie', 'a', 'Set-Cookie', 'b', 'Content-Length', '3'],
    });
    expect(probe.body).toBe('who');
  });

  it('in chunks, with trailers', async () => {
    const probe = await attempted(
      'HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbusy\r\n0\r\nX-T: 1\r\nSet-Cookie: a\r\n\r\n',
    );
    expect([probe.body, probe.trailers]).toEqual(['busy', ['X-T', '1']]);
    expect(probe.head?.headers).toEqual([]);
  });

  it('that ends with its connection', async () => {
    const probe = await attempted((connection) => {
      connection.send('HTTP/1.1 500 Oh\r\n\r\nhello');
      connection.end();
    });
    expect(probe.calls).toEqual(['sent', 'head', 'data', 'end']);
    expect(probe.body).toBe('hello');
  });

  it('without a body', async () => {
    expect((await attempted('HTTP/1.1 204 No\r\n\r\n')).calls).toEqual(['sent', 'head', 'end']);
  });

  it('behind interim answers, which are passed on', async () => {
    const probe = await attempted(
      'HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\nHTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n',
    );
    expect(probe.interims).toEqual([{ status: 103, headers: ['Link', '</a>'] }]);
    expect(probe.head?.status).toBe(403);
  });

  it('is held back when its reader asks for it, without blame', async () => {
    const size = 8 * 1_024 * 1_024;
    await using upstream = await RawUpstream.start(async (connection) => {
      await connection.request();
      connection.send(`HTTP/1.1 400 No\r\nContent-Length: ${size}\r\n\r\n`);
      connection.send(Buffer.alloc(size, 'x'));
    });
    await using lane = outboundLane(upstream.url, { idleBodyTimeoutMs: 200 });
    const probe = new UpgradeProbe(lane);
    probe.hold = true;
    await until(() => probe.chunks.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(probe.chunks.length).toBe(1);
    expect(probe.over).toBe(false);
    probe.hold = false;
    probe.attempt.resume();
    expect((await probe.ended()).body.length).toBe(size);
  });

  it.each([
    ['by length', 'Content-Length: 9\r\n\r\nhello'],
    ['in a chunk', 'Transfer-Encoding: chunked\r\n\r\n9\r\nhello'],
    ['without length', '\r\nhello'],
  ])('whose body is cut by RST never looks complete: %s', async (_how, rest) => {
    await using upstream = await RawUpstream.start(async (connection) => {
      await connection.request();
      connection.send(`HTTP/1.1 401 No\r\n${rest}`);
    });
    await using lane = outboundLane(upstream.url);
    const probe = new UpgradeProbe(lane);
    await until(() => probe.body === 'hello');
    (await upstream.connection()).reset();
    await probe.done();
    expect(probe.calls).toEqual(['sent', 'head', 'data', 'error']);
    expect(probe.error?.kind).toBe('reset');
  });
});

describe('a switch that is none', () => {
  const fields = (connection: string, upgrade: string, accept: string) =>
    `HTTP/1.1 101 Switching Protocols\r\n${connection}${upgrade}${accept}\r\n`;
  const [connection, upgrade] = ['Connection: Upgrade\r\n', 'Upgrade: websocket\r\n'];
  const accept = `Sec-WebSocket-Accept: ${ACCEPT}\r\n`;
  it.each([
    ['to another protocol', fields(connection, 'Upgrade: h2c\r\n', accept)],
    ['to two protocols', fields(connection, 'Upgrade: websocket, h2c\r\n', accept)],
    ['without Upgrade', fields(connection, '', accept)],
    ['without Connection', fields('', upgrade, accept)],
    ['without Accept', fields(connection, upgrade, '')],
    ['with another key’s Accept', fields(connection, upgrade, `${accept.slice(0, -4)}x=\r\n`)],
    ['with two Accepts', fields(connection, upgrade, accept + accept)],
    ['with a control character in a field', fields(connection, upgrade, `${accept}X: a\x01b\r\n`)],
  ])('duty 55: %s: protocol, and the connection is closed', async (_how, head) => {
    const probe = await attempted(`${head}hello`);
    expect(probe.calls).toEqual(['sent', 'error']);
    expect(probe.error?.kind).toBe('protocol');
  });
});

describe('an upgrade without an answer', () => {
  it('connection refused: connect', async () => {
    await using lane = outboundLane(`http://127.0.0.1:${await freePort()}`);
    const probe = await new UpgradeProbe(lane).done();
    expect(probe.calls).toEqual(['error']);
    expect(probe.error?.kind).toBe('connect');
  });

  it('a TLS handshake that is never answered: connect_timeout', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url.replace('http:', 'https:'), { connectTimeoutMs: 100 });
    const probe = await new UpgradeProbe(lane).done();
    expect(probe.calls).toEqual(['error']);
    expect(probe.error?.kind).toBe('connect_timeout');
    await (await upstream.connection()).closed();
  });

  it.each<[string, string | ((connection: UpstreamConnection) => void), string]>([
    ['FIN', (connection) => connection.end(), 'reset'],
    ['RST', (connection) => connection.reset(), 'reset'],
    [
      'FIN in the middle of the head',
      (connection) => {
        connection.send('HTTP/1.1 101 Swi');
        connection.end();
      },
      'reset',
    ],
    ['what is not HTTP', 'hello, who is there?\r\n\r\n', 'protocol'],
    ['a head without end', `HTTP/1.1 401 No\r\nX: ${'a'.repeat(70_000)}`, 'protocol'],
    ['more interim answers than anybody needs', 'HTTP/1.1 103 Early\r\n\r\n'.repeat(40), 'protocol'],
    ['a bad length', 'HTTP/1.1 401 No\r\nContent-Length: 1, 2\r\n\r\n', 'protocol'],
    ['another coding', 'HTTP/1.1 401 No\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n', 'protocol'],
    ['a status that is none', 'HTTP/1.1 099 No\r\n\r\n', 'protocol'],
  ])('%s', async (_what, act, kind) => {
    const probe = await attempted(act);
    expect(probe.head).toBeNull();
    expect(probe.error?.kind).toBe(kind);
  });

  it('no head in time: headers_timeout', async () => {
    const probe = await attempted(() => {}, { responseTimeoutMs: 100 });
    expect(probe.error?.kind).toBe('headers_timeout');
  });

  it('a body that stops: body_timeout', async () => {
    const probe = await attempted('HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\nhello', {
      idleBodyTimeoutMs: 100,
    });
    expect(probe.calls).toEqual(['sent', 'head', 'data', 'error']);
    expect(probe.error?.kind).toBe('body_timeout');
  });
});

describe('an upgrade that is given up', () => {
  it('at any stage leaves no socket and no timer, and its sink hears nothing more', async () => {
    const before = openSockets();
    using timers = watchTimers();
    {
      await using upstream = await RawUpstream.start(async (connection) => {
        await connection.request();
        connection.send('HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\n');
      });
      await using silent = await RawUpstream.start();
      await using plain = outboundLane(upstream.url);
      await using tls = outboundLane(silent.url.replace('http:', 'https:'));
      await using waiting = outboundLane(silent.url);

      const unsent = new UpgradeProbe(plain);
      unsent.attempt.abort();
      const shaking = new UpgradeProbe(tls);
      await silent.connection(0);
      shaking.attempt.abort();
      await (await silent.connection(0)).closed();
      const sent = new UpgradeProbe(waiting);
      await (await silent.connection(1)).request();
      sent.attempt.abort();
      sent.attempt.abort();
      await (await silent.connection(1)).closed();
      const answered = new UpgradeProbe(plain);
      await until(() => answered.head !== null);
      answered.attempt.abort();
      answered.attempt.resume();
      await (await upstream.connection(0)).closed();
      await new Promise((resolve) => setTimeout(resolve, 20));

      expect(upstream.connections).toHaveLength(1);
      expect([unsent.calls, shaking.calls, sent.calls, answered.calls]).toEqual([
        [],
        [],
        ['sent'],
        ['sent', 'head'],
      ]);
    }
    await until(() => openSockets().length <= before.length);
    expect(timers.running()).toEqual([]);
  });

  it('by its own sink, as soon as it hears of the connection, is not sent', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url);
    class GivesUp extends UpgradeProbe {
      override onSent(): void {
        this.attempt.abort();
      }
    }
    new GivesUp(lane);
    const connection = await upstream.connection();
    await connection.closed();
    expect(connection.text).toBe('');
  });
});

describe('closing the lane', () => {
  it('waits for upgrades that are not decided, and not for tunnels', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url);
    const first = new UpgradeProbe(lane);
    const connection = await upstream.connection();
    await connection.request();
    let closed = false;
    const closing = lane.close().then(() => {
      closed = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(closed).toBe(false);
    connection.send(SWITCHED);
    const tunnel = await first.switched();
    await closing;
    tunnel.write('goes on');
    await connection.waitFor('goes on');
    lane.destroy();
    await connection.closed();
  });

  it('by destroy fails upgrades that are not decided', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url);
    const probe = new UpgradeProbe(lane);
    await (await upstream.connection()).request();
    lane.destroy();
    expect((await probe.done()).error?.kind).toBe('reset');
    await (await upstream.connection()).closed();
  });
});
