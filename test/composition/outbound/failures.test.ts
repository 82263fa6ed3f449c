import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { OutboundAttempt, outboundLane } from '../../helpers/outbound-attempt.ts';
import { RawUpstream, type UpstreamConnection } from '../../helpers/raw-upstream.ts';
import { until } from '../../helpers/until.ts';

/** A GET to an upstream that, once asked, does this. */
async function failing(act: (connection: UpstreamConnection) => void | Promise<void>) {
  await using upstream = await RawUpstream.start(async (connection) => {
    await connection.request();
    await act(connection);
  });
  await using lane = outboundLane(upstream.url);
  const attempt = await new OutboundAttempt(lane).done();
  await (await upstream.connection()).closed();
  return attempt;
}

describe('duty 35: an answer that is cut', () => {
  const heads: Record<string, string> = {
    'by length': 'Content-Length: 9\r\n\r\nhello',
    'by length, on a connection that was to close': 'Connection: close\r\nContent-Length: 9\r\n\r\nhello',
    'in a chunk': 'Transfer-Encoding: chunked\r\n\r\n9\r\nhello',
    'between chunks': 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
    'before the last chunk, on a connection that was to close':
      'Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
    'in its trailers': 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n',
  };
  it.each(Object.entries(heads))('%s, by FIN: reset, never an end', async (_, rest) => {
    const attempt = await failing((connection) => {
      connection.send(`HTTP/1.1 200 OK\r\n${rest}`);
      connection.end();
    });
    expect(attempt.calls).toEqual(['head', 'data', 'error']);
    expect(attempt.error?.kind).toBe('reset');
  });

  it.each([...Object.entries(heads), ['without length', '\r\nhello']])(
    '%s, by RST: reset, never an end',
    async (_, rest) => {
      await using upstream = await RawUpstream.start(async (connection) => {
        await connection.request();
        connection.send(`HTTP/1.1 200 OK\r\n${rest}`);
      });
      await using lane = outboundLane(upstream.url);
      const attempt = new OutboundAttempt(lane);
      await until(() => attempt.body === 'hello');
      (await upstream.connection()).reset();
      await attempt.done();
      expect(attempt.calls).toEqual(['head', 'data', 'error']);
      expect(attempt.error?.kind).toBe('reset');
    },
  );

  it('by RST while the client holds it back: reset, never an end', async () => {
    await using upstream = await RawUpstream.start(async (connection) => {
      await connection.request();
      connection.send('HTTP/1.1 200 OK\r\n\r\nhello');
    });
    await using lane = outboundLane(upstream.url);
    const attempt = new OutboundAttempt(lane);
    attempt.hold = true;
    await until(() => attempt.body === 'hello');
    (await upstream.connection()).reset();
    attempt.attempt.resume();
    await attempt.done();
    expect(attempt.error?.kind).toBe('reset');
  });

  it('whose end is that of the connection is complete after FIN', async () => {
    const attempt = await failing((connection) => {
      connection.send('HTTP/1.1 200 OK\r\n\r\nhello');
      connection.end();
    });
    expect(attempt.calls).toEqual(['head', 'data', 'end']);
    expect(attempt.body).toBe('hello');
  });
});

describe('duty 36: no answer', () => {
  it('connection refused: connect', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    await using lane = outboundLane(`http://127.0.0.1:${port}`);
    for (let nth = 0; nth < 3; nth++) {
      const attempt = await new OutboundAttempt(lane).done();
      expect(attempt.calls).toEqual(['error']);
      expect(attempt.error?.kind).toBe('connect');
      expect(attempt.error?.cause).toMatchObject({ code: 'ECONNREFUSED' });
    }
  });

  it('no TLS on the other side: connect', async () => {
    await using upstream = await RawUpstream.start((connection) => {
      connection.send('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    await using lane = outboundLane(upstream.url.replace('http:', 'https:'));
    expect((await new OutboundAttempt(lane).done()).error?.kind).toBe('connect');
  });

  it('a TLS handshake that is never answered: connect_timeout', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url.replace('http:', 'https:'), { connectTimeoutMs: 100 });
    expect((await new OutboundAttempt(lane).done()).error?.kind).toBe('connect_timeout');
  });

  it.each<[string, (connection: UpstreamConnection) => void]>([
    ['FIN instead of an answer', (connection) => connection.end()],
    ['RST instead of an answer', (connection) => connection.reset()],
    [
      'FIN in the middle of the head',
      (connection) => {
        connection.send('HTTP/1.1 200 OK\r\nConte');
        connection.end();
      },
    ],
    [
      'FIN after an interim response',
      (connection) => {
        connection.send('HTTP/1.1 103 Early Hints\r\n\r\n');
        connection.end();
      },
    ],
  ])('%s: reset', async (_, act) => {
    const attempt = await failing(act);
    expect(attempt.head).toBeNull();
    expect(attempt.error?.kind).toBe('reset');
  });
});
