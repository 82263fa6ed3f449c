import { describe, expect, it } from 'vitest';
import type { InboundReply, RequestHandler } from '../../../src/http/message.ts';
import { answer, TestLane } from '../../helpers/test-lane.ts';
import { until } from '../../helpers/until.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const GET10 = 'GET / HTTP/1.0\r\nHost: a\r\n\r\n';

function replying(reply: (reply: InboundReply) => void): Promise<TestLane> {
  return TestLane.start((_, to) => reply(to));
}

describe('a handler that fails', () => {
  it('before the head: is answered 500, and the next request is served', async () => {
    await using lane = await TestLane.start((request, reply) => {
      if (request.target === '/') throw new Error('broken');
      answer(reply, 'fine');
    });
    await using client = await lane.connect();
    expect((await client.ask(GET)).json().error?.code).toBe('INTERNAL_ERROR');
    expect((await client.ask(GET.replace('/', '/next'))).body.toString()).toBe('fine');
    expect(lane.reports.length).toBe(1);
  });

  it('behind the head: the connection is cut', async () => {
    await using lane = await replying((reply) => {
      reply.head(200, '', []);
      reply.write(Buffer.from('abc'));
      throw new Error('broken');
    });
    await using client = await lane.connect();
    client.send(GET);
    expect(await client.closed()).toBe('reset');
  });
});

describe('abort', () => {
  it.each([
    ['chunked', GET, []],
    ['length', GET, ['Content-Length', '10']],
    ['close-delimited', GET10, []],
  ])('duty 35: never lets a cut answer look complete (%s)', async (_, request, fields) => {
    await using lane = await replying((reply) => {
      reply.head(200, '', fields);
      reply.write(Buffer.from('abc'));
      setTimeout(() => reply.abort(), 20);
    });
    await using client = await lane.connect();
    client.send(request);
    expect(await client.closed()).toBe('reset');
    expect(client.text).not.toContain('0\r\n\r\n');
  });

  it('finishes the reply: nothing else reaches the client', async () => {
    const replies: InboundReply[] = [];
    await using lane = await replying((reply) => {
      replies.push(reply);
      reply.abort();
      reply.head(200, '', []);
      reply.interim(103, []);
      expect(reply.write(Buffer.from('x'))).toBe(true);
      reply.end();
      reply.abort();
    });
    await using client = await lane.connect();
    client.send(GET);
    expect(await client.closed()).toBe('reset');
    expect(client.text).toBe('');
    expect(replies[0]?.closed).toBe(true);
    await until(() => lane.lane.connections === 0);
  });
});

describe('interim answers', () => {
  const hints: RequestHandler = (_, reply) => {
    reply.interim(103, ['Link', '</a>; rel=preload', 'Content-Length', '5']);
    reply.interim(102, []);
    reply.interim(101, ['Upgrade', 'x']);
    reply.interim(100, []);
    reply.interim(103, ['X', 'a\r\nb']);
    answer(reply, 'done', ['X-Final', '1']);
    reply.interim(103, ['X-Late', '1']);
  };

  it('duties 29 and 30: go out before the final answer, with their own fields only', async () => {
    await using lane = await TestLane.start(hints);
    await using client = await lane.connect();
    client.send(GET);
    const first = await client.response();
    expect(first.raw.toString()).toBe('HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n');
    expect((await client.response()).status).toBe(102);
    const final = await client.response();
    expect(final.status).toBe(200);
    expect(final.header('link')).toBeUndefined();
    expect((await client.ask(GET)).status).toBe(103);
    expect(client.text).not.toContain('X-Late');
  });

  it('duty 31: are not sent to HTTP/1.0 clients', async () => {
    await using lane = await TestLane.start(hints);
    await using client = await lane.connect();
    expect((await client.ask(GET10)).status).toBe(200);
    expect(client.text).not.toContain('103');
  });
});
