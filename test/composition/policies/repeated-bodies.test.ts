import { describe, expect, it } from 'vitest';
import { answerWith, post, postHead } from '../../helpers/gateway-path.ts';
import { RawUpstream, type UpstreamConnection } from '../../helpers/raw-upstream.ts';
import { itInOneThread } from '../../helpers/test-gateway.ts';
import { handling, PolicyPath } from './policy-path.ts';

const RETRY = 'retry: { methods: [POST], backoff: { initial: 50ms, jitter: none }, budget: unlimited }';

/** Bytes of which no two pieces are alike. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0, state = 7; at < length; at++) {
    state = (state * 48_271) % 2_147_483_647;
    bytes[at] = state;
  }
  return bytes;
}

/** Fails the first request as soon as `enough` of it has come, and answers the second one with what it got. */
function failingEarly(
  enough: string,
  fail: (connection: UpstreamConnection) => void = (connection) => connection.reset(),
): Promise<RawUpstream> {
  let nth = 0;
  return RawUpstream.start(async (connection) => {
    if (nth++ === 0) {
      await connection.waitFor(enough);
      fail(connection);
      return;
    }
    const { body, framing, fields } = await connection.request({ withinMs: 60_000 });
    connection.send(
      answerWith(body.toString('latin1'), [`X-Framing: ${framing}`, `X-Fields: ${fields.length}`]),
    );
  });
}

