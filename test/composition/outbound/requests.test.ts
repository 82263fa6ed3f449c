import { describe, expect, it } from 'vitest';
import { InboundBodyError } from '../../../src/http/message.ts';
import { ClientBody, OutboundAttempt, outboundLane } from '../../helpers/outbound-attempt.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { until } from '../../helpers/until.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

describe('a request', () => {
  it('goes out with its path byte for byte and its fields in order', async () => {
    await using upstream = await RawUpstream.answering(OK);
    await using lane = outboundLane(upstream.url);
    const path = '/a/%2E%2e/;x=1//b?q=%00&r=|{}"';
    const headers = ['X-b', '1', 'Host', 'Example.test:81', 'X-A', '2', 'X-b', '3', 'Cookie', 'caf\xe9'];
    await new OutboundAttempt(lane, { path, headers }).ended();
    const lines = (await upstream.connection()).text.split('\r\n');
    expect(lines[0]).toBe(`GET ${path} HTTP/1.1`);
    expect(lines.slice(1)).toEqual([
      'host: Example.test:81',
      'connection: keep-alive',
      'X-b: 1',
      'X-A: 2',
      'X-b: 3',
      'Cookie: caf\xe9',
      '',
      '',
    ]);
  });

  it.each(['GET', 'HEAD', 'DELETE', 'OPTIONS'])('%s without a body has no framing fields', async (method) => {
    await using upstream = await RawUpstream.answering(OK);
    await using lane = outboundLane(upstream.url);
    await new OutboundAttempt(lane, { method }).ended();
    expect((await upstream.connection()).text).not.toMatch(/content-length|transfer-encoding/i);
  });
});

describe('duty 26: a request body', () => {
  it.each(['GET', 'POST', 'DELETE', 'OPTIONS', 'BREW'])('of known length keeps it: %s', async (method) => {
    await using upstream = await RawUpstream.answering(OK);
    await using lane = outboundLane(upstream.url);
    const body = new ClientBody(8);
    const attempt = new OutboundAttempt(lane, { method, body });
    await body.send('1234');
    await body.end('5678');
    await attempt.ended();
    const { text } = await upstream.connection();
    expect(text.match(/content-length/gi)).toHaveLength(1);
    expect(text).toMatch(/content-length: 8\r\n\r\n12345678$/i);
  });

  it.each(['GET', 'POST', 'DELETE', 'OPTIONS', 'BREW'])(
    'of unknown length is chunked: %s',
    async (method) => {
      await using upstream = await RawUpstream.answering((request) => {
        return `HTTP/1.1 200 OK\r\nX-Framing: ${request.framing}\r\nContent-Length: ${request.body.length}\r\n\r\n${request.body}`;
      });
      await using lane = outboundLane(upstream.url);
      const body = new ClientBody();
      const attempt = new OutboundAttempt(lane, { method, body });
      await body.send('1234');
      await body.end('5678');
      await attempt.ended();
      expect(attempt.all('x-framing')).toEqual(['chunked']);
      expect(attempt.body).toBe('12345678');
    },
  );

  it('of unknown length that turns out empty is a request of its own, not the start of another', async () => {
    await using upstream = await RawUpstream.answering(OK);
    await using lane = outboundLane(upstream.url);
    const body = new ClientBody();
    const attempt = new OutboundAttempt(lane, { method: 'POST', body });
    await body.end();
    await attempt.ended();
    await new OutboundAttempt(lane, { path: '/next' }).ended();
    expect(upstream.failures).toEqual([]);
  });

  it('is not asked for before there is a connection', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url, { maxConnections: 1 });
    new OutboundAttempt(lane);
    await upstream.connection();
    const body = new ClientBody(4);
    new OutboundAttempt(lane, { method: 'POST', body });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(body.started).toBe(false);
  });

  it('is held back when the upstream does not read, and arrives whole when it does', async () => {
    const size = 16 * 1024 * 1024;
    await using upstream = await RawUpstream.start((connection) => {
      connection.socket.pause();
    });
    await using lane = outboundLane(upstream.url);
    const body = new ClientBody(size);
    const attempt = new OutboundAttempt(lane, { method: 'POST', body });
    const piece = Buffer.alloc(64 * 1024, 'x');
    let sent = 0;
    while (!body.paused && sent < size) {
      await body.send(piece);
      sent += piece.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    // The kernel's buffers on both sides, and little of our own.
    expect(sent).toBeLessThan(size);
    const connection = await upstream.connection();
    connection.socket.resume();
    while (sent < size) {
      await until(() => !body.paused);
      await body.send(piece);
      sent += piece.length;
    }
    await body.end();
    await until(() => connection.received.length > size);
    connection.send(OK);
    await attempt.ended();
    expect(connection.received.subarray(-size).every((byte) => byte === 0x78)).toBe(true);
  });
});

