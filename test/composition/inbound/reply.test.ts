import { describe, expect, it } from 'vitest';
import type { InboundReply } from '../../../src/http/message.ts';
import { answer, TestLane } from '../../helpers/test-lane.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const HEAD = 'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n';

function replying(reply: (reply: InboundReply) => void): Promise<TestLane> {
  return TestLane.start((_, to) => reply(to));
}

describe('framing of answers', () => {
  it('frames by Content-Length when the handler gives one, and keeps the connection', async () => {
    await using lane = await replying((reply) => {
      reply.head(200, 'Fine', ['X', '1', 'Content-Length', '6']);
      reply.write(Buffer.from('abc'));
      reply.end(Buffer.from('def'));
    });
    await using client = await lane.connect();
    for (let nth = 0; nth < 2; nth++) {
      const response = await client.ask(GET);
      expect(response.startLine).toBe('HTTP/1.1 200 Fine');
      expect(response.framing).toBe('length');
      expect(response.body.toString()).toBe('abcdef');
      expect(response.header('connection')).toBeUndefined();
      expect(response.header('keep-alive')).toBeUndefined();
    }
  });

  it('frames by chunks without Content-Length', async () => {
    await using lane = await replying((reply) => {
      reply.head(200, '', []);
      reply.write(Buffer.from('abc'));
      reply.write(Buffer.alloc(0));
      reply.end(Buffer.from('def'));
    });
    await using client = await lane.connect();
    const response = await client.ask(GET);
    expect(response.startLine).toBe('HTTP/1.1 200 OK');
    expect(response.framing).toBe('chunked');
    expect(response.body.toString()).toBe('abcdef');
  });

  it('frames by the end of the connection for HTTP/1.0, whatever its TE says', async () => {
    await using lane = await replying((reply) => {
      reply.head(200, '', []);
      reply.write(Buffer.from('abc'));
      reply.end(undefined, ['X', '1']);
    });
    for (const fields of ['', 'TE: chunked\r\n', 'Connection: keep-alive\r\n']) {
      await using client = await lane.connect();
      const response = await client.ask(`GET / HTTP/1.0\r\n${fields}\r\n`);
      expect(response.framing).toBe('close');
      expect(response.body.toString()).toBe('abc');
      expect(response.header('connection')).toBe('close');
    }
  });

  it('keeps field order, repeated fields and octets outside ASCII', async () => {
    const fields = [
      'Set-Cookie',
      'a=1',
      'X',
      '\xe9',
      'set-cookie',
      'b=2',
      'Content-Disposition',
      'x; y="\xe9"',
    ];
    await using lane = await replying((reply) => answer(reply, 'abc', fields));
    await using client = await lane.connect();
    const response = await client.ask(GET);
    expect(response.fields.slice(0, 4).flat()).toEqual(fields);
  });

  it('keeps octets outside ASCII in a head that goes out before its body', async () => {
    const replies: InboundReply[] = [];
    await using lane = await replying((reply) => {
      replies.push(reply);
      reply.head(200, '', ['X', '\xe9', 'Content-Length', '1']);
    });
    for (const [nth, request] of [GET, HEAD].entries()) {
      await using client = await lane.connect();
      client.send(request);
      await client.waitFor('\r\n\r\n');
      replies[nth]?.end(Buffer.from('x'));
      const response = await client.response({ toHead: request === HEAD });
      expect(response.header('x')).toBe('\xe9');
    }
  });

  it('duty 13: adds Date when it is missing, and leaves one that is there', async () => {
    const given = 'Sun, 06 Nov 1994 08:49:37 GMT';
    await using lane = await TestLane.start((request, reply) =>
      answer(reply, '', request.target === '/date' ? ['Date', given] : []),
    );
    await using client = await lane.connect();
    expect(Date.parse((await client.ask(GET)).header('date') ?? '')).not.toBeNaN();
    const dated = await client.ask(GET.replace('/', '/date'));
    expect(dated.all('date')).toEqual([given]);
  });

  it.each([
    ['fewer bytes than announced', 'abc'],
    ['more bytes than announced', 'abcdefghijk'],
  ])('duty 26: cuts the connection after %s', async (_, body) => {
    await using lane = await replying((reply) => {
      reply.head(200, '', ['Content-Length', '10']);
      reply.write(Buffer.from(body));
      reply.end();
    });
    await using client = await lane.connect();
    client.send(GET + GET);
    expect(await client.closed()).toBe('reset');
    expect(lane.handled.length).toBe(1);
    expect(client.text).not.toContain('abcdefghijk');
  });

  it('duty 26: cuts the connection with the first byte too many, before the handler ends', async () => {
    await using lane = await replying((reply) => {
      reply.head(200, '', ['Content-Length', '10']);
      reply.write(Buffer.from('0123456789'));
      setTimeout(() => {
        expect(reply.closed).toBe(false);
        reply.write(Buffer.from('x'));
        expect(reply.closed).toBe(true);
      }, 20);
    });
    await using client = await lane.connect();
    client.send(GET);
    expect(await client.closed()).toBe('reset');
    expect(client.text).not.toContain('9x');
  });

  it('duty 26: counts the last chunk too', async () => {
    await using lane = await replying((reply) => {
      reply.head(200, '', ['Content-Length', '10']);
      reply.end(Buffer.from('abc'));
    });
    await using client = await lane.connect();
    client.send(GET);
    expect(await client.closed()).toBe('reset');
  });

  it('duty 27: HEAD keeps Content-Length and gets no body', async () => {
    await using lane = await replying((reply) => {
      reply.head(200, '', ['Content-Length', '5']);
      reply.write(Buffer.from('hello'));
      reply.end();
    });
    await using client = await lane.connect();
    for (let nth = 0; nth < 2; nth++) {
      const response = await client.ask(HEAD, { toHead: true });
      expect(response.header('content-length')).toBe('5');
    }
    await client.ask(HEAD.replace('/1.1', '/1.0'), { toHead: true });
    await client.closed();
    expect(client.unconsumed.length).toBe(0);
  });

  it('duty 27: HEAD without Content-Length gets no framing and no body', async () => {
    await using lane = await replying((reply) => {
      reply.head(200, '', []);
      reply.end(Buffer.from('hello'));
    });
    await using client = await lane.connect();
    for (let nth = 0; nth < 2; nth++) {
      const response = await client.ask(HEAD, { toHead: true });
      expect(response.header('content-length')).toBeUndefined();
    }
    expect(client.text).not.toContain('hello');
  });

  it.each([204, 304])('duty 27: %i has no body whatever the handler writes', async (status) => {
    await using lane = await replying((reply) => {
      reply.head(status, '', ['Content-Length', '5']);
      reply.write(Buffer.from('hello'));
      reply.end();
    });
    await using client = await lane.connect();
    for (let nth = 0; nth < 2; nth++) {
      const response = await client.ask(GET);
      expect(response.status).toBe(status);
      expect(response.header('content-length')).toBe(status === 304 ? '5' : undefined);
      expect(response.header('transfer-encoding')).toBeUndefined();
    }
    expect(client.text).not.toContain('hello');
  });

  it('duty 25: sends trailers behind chunks, and none that frame or route', async () => {
    await using lane = await replying((reply) => {
      reply.head(200, '', ['Trailer', 'X-Sum']);
      reply.write(Buffer.from('abc'));
      reply.end(undefined, [
        'X-Sum',
        '1',
        'Content-Length',
        '9',
        'Host',
        'b',
        'Bad Name',
        'x',
        'X-Y',
        'a\r\nb',
      ]);
    });
    await using client = await lane.connect();
    const response = await client.ask(GET);
    expect(response.header('trailer')).toBe('X-Sum');
    expect(response.trailers).toEqual([['X-Sum', '1']]);
  });

  it('duty 25: sends no trailers where a length frames the body', async () => {
    await using lane = await replying((reply) => {
      reply.head(200, '', ['Content-Length', '3']);
      reply.end(Buffer.from('abc'), ['X-Sum', '1']);
    });
    await using client = await lane.connect();
    expect((await client.ask(GET)).body.toString()).toBe('abc');
    expect((await client.ask(GET)).status).toBe(200);
    expect(client.text).not.toContain('X-Sum');
  });

  it.each<[string, (reply: InboundReply) => void]>([
    ['a line break in a value', (reply) => reply.head(200, '', ['X', 'a\r\nSet-Cookie: b'])],
    ['a name that is no token', (reply) => reply.head(200, '', ['X Y', 'a'])],
    ['a length that is no number', (reply) => reply.head(200, '', ['Content-Length', '1x'])],
    ['two lengths', (reply) => reply.head(200, '', ['Content-Length', '1', 'Content-Length', '2'])],
    ['an interim status as the final one', (reply) => reply.head(101, '', [])],
  ])('duty 14: answers 500 instead of sending %s', async (_, head) => {
    await using lane = await replying((reply) => {
      head(reply);
      expect(reply.headSent).toBe(true);
      expect(reply.closed).toBe(true);
      reply.write(Buffer.from('abc'));
      reply.end();
    });
    await using client = await lane.connect();
    const response = await client.ask(GET);
    expect(response.status).toBe(500);
    expect(response.json().error?.code).toBe('INTERNAL_ERROR');
    expect(lane.reports.length).toBe(1);
    expect((await client.ask(GET)).status).toBe(500);
  });

  it('replaces a reason phrase that cannot be sent', async () => {
    await using lane = await replying((reply) => {
      reply.head(200, 'a\r\nb', ['Content-Length', '0']);
      reply.end();
    });
    await using client = await lane.connect();
    expect((await client.ask(GET)).reason).toBe('OK');
  });

  it('sends the head at once when the body is not there yet', async () => {
    const replies: InboundReply[] = [];
    await using lane = await replying((reply) => {
      reply.head(200, '', []);
      replies.push(reply);
    });
    await using client = await lane.connect();
    client.send(GET);
    await client.waitFor('\r\n\r\n');
    replies[0]?.end(Buffer.from('late'));
    expect((await client.response()).body.toString()).toBe('late');
  });
});