describe('a repeated request body', () => {
  it('is sent whole, with the same Content-Length', async () => {
    const body = noise(60_000);
    await using api = await handling((connection, request, nth) =>
      connection.send(
        nth === 0 ? answerWith('', [], '503 No') : answerWith(String(request.body.equals(body))),
      ),
    );
    await using path = await PolicyPath.start({ api }, { route: RETRY });
    const client = await path.connect();
    client.send(postHead(body.length));
    client.send(body);
    expect((await client.response()).body.toString()).toBe('true');
    expect(api.connections).toHaveLength(1);
    const [connection] = api.connections;
    expect(connection?.text.match(/\r\ncontent-length: 60000\r\n/gi)).toHaveLength(2);
    expect(connection?.received.subarray(-body.length).equals(body)).toBe(true);
  });

  // Each worker has connections of its own.
  itInOneThread('that was sent whole leaves its connection for the next attempt', async () => {
    await using api = await handling((connection) => connection.send(answerWith('no', [], '502 No')));
    await using path = await PolicyPath.start({ api }, { route: RETRY });
    for (const _ of [1, 2, 3]) expect((await path.ask(post('x'))).status).toBe(502);
    await path.idle();
    expect(api.connections).toHaveLength(1);
  });

  it.each([
    ['with its length', 9],
    ['in chunks', 'chunked'],
  ] as const)(
    'of which the client still owes a part goes on in the second attempt (%s)',
    async (_name, length) => {
      await using api = await failingEarly('abc');
      await using path = await PolicyPath.start({ api }, { route: RETRY });
      const client = await path.connect();
      const piece = (text: string) => (length === 'chunked' ? `${text.length}\r\n${text}\r\n` : text);
      client.send(`${postHead(length)}${piece('abc')}`);
      // The second attempt is under way, and still there is a part to come.
      await (await api.connection(1)).waitFor('abc');
      client.send(piece('def'));
      await (await api.connection(1)).waitFor('def');
      client.send(`${piece('ghi')}${length === 'chunked' ? '0\r\n\r\n' : ''}`);
      const answer = await client.response();
      expect([answer.status, answer.body.toString()]).toEqual([200, 'abcdefghi']);
      expect(answer.header('x-framing')).toBe(length === 'chunked' ? 'chunked' : 'length');
      await path.judged({ failures: 1, successes: 1 });
      await path.idle();
    },
  );

  it('goes on as well after an answer that came early', async () => {
    await using api = await failingEarly('abc', (connection) =>
      connection.send(answerWith('', [], '503 No')),
    );
    await using path = await PolicyPath.start({ api }, { route: RETRY });
    const client = await path.connect();
    client.send(`${postHead(6)}abc`);
    await (await api.connection(1)).waitFor('abc');
    client.send('def');
    expect((await client.response()).body.toString()).toBe('abcdef');
    // The first connection owes the upstream a part for ever.
    await api.connections[0]?.closed();
  });

  it('is not sent again when it is larger than max_body, and the first failure is told', async () => {
    for (const framing of ['length', 'chunked'] as const) {
      const body = 'x'.repeat(2_000);
      await using api = await failingEarly(body);
      await using path = await PolicyPath.start({ api }, { route: RETRY.replace('{', '{ max_body: 1000B,') });
      const chunks = `7d0\r\n${body}\r\n0\r\n\r\n`;
      const answer = await path.ask(framing === 'length' ? post(body) : `${postHead('chunked')}${chunks}`);
      expect([answer.status, answer.json().error?.code]).toEqual([502, 'UPSTREAM_RESET']);
      await path.judged({ failures: 1 });
    }
  });

  it('is sent again when it is exactly max_body long', async () => {
    const body = 'x'.repeat(1_000);
    await using api = await failingEarly(body);
    await using path = await PolicyPath.start({ api }, { route: RETRY.replace('{', '{ max_body: 1000B,') });
    expect((await path.ask(post(body))).body.toString()).toBe(body);
  });

  it('larger than max_body goes on in the second attempt as long as no more than that has come', async () => {
    await using api = await failingEarly('abc');
    await using path = await PolicyPath.start({ api }, { route: RETRY.replace('{', '{ max_body: 100B,') });
    const client = await path.connect();
    client.send(`${postHead('chunked')}3\r\nabc\r\n`);
    await (await api.connection(1)).waitFor('abc');
    const rest = 'y'.repeat(4_000);
    client.send(`fa0\r\n${rest}\r\n0\r\n\r\n`);
    expect((await client.response()).body.toString()).toBe(`abc${rest}`);
  });

  // Each worker begins with the first target.
  itInOneThread('of any size reaches the target that can be connected to', async () => {
    const body = noise(3_000_000);
    await using live = await handling((connection, request) =>
      connection.send(answerWith(String(request.body.equals(body)))),
    );
    await using path = await PolicyPath.start(
      { api: ['http://127.0.0.1:1', live] },
      { route: RETRY, server: 'max_body_size: unlimited' },
    );
    for (let nth = 0; nth < 2; nth++) {
      const client = await path.connect();
      client.send(postHead(body.length));
      client.send(body);
      expect((await client.response()).body.toString()).toBe('true');
    }
    await path.judged({ failures: 1, successes: 2 });
  });

  it('holds the client back while there is no attempt', async () => {
    let free = () => {};
    const released = new Promise<void>((resolve) => {
      free = resolve;
    });
    let nth = 0;
    await using api = await RawUpstream.start(async (connection) => {
      if (nth++ > 0) {
        await released;
        const { body } = await connection.request();
        connection.send(answerWith(String(body.length)));
        return;
      }
      await connection.waitFor('abc');
      connection.send(answerWith('', ['Retry-After: 1'], '503 No'));
    });
    await using path = await PolicyPath.start(
      { api },
      { route: RETRY.replace('budget', 'max_body: 16MiB, budget'), server: 'max_body_size: unlimited' },
    );
    const size = 15_000_000;
    const client = await path.connect();
    client.send(`${postHead(size)}abc`);
    await path.judged({ failures: 1 });
    client.send(Buffer.alloc(size - 3));
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(client.socket.writableLength).toBeGreaterThan(0);
    free();
    expect((await client.response()).body.toString()).toBe(String(size));
  });

  it('that breaks while its attempt is waited for is the client’s fault', async () => {
    await using api = await failingEarly('abc');
    await using path = await PolicyPath.start({ api }, { route: RETRY });
    const client = await path.connect();
    client.send(`${postHead('chunked')}3\r\nabc\r\n`);
    await (await api.connection(1)).waitFor('abc');
    client.send('zz\r\n');
    expect((await client.response()).status).toBe(400);
    await path.judged({ failures: 1, excluded: 1 });
    await path.idle();
  });

  // Each worker begins with the first target.
  itInOneThread(
    'does not make the client slow while the gateway is the one that waits for a connection',
    async () => {
      await using early = await RawUpstream.start(async (connection) => {
        await connection.waitFor('abc');
        connection.send(answerWith('', [], '503 No'));
      });
      // Takes the connection and never shakes hands, so that the second attempt does not get as far as the body.
      await using deaf = await RawUpstream.start();
      await using path = await PolicyPath.start(
        { api: [early, deaf.url.replace('http:', 'https:')] },
        { route: `timeout: 1s, ${RETRY}` },
      );
      for (let nth = 0; nth < 2; nth++) {
        const client = await path.connect();
        client.send(`${postHead(6)}abc`);
        // Of two, one begins with the target that answers early.
        const answer = await client.response();
        expect([answer.status, answer.json().error?.code]).toEqual([504, 'UPSTREAM_TIMEOUT']);
      }
      expect(early.connections.length).toBe(1);
    },
  );
});
