import { describe, expect, it } from 'vitest';
import type { InboundBodyError } from '../../../src/http/message.ts';
import { answer, readBody, TestLane, waitingLane } from '../../helpers/test-lane.ts';
import { until } from '../../helpers/until.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

describe('a client that leaves', () => {
  it.each(['end', 'reset', 'destroy'] as const)('is told to the handler (%s)', async (leave) => {
    const { lane, gone } = await waitingLane();
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
    const { lane, gone } = await waitingLane((reply) => {
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
