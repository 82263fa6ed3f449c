import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ClientBody, OutboundAttempt, outboundLane } from '../../helpers/outbound-attempt.ts';
import { RawUpstream, type UpstreamConnection } from '../../helpers/raw-upstream.ts';
import { until } from '../../helpers/until.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

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

describe('time limits', () => {
  it('no head in time: headers_timeout, and the connection is closed', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url, { responseTimeoutMs: 100 });
    const attempt = await new OutboundAttempt(lane).done();
    expect(attempt.error?.kind).toBe('headers_timeout');
    await (await upstream.connection()).closed();
  });

  it('no head in time after a whole request body: headers_timeout', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url, { responseTimeoutMs: 100 });
    const body = new ClientBody(4);
    const attempt = new OutboundAttempt(lane, { method: 'POST', body });
    await body.end('1234');
    expect((await attempt.done()).error?.kind).toBe('headers_timeout');
    await (await upstream.connection()).closed();
  });

  it('a client that sends its body slowly never counts against the upstream', async () => {
    await using upstream = await RawUpstream.answering(OK);
    await using lane = outboundLane(upstream.url, { responseTimeoutMs: 100 });
    const body = new ClientBody(4);
    const attempt = new OutboundAttempt(lane, { method: 'POST', body });
    await body.send('12');
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect(attempt.over).toBe(false);
    await body.end('34');
    expect((await attempt.ended()).body).toBe('ok');
  });

  it('an upstream that does not read the request body: headers_timeout', async () => {
    await using upstream = await RawUpstream.start((connection) => {
      connection.socket.pause();
    });
    await using lane = outboundLane(upstream.url, { responseTimeoutMs: 200 });
    const body = new ClientBody(64 * 1024 * 1024);
    const attempt = new OutboundAttempt(lane, { method: 'POST', body });
    const piece = Buffer.alloc(64 * 1024);
    while (!body.paused && !attempt.over) {
      await body.send(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await attempt.done()).error?.kind).toBe('headers_timeout');
  });

  it('an answer that stops in its body: body_timeout, and the connection is closed', async () => {
    await using upstream = await RawUpstream.answering('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello');
    await using lane = outboundLane(upstream.url, { idleBodyTimeoutMs: 100 });
    const attempt = await new OutboundAttempt(lane).done();
    expect(attempt.calls).toEqual(['head', 'data', 'error']);
    expect(attempt.error?.kind).toBe('body_timeout');
    await (await upstream.connection()).closed();
  });

  it('an answer to a request with a body that stops: body_timeout', async () => {
    await using upstream = await RawUpstream.answering('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello');
    await using lane = outboundLane(upstream.url, { idleBodyTimeoutMs: 100 });
    const body = new ClientBody(4);
    const attempt = new OutboundAttempt(lane, { method: 'POST', body });
    await body.end('1234');
    expect((await attempt.done()).error?.kind).toBe('body_timeout');
  });

  it.each(['GET', 'POST'])('a client that does not read the answer never counts: %s', async (method) => {
    const size = 4 * 1024 * 1024;
    await using upstream = await RawUpstream.start(async (connection) => {
      await connection.waitFor('\r\n\r\n');
      connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      connection.send(Buffer.alloc(size, 'x'));
    });
    await using lane = outboundLane(upstream.url, { idleBodyTimeoutMs: 150 });
    const body = method === 'POST' ? new ClientBody(4) : null;
    const attempt = new OutboundAttempt(lane, { method, body });
    attempt.hold = true;
    await body?.end('1234');
    await until(() => attempt.chunks.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(attempt.over).toBe(false);
    attempt.hold = false;
    attempt.attempt.resume();
    expect((await attempt.ended()).body.length).toBe(size);
  });

  it('an upstream that answers while its client is still sending is not blamed for the pause', async () => {
    await using upstream = await RawUpstream.start(async (connection) => {
      await connection.waitFor('1234');
      connection.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n1234\r\n');
      await connection.waitFor('5678');
      connection.send('4\r\n5678\r\n0\r\n\r\n');
    });
    await using lane = outboundLane(upstream.url, { idleBodyTimeoutMs: 100 });
    const body = new ClientBody();
    const attempt = new OutboundAttempt(lane, { method: 'POST', body });
    await body.send('1234');
    await until(() => attempt.body === '1234');
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect(attempt.over).toBe(false);
    await body.end('5678');
    expect((await attempt.ended()).body).toBe('12345678');
  });
});

describe('an attempt that is given up', () => {
  it('before the connection stands is never sent', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url);
    const attempt = new OutboundAttempt(lane);
    attempt.attempt.abort();
    const second = new OutboundAttempt(lane, { path: '/second' });
    const connection = await upstream.connection();
    await connection.waitFor('/second');
    expect(connection.text).not.toContain('GET / ');
    second.attempt.abort();
    await connection.closed();
    expect(attempt.calls).toEqual([]);
  });

  it('while it waits for the head closes the connection; the sink hears nothing', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url);
    const attempt = new OutboundAttempt(lane);
    const connection = await upstream.connection();
    await connection.request();
    attempt.attempt.abort();
    attempt.attempt.abort();
    await connection.closed();
    expect(attempt.calls).toEqual([]);
  });

  it.each([false, true])('in the middle of the body closes the connection (held back: %s)', async (hold) => {
    await using upstream = await RawUpstream.answering('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello');
    await using lane = outboundLane(upstream.url);
    const attempt = new OutboundAttempt(lane);
    attempt.hold = hold;
    await until(() => attempt.chunks.length > 0);
    attempt.attempt.abort();
    attempt.attempt.resume();
    await (await upstream.connection()).closed();
    expect(attempt.calls).toEqual(['head', 'data']);
  });

  it('in the middle of its request body closes the connection, and the request stays incomplete', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url);
    const body = new ClientBody();
    const attempt = new OutboundAttempt(lane, { method: 'POST', body });
    await body.send('1234');
    const connection = await upstream.connection();
    await connection.waitFor('1234');
    attempt.attempt.abort();
    await body.send('5678');
    await body.end();
    await connection.closed();
    expect(connection.text).not.toContain('5678');
    expect(connection.text).not.toContain('0\r\n\r\n');
    expect(attempt.calls).toEqual([]);
  });

  it('while it waits for a free connection leaves that connection in use', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url, { maxConnections: 1 });
    const first = new OutboundAttempt(lane);
    const connection = await upstream.connection();
    await connection.request();
    const waiting = Array.from({ length: 5 }, () => new OutboundAttempt(lane, { path: '/waiting' }));
    const last = new OutboundAttempt(lane, { path: '/last' });
    await new Promise((resolve) => setImmediate(resolve));
    for (const { attempt } of waiting) attempt.abort();
    connection.send(OK);
    await first.ended();
    expect((await connection.request()).target).toBe('/last');
    connection.send(OK);
    await last.ended();
    expect(upstream.connections).toHaveLength(1);
    expect(waiting.flatMap(({ calls }) => calls)).toEqual([]);
  });
});
