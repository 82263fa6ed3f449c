import { describe, expect, it } from 'vitest';
import type { InboundBodyError, InboundReply } from '../../../src/http/message.ts';
import { answer, readBody, TestLane } from '../../helpers/test-lane.ts';
import { until } from '../../helpers/until.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** Keeps each reply open and notes when its client has gone. */
async function waiting(beforehand: (reply: InboundReply) => void = () => {}) {
  const gone: InboundReply[] = [];
  const lane = await TestLane.start((_, reply) => {
    reply.onClientGone(() => gone.push(reply));
    beforehand(reply);
  });
  return { lane, gone };
}

describe('a client that leaves', () => {
  it.each(['end', 'reset', 'destroy'] as const)('is told to the handler (%s)', async (leave) => {
    const { lane, gone } = await waiting();
    await using client = await lane.connect();
    client.send(GET);
    await until(() => lane.handled.length === 1);
    client[leave]();
    await until(() => gone.length === 1);
    expect(gone[0]?.closed).toBe(true);
    await until(() => lane.lane.connections === 0);
    await lane[Symbol.asyncDispose]();
  });

  it('is told once, also while the answer is streamed; what is written then is dropped', async () => {
    const { lane, gone } = await waiting((reply) => {
      reply.head(200, '', []);
      const timer = setInterval(() => reply.write(Buffer.alloc(10_000)), 1);
      setTimeout(() => {
        clearInterval(timer);
        reply.end();
        reply.abort();
      }, 300);
    });
    await using client = await lane.connect();
    client.send(GET);
    await client.until(() => client.received.length > 50_000, 'part of the answer');
    client.reset();
    await until(() => gone.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(gone.length).toBe(1);
    await lane[Symbol.asyncDispose]();
  });

  it('is not told when the reply was finished before', async () => {
    const gone: unknown[] = [];
    await using lane = await TestLane.start((_, reply) => {
      reply.onClientGone(() => gone.push(reply));
      answer(reply, 'done');
    });
    await using client = await lane.connect();
    await client.ask(GET);
    client.reset();
    await until(() => lane.lane.connections === 0);
    expect(gone).toEqual([]);
  });

  it('in the middle of a body: the reply hears of it before the body does', async () => {
    const events: string[] = [];
    await using lane = await TestLane.start((request, reply) => {
      reply.onClientGone(() => events.push('gone'));
      request.body?.start({
        onChunk: () => {},
        onEnd: () => events.push('end'),
        onError: ({ code }: InboundBodyError) => events.push(code),
      });
    });
    for (const leave of ['end', 'reset'] as const) {
      const client = await lane.connect();
      const before = lane.handled.length;
      client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc');
      await until(() => lane.handled.length > before);
      client[leave]();
      await until(() => events.length >= 2);
      expect(events.splice(0)).toEqual(['gone', 'aborted']);
    }
  });

  it('in the middle of a head: is answered 400 if it only ended its side', async () => {
    await using lane = await TestLane.start();
    await using client = await lane.connect();
    client.send('GET / HTTP/1.1\r\nHo');
    client.end();
    expect((await client.response()).status).toBe(400);
    await client.closed();
    await until(() => lane.lane.connections === 0);
  });

  it('by thousands, at any moment, harms nobody', async () => {
    await using lane = await TestLane.start((request, reply) => {
      reply.interim(103, ['X', '1']);
      readBody(request, (body) => {
        reply.head(200, '', []);
        reply.write(Buffer.alloc(100_000));
        setTimeout(() => reply.end(body ?? undefined), 1);
      });
    });
    const post = `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`;
    for (let nth = 0; nth < 200; nth++) {
      const client = await lane.connect();
      client.send((GET + post).slice(0, 1 + (nth % (GET.length + post.length))));
      if (nth % 3 === 0) await new Promise((resolve) => setTimeout(resolve, nth % 7));
      if (nth % 2 === 0) client.reset();
      else client.destroy();
    }
    await using client = await lane.connect();
    client.send(GET);
    expect((await client.response()).status).toBe(103);
    expect((await client.response()).status).toBe(200);
    client.destroy();
    await until(() => lane.lane.connections === 0);
    expect(lane.reports).toEqual([]);
  });
});

describe('backpressure', () => {
  it('of a client that does not read holds the handler back', async () => {
    let written = 0;
    let drains = 0;
    const total = 30_000_000;
    await using lane = await TestLane.start((_, reply) => {
      reply.head(200, '', ['Content-Length', String(total)]);
      const fill = () => {
        while (written < total) {
          const size = Math.min(50_000, total - written);
          written += size;
          if (!reply.write(Buffer.alloc(size, 'x'))) return;
        }
        reply.onDrain(null);
        reply.end();
      };
      reply.onDrain(() => {
        drains++;
        fill();
      });
      fill();
    });
    await using client = await lane.connect();
    client.stopReading();
    client.send(GET);
    let before = -1;
    await until(() => {
      const still = written === before && written > 0;
      before = written;
      return still;
    });
    expect(written).toBeLessThan(total);
    client.readOn();
    const response = await client.response({ withinMs: 60_000 });
    expect(response.body.length).toBe(total);
    expect(drains).toBeGreaterThan(0);
  }, 90_000);

  it('of the handler holds the client back', async () => {
    let received = 0;
    const total = 30_000_000;
    await using lane = await TestLane.start(
      (request, reply) => {
        request.body?.start({
          onChunk: (chunk) => {
            received += chunk.length;
          },
          onEnd: () => answer(reply, String(received)),
          onError: () => {},
        });
        request.body?.pause();
      },
      { maxBodyBytes: null },
    );
    await using client = await lane.connect();
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${total}\r\n\r\n`);
    client.send(Buffer.alloc(total, 'x'));
    await until(() => lane.handled.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(received).toBe(0);
    expect(client.socket.writableLength).toBeGreaterThan(0);
    expect(lane.sockets[0]?.bytesRead).toBeLessThan(1_000_000);
    const { body } = lane.handled[0]!.request;
    expect(body?.complete).toBe(false);
    body?.resume();
    expect((await client.response({ withinMs: 60_000 })).body.toString()).toBe(String(total));
    expect(body?.complete).toBe(true);
  }, 90_000);

  it('nothing of a body is delivered before it is started', async () => {
    await using lane = await TestLane.start((request, reply) => {
      setTimeout(() => readBody(request, (body) => answer(reply, body ?? '')), 50);
    });
    await using client = await lane.connect();
    const text = 'x'.repeat(500_000);
    const response = await client.ask(
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    );
    expect(response.body.toString() === text).toBe(true);
  });

  it('duty 34: an early answer reaches a client that is still sending, and then the connection ends', async () => {
    await using lane = await TestLane.start(
      (request, reply) => {
        request.body?.discard();
        answer(reply, Buffer.alloc(1_000_000, 'x'));
      },
      { maxBodyBytes: null },
    );
    await using client = await lane.connect();
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n');
    client.send(Buffer.alloc(20_000_000, 'y'));
    const response = await client.response();
    expect(response.body.length).toBe(1_000_000);
    expect(response.header('connection')).toBe('close');
    expect(await client.closed()).toBe('end');
  });
});

describe('stop', () => {
  it('ends connections at rest at once and accepts no more', async () => {
    await using lane = await TestLane.start();
    await using used = await lane.connect();
    await used.ask(GET);
    await using fresh = await lane.connect();
    await until(() => lane.lane.connections === 2);
    const stopped = lane.lane.stop(60_000);
    expect(await used.closed()).toBe('end');
    expect(await fresh.closed()).toBe('end');
    await stopped;
    expect(lane.lane.connections).toBe(0);
    await expect(lane.connect()).rejects.toThrow('ECONNREFUSED');
  });

  it('lets running requests finish, tells their clients to close, and drops what waits behind them', async () => {
    const { lane } = await waiting();
    await using client = await lane.connect();
    client.send(GET + GET);
    await until(() => lane.handled.length === 1);
    const stopped = lane.lane.stop(60_000);
    await Promise.resolve();
    await new Promise(setImmediate);
    answer(lane.handled[0]!.reply, 'last');
    const response = await client.response();
    expect(response.body.toString()).toBe('last');
    expect(response.header('connection')).toBe('close');
    expect(await client.closed()).toBe('end');
    client.end();
    await stopped;
    expect(lane.handled.length).toBe(1);
    await lane[Symbol.asyncDispose]();
  });

  it('lets a request in whose head is half read, and answers it with close', async () => {
    await using lane = await TestLane.start();
    await using client = await lane.connect();
    client.send(GET.slice(0, 20));
    await until(() => lane.sockets[0]?.bytesRead === 20);
    const stopped = lane.lane.stop(60_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const response = await client.ask(GET.slice(20));
    expect(response.status).toBe(200);
    expect(response.header('connection')).toBe('close');
    await client.closed();
    client.end();
    await stopped;
  });

  it('ends a kept connection whose last answer had begun before the stop', async () => {
    const { lane } = await waiting((reply) => reply.head(200, '', []));
    await using client = await lane.connect();
    client.send(GET);
    await client.waitFor('\r\n\r\n');
    const stopped = lane.lane.stop(60_000);
    await new Promise(setImmediate);
    lane.handled[0]?.reply.end(Buffer.from('x'));
    expect((await client.response()).header('connection')).toBeUndefined();
    expect(await client.closed()).toBe('end');
    client.end();
    await stopped;
    await lane[Symbol.asyncDispose]();
  });

  it('cuts what is left after its time', async () => {
    const { lane, gone } = await waiting();
    await using client = await lane.connect();
    client.send(GET);
    await using half = await lane.connect();
    half.send('GET / HT');
    await until(() => lane.handled.length === 1 && lane.lane.connections === 2);
    await lane.lane.stop(100);
    expect(lane.lane.connections).toBe(0);
    expect(gone.length).toBe(1);
    await client.closed();
    await half.closed();
    await lane[Symbol.asyncDispose]();
  });

  it('can be asked for twice', async () => {
    const { lane } = await waiting();
    await Promise.all([lane.lane.stop(100), lane.lane.stop(100)]);
    lane.lane.closeNow();
  });
});

describe('listen', () => {
  it('fails with the system’s code when the port is taken', async () => {
    await using lane = await TestLane.start();
    await expect(TestLane.start(undefined, {}, lane.port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('tells the address of the peer, IPv4 as IPv4', async () => {
    await using lane = await TestLane.start();
    await using client = await lane.connect();
    await client.ask(GET);
    expect(lane.handled[0]?.request.remoteAddress).toBe('127.0.0.1');
    expect(lane.handled[0]?.request.scheme).toBe('http');
  });
});
