import { describe, expect, it } from 'vitest';
import { answerWith, GatewayPath, get, postHead } from '../../helpers/gateway-path.ts';
import type { RawResponse } from '../../helpers/raw-message.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';

/** What the client gets when the upstream answers with these bytes, and the path it came by. */
async function relayed(answer: string, request = get()): Promise<{ path: GatewayPath; answer: RawResponse }> {
  const path = await GatewayPath.start(await RawUpstream.answering(answer));
  return { path, answer: await path.ask(request, { toHead: request.startsWith('HEAD') }) };
}

const HEAD = get().replace('GET', 'HEAD');

describe('an answer on its way to the client', () => {
  it('duties 1, 2, 5: what concerns only the upstream’s connection ends at the gateway', async () => {
    const { path, answer } = await relayed(
      answerWith('ok', [
        'Connection: X-Hop',
        'X-Hop: 1',
        'Keep-Alive: timeout=5',
        'Proxy-Connection: keep-alive',
        'Proxy-Authenticate: Basic',
        'Proxy-Authentication-Info: x',
        'Upgrade: h2c',
        'X-Stays: 1',
      ]),
    );
    await using _ = path;
    expect(answer.raw.toString()).not.toMatch(/x-hop|timeout=5|proxy-|upgrade/i);
    expect(answer.header('x-stays')).toBe('1');
    await path.judged({ successes: 1 });
  });

  it('duty 3: an upstream cannot nominate our fields away', async () => {
    const { path, answer } = await relayed(
      answerWith('ok', ['Connection: Content-Length, Via, X-Request-Id, Date']),
    );
    await using _ = path;
    expect(answer.header('content-length')).toBe('2');
    expect(answer.header('via')).toMatch(/^1\.1 breakwater-\d{6}$/);
    expect(answer.header('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.header('date')).toBeDefined();
  });

  it('duty 12: Set-Cookie stays separate and everything in order', async () => {
    const { path, answer } = await relayed(
      answerWith('ok', [
        'Set-Cookie: a=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT',
        'X-A: 1',
        'set-cookie: b=2',
        'x-a: 2',
      ]),
    );
    await using _ = path;
    expect(answer.fields.slice(0, 4)).toEqual([
      ['Set-Cookie', 'a=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT'],
      ['X-A', '1'],
      ['set-cookie', 'b=2'],
      ['x-a', '2'],
    ]);
  });

  it('duty 13: Date is added when it is missing and left when it is there', async () => {
    const { path, answer } = await relayed(answerWith('ok'));
    await using _ = path;
    expect(Date.parse(answer.header('date') ?? '')).not.toBeNaN();
    const dated = await relayed(answerWith('ok', ['Date: Tue, 15 Nov 1994 08:12:31 GMT']));
    await using __ = dated.path;
    expect(dated.answer.all('date')).toEqual(['Tue, 15 Nov 1994 08:12:31 GMT']);
  });

  it.each([
    ['a bare CR in a value', 'Location: /a\rSet-Cookie: x=1'],
    ['a NUL in a value', 'Location: /a\0b'],
    ['a name that is no token', 'Lo cation: /a'],
  ])('duties 6, 7, 14: %s is a 502 and reaches nobody', async (_name, field) => {
    const { path, answer } = await relayed(answerWith('ok', [field]));
    await using _ = path;
    expect(answer.status).toBe(502);
    expect(answer.json()).toMatchObject({ error: { code: 'UPSTREAM_PROTOCOL_ERROR', service: 'api' } });
    expect(answer.raw.toString()).not.toMatch(/x=1|location/i);
    await path.judged({ failures: 1 });
  });

  it('duty 14: an encoded line break in Location stays encoded', async () => {
    const { path, answer } = await relayed(
      answerWith('', ['Location: /a%0d%0aSet-Cookie:%20x=1'], '302 Found'),
    );
    await using _ = path;
    expect(answer.header('location')).toBe('/a%0d%0aSet-Cookie:%20x=1');
    expect(answer.header('set-cookie')).toBeUndefined();
  });

  it.each(['+2', '2, 3', '0x2', '-1', '', '99999999999999999999'])(
    'duty 19: Content-Length "%s" is a 502, and the connection is not used again',
    async (length) => {
      const { path, answer } = await relayed(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\nok`);
      await using _ = path;
      expect(answer.status).toBe(502);
      await (await path.upstream.connection()).closed();
      await path.judged({ failures: 1 });
    },
  );

  it('duty 19: Content-Length beside chunked is dropped, or all is refused', async () => {
    const { path, answer } = await relayed(
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    );
    await using _ = path;
    if (answer.status === 200) {
      expect([answer.framing, answer.body.toString()]).toEqual(['chunked', 'ok']);
    } else expect(answer.status).toBe(502);
    await (await path.upstream.connection()).closed();
  });

  it('duty 20: a 204 goes out without any length', async () => {
    const { path, answer } = await relayed('HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n');
    await using _ = path;
    expect([answer.status, answer.framing]).toEqual([204, 'none']);
    await path.judged({ successes: 1 });
  });

  it('duty 24: a request that is cut off never completes upstream, by length or by chunks', async () => {
    for (const [head, part] of [
      [postHead(10), 'abc'],
      [postHead('chunked'), '3\r\nabc\r\n'],
    ] as const) {
      await using path = await GatewayPath.start(() => {});
      const client = await path.connect();
      client.send(head + part);
      const connection = await path.upstream.connection();
      await connection.waitFor('abc');
      client.reset();
      await connection.closed();
      expect(connection.text).not.toMatch(/0\r\n\r\n$/);
      await path.judged({ excluded: 1 });
    }
  });

  it('duty 25: trailers stay trailers, and those that frame or authenticate are dropped', async () => {
    const { path, answer } = await relayed(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 9\r\nSet-Cookie: a=1\r\nWWW-Authenticate: Basic\r\n\r\n',
    );
    await using _ = path;
    expect(answer.trailers).toEqual([['X-Sum', '9']]);
    expect(answer.header('x-sum')).toBeUndefined();
    await path.judged({ successes: 1 });
  });

  it('duty 25: an HTTP/1.0 client gets no trailers', async () => {
    const { path, answer } = await relayed(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 9\r\n\r\n',
      get('/', [], '1.0'),
    );
    await using _ = path;
    expect([answer.framing, answer.body.toString()]).toEqual(['close', 'ok']);
  });

  it('duty 26: the announced length is the number of bytes, whatever the pieces', async () => {
    const body = 'x'.repeat(100_000);
    await using path = await GatewayPath.start(async (connection) => {
      await connection.request();
      connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
      for (let at = 0; at < body.length; at += 33_331) {
        connection.send(body.slice(at, at + 33_331));
        await new Promise(setImmediate);
      }
    });
    const client = await path.connect();
    const answer = await client.ask(get());
    expect(answer.header('content-length')).toBe(String(body.length));
    expect(answer.body.toString() === body).toBe(true);
    expect(client.unconsumed).toHaveLength(0);
  });

  it.each([
    ['HEAD', HEAD, 'HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n', '1234'],
    ['304', get(), 'HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\nETag: "x"\r\n\r\n', '1234'],
    ['204', get(), 'HTTP/1.1 204 No Content\r\n\r\n', undefined],
  ])(
    'duty 27: an answer to %s has no body, and the next one on the connection is whole',
    async (_n, request, bytes, length) => {
      await using path = await GatewayPath.start(
        await RawUpstream.answering((_request, nth) => (nth === 0 ? bytes : answerWith('next'))),
      );
      const client = await path.connect();
      const first = await client.ask(request, { toHead: request.startsWith('HEAD') });
      expect([first.body.length, first.header('content-length')]).toEqual([0, length]);
      expect((await client.ask(get('/next'))).body.toString()).toBe('next');
      await path.judged({ successes: 2 });
    },
  );

  it.each([
    ['HEAD', HEAD, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray'],
    ['204', get(), 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nstray'],
    ['304', get(), 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nstray'],
  ])(
    'duty 28: a body on an answer to %s is nobody’s, and the connection ends',
    async (_n, request, bytes) => {
      await using path = await GatewayPath.start(
        await RawUpstream.answering((asked) => (asked.target === '/next' ? answerWith('next') : bytes)),
      );
      const client = await path.connect();
      client.send(request);
      await client.response({ toHead: true });
      const next = await client.ask(get('/next'));
      expect([next.status, next.body.toString()]).toEqual([200, 'next']);
      expect(client.text).not.toContain('stray');
      await (await path.upstream.connection(0)).closed();
    },
  );
});
