import { describe, expect, it, vi } from 'vitest';
import type { FastLane } from '../../../src/http/fast/inbound/fast-lane.ts';
import type { ServerLimits } from '../../../src/http/full/server-limits.ts';
import type { RequestHandler } from '../../../src/http/message.ts';
import { answer, echo, TestLane } from '../../helpers/test-lane.ts';
import { until } from '../../helpers/until.ts';

function get(target: string, fields = ''): string {
  return `GET ${target} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
}

async function fastLane(handler: RequestHandler = echo, limits: Partial<ServerLimits> = {}) {
  const lane = await TestLane.start(handler, limits, { kind: 'fast' });
  const handedOver = vi.spyOn(lane.lane as FastLane, 'handOver');
  return {
    lane,
    times: () => handedOver.mock.calls.length,
    [Symbol.asyncDispose]: () => lane[Symbol.asyncDispose](),
  };
}

function listenersOf(lane: TestLane): Record<string, number> {
  const [socket] = lane.sockets;
  return Object.fromEntries(
    (socket?.eventNames() ?? []).map((name) => [String(name), socket?.listenerCount(name) ?? 0]),
  );
}

describe('a connection stays in the fast lane', () => {
  it('for plain requests, with and without bodies, pipelined or cut anywhere', async () => {
    await using fast = await fastLane();
    await using client = await fast.lane.connect();
    const post = 'POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello';
    client.send(get('/a') + post + get('/b') + post);
    for (const text of ['/a', 'hello', '/b', 'hello']) {
      expect((await client.response()).body.toString()).toBe(text);
    }
    for (let cut = 1; cut < post.length; cut++) {
      const { bytesRead = 0 } = fast.lane.sockets[0] ?? {};
      client.send(post.slice(0, cut));
      await until(() => fast.lane.sockets[0]?.bytesRead === bytesRead + cut);
      expect((await client.ask(post.slice(cut))).body.toString()).toBe('hello');
    }
    expect(fast.times()).toBe(0);
  });

  it('for answers of every framing', async () => {
    await using fast = await fastLane((request, reply) => {
      const length = request.target === '/length' ? ['Content-Length', '3'] : [];
      reply.head(request.target === '/none' ? 204 : 200, '', length);
      reply.end(Buffer.from('abc'));
    });
    await using client = await fast.lane.connect();
    expect((await client.ask(get('/length'))).framing).toBe('length');
    expect((await client.ask(get('/chunked'))).framing).toBe('chunked');
    expect((await client.ask(get('/none'))).framing).toBe('none');
    expect(fast.times()).toBe(0);
  });
});

describe('a connection is handed over', () => {
  it('where a request begins that is not plain, and serves on from there', async () => {
    await using fast = await fastLane();
    await using client = await fast.lane.connect();
    const chunked = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n';
    client.send(get('/a') + get('/b') + chunked + get('/c'));
    for (const text of ['/a', '/b', 'abc', '/c']) {
      expect((await client.response()).body.toString()).toBe(text);
    }
    expect((await client.ask(get('/d'))).body.toString()).toBe('/d');
    expect(fast.times()).toBe(1);
    expect(fast.lane.lane.connections).toBe(1);
  });

  it('only when the answers before it have left', async () => {
    const big = Buffer.alloc(30_000_000, 'x');
    await using fast = await fastLane((request, reply) =>
      answer(reply, request.target === '/big' ? big : 'small'),
    );
    await using client = await fast.lane.connect();
    client.stopReading();
    client.send(get('/big') + get('/', 'TE: x\r\n'));
    await until(() => fast.lane.handled.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(fast.times()).toBe(0);
    client.readOn();
    expect((await client.response({ withinMs: 60_000 })).body.length).toBe(big.length);
    expect((await client.response()).body.toString()).toBe('small');
    expect(fast.times()).toBe(1);
  });

  it('with no listener of this lane left on it', async () => {
    await using fast = await fastLane();
    await using full = await TestLane.start(echo, {}, { kind: 'full' });
    const odd = get('/', 'TE: x\r\n');
    await using first = await fast.lane.connect();
    await using second = await full.connect();
    await first.ask(get('/'));
    for (const client of [first, second]) await client.ask(odd);
    expect(listenersOf(fast.lane)).toEqual(listenersOf(full));
  });

  it('in the middle of its head only with all of it, and with the time since its first byte', async () => {
    await using fast = await fastLane(echo, { headerTimeoutMs: 300 });
    await using client = await fast.lane.connect();
    client.send('GET / HTTP/1.1\r\n');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(fast.times()).toBe(0);
    const handedOver = performance.now();
    client.send('Host: a\r\nTE: x\r\n');
    expect((await client.response()).status).toBe(408);
    expect(fast.times()).toBe(1);
    // The tick looks every 75 ms; the whole time again would be 300.
    expect(performance.now() - handedOver).toBeLessThan(280);
  });

  it('when its head comes in very many pieces, which would be looked at again and again', async () => {
    await using fast = await fastLane();
    await using client = await fast.lane.connect();
    const text = get('/', `X: ${'a'.repeat(50)}\r\n`);
    for (const [at, byte] of [...text].entries()) {
      client.send(byte);
      await until(() => fast.lane.sockets[0]?.bytesRead === at + 1);
    }
    expect((await client.response()).body.toString()).toBe('/');
    expect(fast.times()).toBe(1);
  });

  it('while the lane stops, and is served to its end', async () => {
    await using fast = await fastLane();
    await using client = await fast.lane.connect();
    client.send('GET / HTTP/1.1\r\n');
    await until(() => fast.lane.sockets[0]?.bytesRead === 16);
    const stopped = fast.lane.lane.stop(60_000);
    await new Promise(setImmediate);
    const response = await client.ask('Host: a\r\nTE: x\r\n\r\n');
    expect(response.status).toBe(200);
    expect(response.header('connection')).toBe('close');
    expect(fast.times()).toBe(1);
    await client.closed();
    client.end();
    await stopped;
  });
});

describe('in the fast lane', () => {
  it('a request waits until whoever has ended the reply before it is done with that', async () => {
    const events: string[] = [];
    await using fast = await fastLane((request, reply) => {
      events.push(`begin ${request.target}`);
      setTimeout(() => {
        answer(reply, '');
        events.push(`done ${request.target}`);
      }, 5);
    });
    await using client = await fast.lane.connect();
    client.send(get('/a') + get('/b'));
    await client.response();
    await client.response();
    expect(events).toEqual(['begin /a', 'done /a', 'begin /b', 'done /b']);
  });

  it('a client that leaves is noticed after a body that was held back for a while', async () => {
    let gone = 0;
    await using fast = await fastLane((request, reply) => {
      reply.onClientGone(() => gone++);
      request.body?.start({ onChunk: () => {}, onEnd: () => {}, onError: () => {} });
      request.body?.pause();
    });
    await using client = await fast.lane.connect();
    // Just as much as is held, so that nothing more comes when it is let go.
    const length = 65_536;
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`);
    client.send(Buffer.alloc(length));
    await until(() => fast.lane.sockets[0]?.isPaused() === true);
    const { body } = fast.lane.handled[0]!.request;
    body?.resume();
    await until(() => body?.complete === true);
    expect(gone).toBe(0);
    client.end();
    await until(() => gone === 1);
  });

  it('a client that sends byte by byte behind a request is held back, and loses nothing', async () => {
    await using fast = await fastLane((request, reply) => {
      if (request.target !== '/wait') answer(reply, request.target);
    });
    await using client = await fast.lane.connect();
    client.send(get('/wait'));
    await until(() => fast.lane.handled.length === 1);
    const [socket] = fast.lane.sockets;
    for (let sent = 1; sent <= 256; sent++) {
      expect(socket?.isPaused()).toBe(false);
      client.send(get('/next')[(sent - 1) % get('/next').length] ?? '');
      await until(() => socket?.bytesRead === get('/wait').length + sent);
    }
    expect(socket?.isPaused()).toBe(true);
    client.send(`${get('/next').slice(256 % get('/next').length)}${get('/last')}`);
    answer(fast.lane.handled[0]!.reply, 'waited');
    expect((await client.response()).body.toString()).toBe('waited');
    for (let nth = 0; nth < Math.ceil(256 / get('/next').length); nth++) {
      expect((await client.response()).body.toString()).toBe('/next');
    }
    expect((await client.response()).body.toString()).toBe('/last');
  });

  it('an answer is one write, head and body together', async () => {
    await using fast = await fastLane((request, reply) => {
      reply.head(200, '', ['Content-Length', '5']);
      if (request.target === '/end') reply.end(Buffer.from('hello'));
      else {
        reply.write(Buffer.from('hello'));
        reply.end();
      }
    });
    await using client = await fast.lane.connect();
    await client.ask(get('/end'));
    const write = vi.spyOn(fast.lane.sockets[0]!, 'write');
    await client.ask(get('/end'));
    await client.ask(get('/write'));
    expect(write.mock.calls.length).toBe(2);
  });
});
