import { createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { InboundReply } from '../../../src/http/message.ts';
import { RawClient } from '../../helpers/raw-client.ts';
import { answer, readBody, TestLane } from '../../helpers/test-lane.ts';
import { until } from '../../helpers/until.ts';

function get(target: string, fields = ''): string {
  return `GET ${target} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
}

describe('pipelining', () => {
  it('duty 39: answers come in order, and one request is handled at a time', async () => {
    let running = 0;
    let most = 0;
    await using lane = await TestLane.start((request, reply) => {
      most = Math.max(most, ++running);
      setTimeout(
        () => {
          running--;
          answer(reply, request.target);
        },
        request.target === '/0' ? 50 : 1,
      );
    });
    await using client = await lane.connect();
    client.send(Array.from({ length: 20 }, (_, nth) => get(`/${nth}`)).join(''));
    for (let nth = 0; nth < 20; nth++) expect((await client.response()).body.toString()).toBe(`/${nth}`);
    expect(most).toBe(1);
  });

  it('duty 39: requests with bodies keep their bodies', async () => {
    await using lane = await TestLane.start((request, reply) => {
      setTimeout(() => readBody(request, (body) => answer(reply, body ?? request.target)), 2);
    });
    await using client = await lane.connect();
    const sized = (text: string) =>
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
    const chunked = (text: string) =>
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
    const big = 'x'.repeat(100_000);
    client.send(sized('one') + chunked('two') + get('/three') + sized(big) + chunked(big) + get('/six'));
    for (const expected of ['one', 'two', '/three', big, big, '/six']) {
      expect((await client.response()).body.toString()).toBe(expected);
    }
  });

  it('a flood of requests waits in the kernel, not in memory, and is answered in full', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using lane = await TestLane.start((request, reply) => {
      if (request.target === '/first') void gate.then(() => answer(reply, 'first'));
      else answer(reply, '');
    });
    await using client = await lane.connect();
    client.send(get('/first'));
    await until(() => lane.handled.length === 1);
    const count = 30_000;
    client.send(get('/').repeat(count));
    // What the lane has read stops growing long before all of it is there.
    const socket = connectionOf(lane);
    let read = -1;
    await until(() => {
      const before = read;
      read = socket.bytesRead;
      return read === before && read > 4_096;
    });
    expect(read).toBeLessThan((get('/').length * count) / 4);
    expect(lane.handled.length).toBe(1);
    release();
    await until(() => lane.handled.length === count + 1, 60_000);
    const whole = (await client.response()).raw.length;
    expect(whole).toBeGreaterThan(50);
    const each = (await client.response()).raw.length;
    await client.until(() => client.received.length === whole + count * each, 'all answers', 60_000);
  }, 120_000);

  it('duty 40: what follows `Connection: close` is not carried out', async () => {
    await using lane = await TestLane.start();
    const old = 'GET /last HTTP/1.0\r\n';
    for (const last of [
      get('/last', 'Connection: close\r\n'),
      `${old}\r\n`,
      `${old}Connection: keep-alive\r\n\r\n`,
    ]) {
      const before = lane.handled.length;
      await using client = await lane.connect();
      client.send(get('/first') + last + get('/never').repeat(3));
      expect((await client.response()).body.toString()).toBe('/first');
      const response = await client.response();
      expect(response.body.toString()).toBe('/last');
      expect(response.header('connection')).toBe('close');
      expect(await client.closed()).toBe('end');
      expect(client.unconsumed.length).toBe(0);
      expect(lane.handled.length).toBe(before + 2);
    }
  });

  it('duty 40: what follows an answer that closes is not carried out', async () => {
    await using lane = await TestLane.start((request, reply) => {
      request.body?.discard();
      setTimeout(() => answer(reply, request.target), 5);
    });
    await using client = await lane.connect();
    client.send(
      `POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n${'GET / HTTP/1.1\r\n'.repeat(5_625)}${get('/never')}`,
    );
    const response = await client.response();
    expect(response.body.toString()).toBe('/unread');
    expect(response.header('connection')).toBe('close');
    expect(await client.closed()).toBe('end');
    expect(lane.handled.length).toBe(1);
  });

  it.each([
    ['that cannot be read', 'BROKEN\r\n\r\n', 400],
    ['without Host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['to open a tunnel', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n', 501],
  ])('duty 39: the refusal of a request %s comes after the answers before it', async (_, bytes, status) => {
    await using lane = await TestLane.start((request, reply) => {
      setTimeout(() => answer(reply, Buffer.alloc(300_000, request.target)), 30);
    });
    await using client = await lane.connect();
    client.send(get('/a') + bytes + get('/never'));
    const first = await client.response();
    expect(first.body.length).toBe(300_000);
    const refusal = await client.response();
    expect(refusal.status).toBe(status);
    expect(refusal.header('connection')).toBe('close');
    expect(await client.closed()).toBe('end');
    expect(lane.handled.length).toBe(1);
  });

  it('a streamed answer before a CONNECT is not stuck', async () => {
    await using lane = await TestLane.start((_, reply) => {
      reply.head(200, '', []);
      let left = 100;
      const fill = () => {
        while (left > 0) {
          left--;
          if (!reply.write(Buffer.alloc(65_536))) return;
        }
        reply.onDrain(null);
        reply.end();
      };
      reply.onDrain(fill);
      setTimeout(fill, 20);
    });
    await using client = await lane.connect();
    client.send(`${get('/')}CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect((await client.response()).body.length).toBe(6_553_600);
    expect((await client.response()).status).toBe(501);
  });
});

