import { describe, expect, it } from 'vitest';
import { ClientBody, OutboundAttempt, outboundLane } from '../../helpers/outbound-attempt.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { until } from '../../helpers/until.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

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
    await using lane = outboundLane(upstream.url, { responseTimeoutMs: 500 });
    const body = new ClientBody(4);
    const attempt = new OutboundAttempt(lane, { method: 'POST', body });
    await body.send('12');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
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
    await using lane = outboundLane(upstream.url, { idleBodyTimeoutMs: 500 });
    const body = method === 'POST' ? new ClientBody(4) : null;
    const attempt = new OutboundAttempt(lane, { method, body });
    attempt.hold = true;
    await body?.end('1234');
    await until(() => attempt.chunks.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
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
    await using lane = outboundLane(upstream.url, { idleBodyTimeoutMs: 500 });
    const body = new ClientBody();
    const attempt = new OutboundAttempt(lane, { method: 'POST', body });
    await body.send('1234');
    await until(() => attempt.body === '1234');
    // undici's own limit, which must not run here, is up to a second late.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(attempt.over).toBe(false);
    await body.end('5678');
    expect((await attempt.ended()).body).toBe('12345678');
  });
});
