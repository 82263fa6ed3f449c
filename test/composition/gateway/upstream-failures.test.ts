import { describe, expect, it } from 'vitest';
import { answerWith, GatewayPath, get, post } from '../../helpers/gateway-path.ts';
import { RawUpstream, type UpstreamConnection } from '../../helpers/raw-upstream.ts';

/** Behaves as told at its first request and well at all others. */
function failsOnce(fail: (connection: UpstreamConnection) => void): Promise<RawUpstream> {
  let failed = false;
  return RawUpstream.start(async (connection) => {
    for (;;) {
      await connection.request({ withinMs: 600_000 });
      if (failed) connection.send(answerWith('well'));
      else fail(connection);
      failed = true;
    }
  });
}

const GARBAGE: readonly (readonly [string, string])[] = [
  ['no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
  ['a status below 100', 'HTTP/1.1 099 No\r\nContent-Length: 0\r\n\r\n'],
  ['a header without a colon', 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n'],
  ['a coding that is not chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!'],
  ['a head of 100 KiB', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100 * 1024)}\r\nContent-Length: 0\r\n\r\n`],
  ['binary zeros', '\0'.repeat(100)],
];

describe('an upstream that fails before its answer', () => {
  it.each(GARBAGE)('duty 36: %s is a 502, and the client’s connection stays usable', async (_name, bytes) => {
    await using path = await GatewayPath.start(await failsOnce((connection) => connection.send(bytes)));
    const client = await path.connect();
    const answer = await client.ask(get());
    expect(answer.status).toBe(502);
    expect(answer.json()).toMatchObject({ error: { code: 'UPSTREAM_PROTOCOL_ERROR', service: 'api' } });
    await (await path.upstream.connection()).closed();
    expect((await client.ask(get('/again'))).body.toString()).toBe('well');
    await path.judged({ successes: 1, failures: 1 });
  });

  it.each([
    ['FIN', (connection: UpstreamConnection) => connection.end()],
    ['RST', (connection: UpstreamConnection) => connection.reset()],
    [
      'RST in its head',
      (connection: UpstreamConnection) => {
        connection.send('HTTP/1.1 200 OK\r\nContent-Le');
        connection.socket.once('drain', () => connection.reset());
        setImmediate(() => connection.reset());
      },
    ],
    [
      'FIN in its head',
      (connection: UpstreamConnection) => {
        connection.send('HTTP/1.1 200 OK\r\nContent-Le');
        connection.end();
      },
    ],
  ])(
    'duties 36, 37: %s is a 502, asked once, and the client’s connection stays usable',
    async (_name, fail) => {
      for (const request of [get(), post('not twice')]) {
        await using path = await GatewayPath.start(await failsOnce(fail));
        const client = await path.connect();
        const answer = await client.ask(request);
        expect([answer.status, answer.json().error?.code]).toEqual([502, 'UPSTREAM_RESET']);
        await path.judged({ failures: 1 });
        expect(path.upstream.connections).toHaveLength(1);
        expect((await client.ask(get('/again'))).body.toString()).toBe('well');
      }
    },
  );

  it('duty 37: a kept connection that breaks on the second request: asked once, 502', async () => {
    let asked = 0;
    await using path = await GatewayPath.start(async (connection) => {
      for (;;) {
        await connection.request({ withinMs: 600_000 });
        if (++asked === 2) connection.reset();
        else connection.send(answerWith('well'));
      }
    });
    const client = await path.connect();
    expect((await client.ask(get())).status).toBe(200);
    expect((await client.ask(get())).status).toBe(502);
    await path.judged({ successes: 1, failures: 1 });
    expect(asked).toBe(2);
  });

  it('duty 36: nobody listening is a 502 to each client, and its connection stays usable', async () => {
    await using path = await GatewayPath.start(() => {}, { target: 'http://127.0.0.1:1' });
    const client = await path.connect();
    for (const request of [get(), post('body'), get()]) {
      const answer = await client.ask(request);
      expect([answer.status, answer.json().error?.code]).toEqual([502, 'UPSTREAM_UNREACHABLE']);
    }
    await path.judged({ failures: 3 });
  });

  it('duty 36: after a 504 the client’s connection stays usable', async () => {
    await using path = await GatewayPath.start(await failsOnce(() => {}), {
      breaker: 'request_timeout: 500ms',
    });
    const client = await path.connect();
    expect((await client.ask(post('body'))).status).toBe(504);
    expect((await client.ask(get())).body.toString()).toBe('well');
    await path.judged({ successes: 1, failures: 1, timeouts: 1 });
  });

  it('duty 38: bytes behind an answer are never taken for the next one', async () => {
    await using path = await GatewayPath.start(
      await RawUpstream.answering(
        (_request, nth) =>
          answerWith(`right ${nth}`) + (nth === 0 ? answerWith('wrong', ['X-Smuggled: 1']) : ''),
      ),
    );
    const client = await path.connect();
    const bodies = [];
    for (let request = 0; request < 3; request++) {
      const answer = await client.ask(get());
      bodies.push([answer.status, answer.body.toString()]);
    }
    expect(bodies[0]).toEqual([200, 'right 0']);
    expect(client.text).not.toContain('wrong');
    await (await path.upstream.connection(0)).closed();
  });
});

describe('an upstream that fails in the middle of its answer', () => {
  const FRAMINGS = [
    ['by length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart'],
    ['by chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n'],
    ['in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\npart'],
  ] as const;

  it.each(
    FRAMINGS.flatMap(([name, bytes]) => [
      [name, 'FIN', bytes],
      [name, 'RST', bytes],
    ]),
  )('duty 35: framed %s and cut by %s: the client’s connection is cut', async (_name, how, bytes) => {
    await using path = await GatewayPath.start(async (connection) => {
      await connection.request();
      connection.send(bytes ?? '');
      await client.waitFor('part');
      if (how === 'FIN') connection.end();
      else connection.reset();
    });
    const client = await path.connect();
    client.send(get());
    expect(await client.closed()).toBe('reset');
    expect(client.text).toContain('part');
    expect(client.text).not.toMatch(/\r\n0\r\n/);
    await path.judged({ failures: 1 });
  });

  it('duty 35: delimited by its end: whole after FIN, cut after RST', async () => {
    for (const how of ['FIN', 'RST']) {
      await using path = await GatewayPath.start(async (connection) => {
        await connection.request();
        connection.send('HTTP/1.1 200 OK\r\n\r\npart');
        await client.waitFor('part');
        if (how === 'FIN') connection.end();
        else connection.reset();
      });
      const client = await path.connect();
      client.send(get());
      if (how === 'FIN') {
        const answer = await client.response();
        expect([answer.framing, answer.body.toString()]).toEqual(['chunked', 'part']);
        await path.judged({ successes: 1 });
      } else {
        expect(await client.closed()).toBe('reset');
        expect(client.text).not.toMatch(/\r\n0\r\n/);
        await path.judged({ failures: 1 });
      }
    }
  });

  it('duty 35: an HTTP/1.0 client, for whom FIN would be a good end, sees a reset', async () => {
    await using path = await GatewayPath.start(async (connection) => {
      await connection.request();
      connection.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n');
      await client.waitFor('part');
      connection.reset();
    });
    const client = await path.connect();
    client.send(get('/', [], '1.0'));
    expect(await client.closed()).toBe('reset');
    await path.judged({ failures: 1 });
  });

  it('a chunk that is no chunk breaks the answer', async () => {
    await using path = await GatewayPath.start(async (connection) => {
      await connection.request();
      connection.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n');
      await client.waitFor('part');
      connection.send('xyz\r\nmore\r\n0\r\n\r\n');
    });
    const client = await path.connect();
    client.send(get());
    expect(await client.closed()).toBe('reset');
    expect(client.text).not.toMatch(/more|\r\n0\r\n/);
    await path.judged({ failures: 1 });
  });

  it('a failure status whose body breaks too counts once', async () => {
    await using path = await GatewayPath.start(async (connection) => {
      await connection.request();
      connection.send('HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\npart');
      await client.waitFor('part');
      await path.judged({ failures: 1 });
      connection.reset();
    });
    const client = await path.connect();
    client.send(get());
    expect(await client.closed()).toBe('reset');
    await path.judged({ failures: 1 });
  });
});