describe('CONNECT', () => {
  it('with half a body, from a client that resets, harms nobody', async () => {
    await using lane = await TestLane.start();
    for (let nth = 0; nth < 5; nth++) {
      await using client = await lane.connect();
      client.send('CONNECT a:80 HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\nab');
      expect((await client.response()).status).toBe(501);
      client.send(Buffer.alloc(100_000));
      client.reset();
      await until(() => lane.lane.connections === 0);
    }
    expect(lane.reports).toEqual([]);
  });
});

describe('keeping a connection', () => {
  it('leaves no listener behind after a thousand requests', async () => {
    await using lane = await TestLane.start();
    await using client = await lane.connect();
    const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc';
    await client.ask(get('/'));
    await client.ask(post);
    const socket = connectionOf(lane);
    const count = () =>
      Object.fromEntries(socket.eventNames().map((name) => [String(name), socket.listenerCount(name)]));
    const before = count();
    for (let nth = 0; nth < 500; nth++) {
      await client.ask(get('/'));
      await client.ask(post);
    }
    expect(count()).toEqual(before);
    expect(lane.handled.length).toBe(1_002);
  }, 60_000);

  it('keeps the connection after a body that nobody started, when all of it has come', async () => {
    await using lane = await TestLane.start((request, reply) => {
      request.body?.discard();
      answer(reply, request.target);
    });
    await using client = await lane.connect();
    const post = 'POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc';
    for (let nth = 0; nth < 3; nth++) {
      const response = await client.ask(post);
      expect(response.body.toString()).toBe('/post');
      expect(response.header('connection')).toBeUndefined();
    }
    expect((await client.ask(get('/get'))).body.toString()).toBe('/get');
  });

  it('ends the connection when the reply is over and the body is not', async () => {
    const replies: InboundReply[] = [];
    await using lane = await TestLane.start((request, reply) => {
      request.body?.start({ onChunk: () => {}, onEnd: () => {}, onError: () => {} });
      replies.push(reply);
      reply.head(200, '', []);
    });
    await using client = await lane.connect();
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc');
    await client.waitFor('\r\n\r\n');
    replies[0]?.end(Buffer.from('early'));
    expect((await client.response()).body.toString()).toBe('early');
    client.send(get('/never').repeat(10));
    expect(await client.closed()).toBe('end');
    expect(lane.handled.length).toBe(1);
  });

  it('takes empty lines before a request (RFC 9112 §2.2)', async () => {
    await using lane = await TestLane.start();
    await using client = await lane.connect();
    expect((await client.ask(`\r\n\r\n${get('/a')}`)).status).toBe(200);
    expect((await client.ask(`\r\n${get('/b')}`)).status).toBe(200);
  });
});

describe('accept', () => {
  it('takes over a connection that another listener has accepted, with bytes put back on it', async () => {
    await using lane = await TestLane.start();
    const front = createServer({ allowHalfOpen: true }, (socket) => {
      socket.once('data', (chunk) => {
        socket.pause();
        socket.removeAllListeners('data');
        lane.lane.accept(socket);
        socket.unshift(chunk);
        socket.resume();
      });
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    await using client = await RawClient.connect((front.address() as { port: number }).port);
    expect((await client.ask(get('/a') + get('/b'))).body.toString()).toBe('/a');
    expect((await client.response()).body.toString()).toBe('/b');
    expect((await client.ask(get('/c'))).body.toString()).toBe('/c');
    client.destroy();
    await new Promise((resolve) => front.close(resolve));
  });
});

/** The lane's end of its only connection. */
function connectionOf(lane: TestLane): Socket {
  const sockets = lane.sockets;
  expect(sockets.length).toBe(1);
  return sockets[0]!;
}