describe('duty 24: a request body that breaks', () => {
  it.each(['aborted', 'timeout', 'too_large', 'malformed'] as const)(
    '(%s) never completes the request upstream: by length',
    async (code) => {
      await using upstream = await RawUpstream.start();
      await using lane = outboundLane(upstream.url);
      const body = new ClientBody(8);
      const attempt = new OutboundAttempt(lane, { method: 'POST', body });
      await body.send('1234');
      const connection = await upstream.connection();
      await connection.waitFor('1234');
      await body.fail(code);
      await attempt.done();
      expect(attempt.calls).toEqual(['error']);
      expect(attempt.error?.kind).toBe('request_body');
      expect(attempt.error?.cause).toBeInstanceOf(InboundBodyError);
      expect(attempt.error?.cause).toMatchObject({ code });
      await connection.closed();
      expect(connection.text).toMatch(/content-length: 8\r\n\r\n1234$/i);
    },
  );

  it('never completes the request upstream: chunked', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url);
    const body = new ClientBody();
    const attempt = new OutboundAttempt(lane, { method: 'POST', body });
    await body.send('1234');
    const connection = await upstream.connection();
    await connection.waitFor('1234');
    await body.fail('aborted');
    expect((await attempt.done()).error?.kind).toBe('request_body');
    await connection.closed();
    expect(connection.text).toMatch(/\r\n\r\n4\r\n1234(\r\n)?$/);
  });

  it('before its first byte sends nothing of the request', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url);
    const body = new ClientBody(8);
    const attempt = new OutboundAttempt(lane, { method: 'POST', body });
    await body.fail('aborted');
    expect((await attempt.done()).error?.kind).toBe('request_body');
    const connection = await upstream.connection();
    await connection.closed();
    expect(connection.text).toBe('');
  });

  it('after the head of the answer breaks the answer too', async () => {
    await using upstream = await RawUpstream.start(async (connection) => {
      await connection.waitFor('1234');
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n1234');
    });
    await using lane = outboundLane(upstream.url);
    const body = new ClientBody(8);
    const attempt = new OutboundAttempt(lane, { method: 'POST', body });
    await body.send('1234');
    await until(() => attempt.body === '1234');
    await body.fail('aborted');
    expect((await attempt.done()).calls).toEqual(['head', 'data', 'error']);
    await (await upstream.connection()).closed();
  });

  it('that is longer than announced never reaches the upstream beyond its length', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url);
    const body = new ClientBody(4);
    const attempt = new OutboundAttempt(lane, { method: 'POST', body });
    await body.send('1234');
    await body.send('GET /smuggled HTTP/1.1\r\n\r\n');
    await attempt.done();
    const connection = await upstream.connection();
    await connection.closed();
    expect(connection.text).not.toContain('smuggled');
  });
});

describe('duty 34: an answer that comes before the request is complete', () => {
  it('is relayed whole, and the connection is not used again', async () => {
    let nth = 0;
    await using upstream = await RawUpstream.start(async (connection) => {
      await connection.waitFor('\r\n\r\n');
      connection.send(nth++ === 0 ? 'HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig' : OK);
    });
    await using lane = outboundLane(upstream.url, { maxConnections: 1 });
    const body = new ClientBody(1_000_000);
    const attempt = new OutboundAttempt(lane, { method: 'POST', body });
    await body.send('1234');
    await attempt.ended();
    expect(attempt.head?.status).toBe(413);
    expect(attempt.body).toBe('big');
    await (await upstream.connection(0)).closed();
    expect((await new OutboundAttempt(lane).ended()).body).toBe('ok');
    expect(upstream.connections).toHaveLength(2);
  });
});

describe('a request that cannot be sent', () => {
  const bad: Record<string, object> = {
    'with the path *': { method: 'OPTIONS', path: '*' },
    'with an empty path': { path: '' },
    'with a space in its path': { path: '/a b' },
    'with CRLF in its path': { path: '/a\r\nX: y' },
    'with a path beyond octets': { path: '/\u0120' },
    'with an absolute path': { path: 'http://other.test/' },
    CONNECT: { method: 'CONNECT' },
    'with a method that is no token': { method: 'GE T' },
    'without Host': { headers: ['X', 'y'] },
    'with two Hosts': { headers: ['Host', 'a', 'host', 'b'] },
    'with CRLF in a value': { headers: ['Host', 'a', 'X', 'a\r\nY: b'] },
    'with a name that is no token': { headers: ['Host', 'a', 'X:', 'b'] },
    'with Connection': { headers: ['Host', 'a', 'Connection', 'close'] },
    'with Keep-Alive': { headers: ['Host', 'a', 'Keep-Alive', 'timeout=5'] },
    'with Expect': { headers: ['Host', 'a', 'Expect', '100-continue'] },
    'with Upgrade': { headers: ['Host', 'a', 'Upgrade', 'h2c'] },
    'with Transfer-Encoding': { headers: ['Host', 'a', 'Transfer-Encoding', 'chunked'] },
    'with Content-Length': { headers: ['Host', 'a', 'Content-Length', '5'] },
  };
  it.each(Object.entries(bad))('%s is refused at once and costs no connection', async (_, request) => {
    await using upstream = await RawUpstream.answering(OK);
    await using lane = outboundLane(upstream.url, { maxConnections: 1 });
    for (let nth = 0; nth < 3; nth++) {
      expect(() => new OutboundAttempt(lane, request)).toThrow(TypeError);
    }
    expect((await new OutboundAttempt(lane).ended()).body).toBe('ok');
  });
});
