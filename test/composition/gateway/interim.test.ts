import { describe, expect, it } from 'vitest';
import { answerWith, GatewayPath, get, post, postHead } from '../../helpers/gateway-path.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';

const HINTS =
  'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\n';

describe('what comes before the final answer, or before its time', () => {
  it('duties 29, 30: interim answers go to the client as they come, and out of the final one', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using path = await GatewayPath.start(async (connection) => {
      await connection.request();
      connection.send(`HTTP/1.1 102 Processing\r\n\r\n${HINTS}`);
      await released;
      connection.send(answerWith('ok'));
    });
    const client = await path.connect();
    expect((await client.ask(get())).status).toBe(102);
    const hints = await client.response();
    expect(hints.status).toBe(103);
    expect(hints.header('link')).toBe('</a.css>; rel=preload');
    expect(hints.header('x-hop')).toBeUndefined();
    release();
    const final = await client.response();
    expect([final.status, final.body.toString()]).toEqual([200, 'ok']);
    expect(final.header('link')).toBeUndefined();
    await path.judged({ successes: 1 });
  });

  it('duty 31: an HTTP/1.0 client gets none', async () => {
    await using path = await GatewayPath.start(await RawUpstream.answering(HINTS + answerWith('ok')));
    const client = await path.connect();
    expect((await client.ask(get('/', [], '1.0'))).status).toBe(200);
    expect(client.text).not.toContain('103');
  });

  it('duty 29: an interim answer alone does not stop the clock of request_timeout', async () => {
    await using path = await GatewayPath.start(await RawUpstream.answering(HINTS), {
      breaker: 'request_timeout: 150ms',
    });
    const client = await path.connect();
    expect((await client.ask(get())).status).toBe(103);
    expect((await client.response()).status).toBe(504);
    await path.judged({ failures: 1, timeouts: 1 });
  });

  it('an upstream that switches protocols unasked is a protocol error', async () => {
    await using path = await GatewayPath.start(
      await RawUpstream.answering(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
      ),
    );
    expect((await path.ask(get())).status).toBe(502);
    await path.judged({ failures: 1 });
  });

  it('duty 32: a client that waits is told to go on only when the upstream can be reached', async () => {
    await using path = await GatewayPath.start(await RawUpstream.answering(answerWith('ok')));
    const client = await path.connect();
    client.send(postHead(3, ['Expect: 100-continue']));
    expect((await client.response()).status).toBe(100);
    expect((await client.ask('abc')).status).toBe(200);

    await using dead = await GatewayPath.start(() => {}, { target: 'http://127.0.0.1:1' });
    const waiting = await dead.connect();
    waiting.send(postHead(3, ['Expect: 100-continue']));
    const answer = await waiting.response();
    expect([answer.status, answer.header('connection')]).toEqual([502, 'close']);
    await dead.judged({ failures: 1 });
  });

  it('duty 33: an unknown expectation is refused, and nobody is asked', async () => {
    await using path = await GatewayPath.start(await RawUpstream.answering(answerWith('ok')));
    expect((await path.ask(post('abc', ['Expect: tea']))).status).toBe(417);
    expect(path.upstream.connections).toHaveLength(0);
    await path.judged({});
  });

  it('duty 34: an answer before the end of the upload is relayed whole, then the connection ends', async () => {
    await using path = await GatewayPath.start(async (connection) => {
      await connection.waitFor('abc');
      connection.send(answerWith('too big for me', [], '413 Content Too Large'));
    });
    const client = await path.connect();
    client.send(`${postHead(1_000_000)}abc`);
    const answer = await client.response();
    expect([answer.status, answer.body.toString()]).toEqual([413, 'too big for me']);
    expect(await client.closed()).toBe('end');
    await (await path.upstream.connection()).closed();
    // The upstream did answer, and a 4xx is no failure.
    await path.judged({ successes: 1 });
  });

  it('duty 34: an early answer may stream while the upload goes on, and both end well', async () => {
    await using path = await GatewayPath.start(async (connection) => {
      await connection.waitFor('abc');
      connection.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n');
      await connection.waitFor('def');
      connection.send('3\r\ndef\r\n0\r\n\r\n');
    });
    const client = await path.connect();
    client.send(`${postHead(6)}abc`);
    await client.waitFor('abc');
    client.send('def');
    expect((await client.response()).body.toString()).toBe('abcdef');
    await path.judged({ successes: 1 });
  });

  it('duty 34: a failure status before the end of the upload counts once', async () => {
    await using path = await GatewayPath.start(async (connection) => {
      await connection.waitFor('abc');
      connection.send(answerWith('busy', [], '503 Service Unavailable'));
    });
    const client = await path.connect();
    client.send(`${postHead('chunked')}3\r\nabc\r\n`);
    const answer = await client.response();
    expect([answer.status, answer.body.toString()]).toEqual([503, 'busy']);
    await path.judged({ failures: 1 });
  });

  it('duty 39: pipelined answers come in order, whoever is ready first', async () => {
    await using path = await GatewayPath.start(
      await RawUpstream.answering((request) => answerWith(request.target)),
    );
    const client = await path.connect();
    client.send(get('/1') + get('/health/live') + post('body', [], '/3') + get('/a/../b'));
    expect((await client.response()).body.toString()).toBe('/1');
    expect((await client.response()).json()).toMatchObject({ status: 'live' });
    expect((await client.response()).body.toString()).toBe('/3');
    expect((await client.response()).status).toBe(400);
  });

  it('duty 40: HTTP/1.0 closes after its answer, HTTP/1.1 when the client says so', async () => {
    await using path = await GatewayPath.start(await RawUpstream.answering(answerWith('ok')));
    for (const request of [get('/', [], '1.0'), get('/', ['Connection: close'])]) {
      const client = await path.connect();
      const answer = await client.ask(request + get('/never'));
      expect(answer.header('connection')).toBe('close');
      expect(await client.closed()).toBe('end');
    }
    await path.judged({ successes: 2 });
  });

  it('duty 40: `Connection: close` of the upstream is not the client’s', async () => {
    await using path = await GatewayPath.start(async (connection) => {
      await connection.request();
      connection.send(answerWith('ok', ['Connection: close']));
      connection.end();
    });
    const client = await path.connect();
    for (let request = 0; request < 2; request++) {
      const answer = await client.ask(get());
      expect([answer.status, answer.header('connection')]).not.toContain('close');
    }
    expect(path.upstream.connections).toHaveLength(2);
  });
});
