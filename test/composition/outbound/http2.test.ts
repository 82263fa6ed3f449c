import { once } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClientBody, OutboundAttempt, outboundLane } from '../../helpers/outbound-attempt.ts';
import { startTlsUpstream, trustedCertificate, trustTestCertificates } from '../../helpers/tls-upstream.ts';
import { until } from '../../helpers/until.ts';

let distrust: () => void;
beforeAll(() => {
  distrust = trustTestCertificates();
});
afterAll(() => distrust());

/** An upstream that answers with a head, five bytes, and RST_STREAM. */
async function rawHttp2Upstream(code: number, head = Buffer.from([0x88])) {
  const reset = Buffer.alloc(4);
  reset.writeUInt32BE(code);
  const server = createTlsServer({ ...trustedCertificate, ALPNProtocols: ['h2'] }, (socket) => {
    socket.on('error', () => {});
    socket.write(frame(SETTINGS, 0, 0));
    let received = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      const answered = received.includes(END_OF_REQUEST);
      received = Buffer.concat([received, chunk]);
      if (answered || !received.includes(END_OF_REQUEST)) return;
      socket.write(frame(SETTINGS, 1, 0));
      socket.write(frame(HEADERS, 4, 1, head));
      socket.write(frame(DATA, 0, 1, Buffer.from('hello')));
      setTimeout(() => socket.write(frame(RST_STREAM, 0, 1, reset)), 50);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;

/** HEADERS with END_STREAM and END_HEADERS on stream 1, without its length. */
const END_OF_REQUEST = Buffer.from([HEADERS, 5, 0, 0, 0, 1]);

/** RFC 9113 §4.1 */
function frame(type: number, flags: number, stream: number, payload = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

describe('HTTP/2', () => {
  it('carries fields, repeated ones too, and bodies both ways', async () => {
    await using upstream = await startTlsUpstream((request, response) => {
      response.setHeader('set-cookie', ['a=1', 'b=2']);
      response.setHeader('x-headers', JSON.stringify([request.headers['x-a'], request.headers.cookie]));
      request.pipe(response);
    });
    await using lane = outboundLane(`https://localhost:${upstream.port}`);
    const body = new ClientBody();
    const headers = ['Host', 'h', 'X-A', '1', 'x-a', '2', 'Cookie', 'c=1', '__proto__', 'p'];
    const attempt = new OutboundAttempt(lane, { method: 'POST', headers, body });
    await body.send('1234');
    await body.end('5678');
    await attempt.ended();
    expect(attempt.body).toBe('12345678');
    expect(attempt.all('set-cookie')).toEqual(['a=1', 'b=2']);
    expect(JSON.parse(attempt.all('x-headers')[0] as string)).toEqual(['1, 2', 'c=1']);
  });

  it('passes on interim responses and trailers', async () => {
    await using upstream = await startTlsUpstream((_, response) => {
      response.writeEarlyHints({ link: '</a>' });
      response.writeHead(200);
      response.addTrailers({ 'x-sum': 'abc' });
      response.end('hello');
    });
    await using lane = outboundLane(`https://localhost:${upstream.port}`);
    const attempt = await new OutboundAttempt(lane).ended();
    expect(attempt.interims).toEqual([{ status: 103, headers: ['link', '</a>'] }]);
    expect(attempt.trailers).toEqual(['x-sum', 'abc']);
  });

  it.each([2, 8, 11])(
    'duty 35: a stream reset in its body (code %i) is a reset, never an end',
    async (code) => {
      await using upstream = await rawHttp2Upstream(code);
      await using lane = outboundLane(`https://localhost:${upstream.port}`);
      const attempt = await new OutboundAttempt(lane).done();
      expect(attempt.calls).toEqual(['head', 'data', 'error']);
      expect(attempt.error?.kind).toBe('reset');
    },
  );

  it.each(['FIN', 'RST'])('duty 35: a connection that breaks in the body is a reset: %s', async (how) => {
    await using upstream = await startTlsUpstream((_, response) => {
      response.stream.respond({ ':status': 200 });
      response.stream.write('hello');
    });
    await using lane = outboundLane(`https://localhost:${upstream.port}`);
    const attempt = new OutboundAttempt(lane);
    await until(() => attempt.body === 'hello');
    if (how === 'RST') upstream.connections[0]?.resetAndDestroy();
    else upstream.connections[0]?.destroy();
    await attempt.done();
    expect(attempt.calls).toEqual(['head', 'data', 'error']);
    expect(attempt.error?.kind).toBe('reset');
  });

  it('duty 59: a length that the frames do not keep is a protocol error', async () => {
    await using upstream = await startTlsUpstream((_, response) => {
      response.stream.respond({ ':status': 200, 'content-length': '9' });
      response.stream.end('hello');
    });
    await using lane = outboundLane(`https://localhost:${upstream.port}`);
    const attempt = await new OutboundAttempt(lane).done();
    expect(attempt.calls.at(-1)).toBe('error');
    expect(attempt.error?.kind).toBe('protocol');
  });

  it('duty 24: a request body that breaks resets its stream and never ends it', async () => {
    let ended = false;
    const streams: ServerHttp2Stream[] = [];
    await using upstream = await startTlsUpstream((request, response) => {
      streams.push(response.stream);
      request.on('error', () => {});
      request.on('end', () => {
        ended = !request.aborted;
      });
      request.resume();
    });
    await using lane = outboundLane(`https://localhost:${upstream.port}`);
    const body = new ClientBody();
    const attempt = new OutboundAttempt(lane, { method: 'POST', body });
    await body.send('1234');
    await until(() => streams.length === 1);
    await body.fail('aborted');
    expect((await attempt.done()).error?.kind).toBe('request_body');
    await until(() => streams[0]?.closed === true);
    expect(streams[0]?.aborted).toBe(true);
    expect(ended).toBe(false);
  });

  it('an attempt given up resets its stream and leaves the connection to the others', async () => {
    const streams = new Map<string, ServerHttp2Stream>();
    await using upstream = await startTlsUpstream((request, response) => {
      streams.set(request.url, response.stream);
      response.stream.respond({ ':status': 200 });
      response.stream.write('hello');
    });
    await using lane = outboundLane(`https://localhost:${upstream.port}`);
    const first = new OutboundAttempt(lane, { path: '/first' });
    const second = new OutboundAttempt(lane, { path: '/second' });
    await until(() => first.body === 'hello' && second.body === 'hello');
    first.attempt.abort();
    await until(() => streams.get('/first')?.closed === true);
    streams.get('/second')?.end(' again');
    expect((await second.ended()).body).toBe('hello again');
    expect(first.calls).toEqual(['head', 'data']);
    expect(upstream.openSockets).toBe(1);
  });

  it('no head, and no body, in time are told apart', async () => {
    await using upstream = await startTlsUpstream((request, response) => {
      if (request.url === '/head') return;
      response.stream.respond({ ':status': 200 });
      response.stream.write('hello');
    });
    const limits = { responseTimeoutMs: 150, idleBodyTimeoutMs: 150 };
    await using lane = outboundLane(`https://localhost:${upstream.port}`, limits);
    for (const [path, kind] of [
      ['/head', 'headers_timeout'],
      ['/body', 'body_timeout'],
    ] as const) {
      expect((await new OutboundAttempt(lane, { path }).done()).error?.kind).toBe(kind);
      const body = new ClientBody(4);
      const post = new OutboundAttempt(lane, { method: 'POST', path, body });
      await body.end('1234');
      expect((await post.done()).error?.kind).toBe(kind);
    }
  });

  it('a client that sends its body slowly never counts against the upstream', async () => {
    await using upstream = await startTlsUpstream((request, response) => void request.pipe(response));
    const limits = { responseTimeoutMs: 500, idleBodyTimeoutMs: 500 };
    await using lane = outboundLane(`https://localhost:${upstream.port}`, limits);
    const body = new ClientBody();
    const attempt = new OutboundAttempt(lane, { method: 'POST', body });
    await until(() => body.started);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await body.send('1234');
    await until(() => attempt.body === '1234');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await body.end('5678');
    expect((await attempt.ended()).body).toBe('12345678');
  });

  it('204 and HEAD have no body, whatever frames follow', async () => {
    for (const [method, head] of [
      ['GET', [0x89]],
      ['HEAD', [0x88]],
    ] as const) {
      await using upstream = await rawHttp2Upstream(8, Buffer.from(head));
      await using lane = outboundLane(`https://localhost:${upstream.port}`);
      const attempt = await new OutboundAttempt(lane, { method }).done();
      expect(attempt.chunks).toEqual([]);
    }
  });

  it('holds an answer back stream by stream', async () => {
    const size = 4 * 1024 * 1024;
    await using upstream = await startTlsUpstream((request, response) => {
      response.end(request.url === '/large' ? Buffer.alloc(size, 'x') : 'small');
    });
    await using lane = outboundLane(`https://localhost:${upstream.port}`, { idleBodyTimeoutMs: 500 });
    const large = new OutboundAttempt(lane, { path: '/large' });
    large.hold = true;
    await until(() => large.chunks.length === 1);
    expect((await new OutboundAttempt(lane, { path: '/small' }).ended()).body).toBe('small');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(large.chunks).toHaveLength(1);
    large.hold = false;
    large.attempt.resume();
    expect((await large.ended()).body.length).toBe(size);
  });

  it('goes on over a new connection after GOAWAY, and closes all of them in the end', async () => {
    await using upstream = await startTlsUpstream((_, response) => response.end('ok'));
    await using lane = outboundLane(`https://localhost:${upstream.port}`);
    await new OutboundAttempt(lane).ended();
    upstream.sessions[0]?.close();
    await until(() => upstream.openSockets === 0);
    expect((await new OutboundAttempt(lane).ended()).body).toBe('ok');
    expect(upstream.sockets).toHaveLength(2);
    await lane.close();
    await until(() => upstream.openSockets === 0);
  });
});
