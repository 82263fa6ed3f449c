import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { answerWith, GatewayPath, get, post, postHead } from '../../helpers/gateway-path.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { itInOneThread } from '../../helpers/test-gateway.ts';

const BIG = 16 * 1024 * 1024;

describe('request_timeout', () => {
  it('duty 36: ends the wait for a head with 504, and the connection to the upstream', async () => {
    await using path = await GatewayPath.start(() => {}, { breaker: 'request_timeout: 100ms' });
    const answer = await path.ask(get());
    expect(answer.status).toBe(504);
    expect(answer.json()).toMatchObject({ error: { code: 'UPSTREAM_TIMEOUT', service: 'api' } });
    await (await path.upstream.connection()).closed();
    await path.judged({ failures: 1, timeouts: 1 });
  });

  it('response_timeout is the shorter of the two when it is', async () => {
    await using path = await GatewayPath.start(() => {}, { upstream: 'response_timeout: 100ms' });
    expect((await path.ask(get())).status).toBe(504);
    await path.judged({ failures: 1, timeouts: 1 });
  });

  it('ends with the head: a body may take longer', async () => {
    await using path = await GatewayPath.start(
      async (connection) => {
        await connection.request();
        connection.send('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n');
        for (const piece of 'slow') {
          await new Promise((resolve) => setTimeout(resolve, 200));
          connection.send(piece);
        }
      },
      { breaker: 'request_timeout: 600ms' },
    );
    expect((await path.ask(get())).body.toString()).toBe('slow');
    await path.judged({ successes: 1 });
  });

  it('does not run while the client sends its body slowly', async () => {
    await using path = await GatewayPath.start(await RawUpstream.answering(answerWith('ok')), {
      breaker: 'request_timeout: 700ms',
    });
    const client = await path.connect();
    client.send(postHead(6));
    for (const piece of 'slowly') {
      await new Promise((resolve) => setTimeout(resolve, 150));
      client.send(piece);
    }
    expect((await client.response()).status).toBe(200);
    await path.judged({ successes: 1 });
  });

  it('does not run while the client rests, though the upstream had to hold it back before', async () => {
    await using path = await GatewayPath.start(await RawUpstream.answering(answerWith('ok')), {
      breaker: 'request_timeout: 400ms',
    });
    const client = await path.connect();
    // More than the gateway keeps, so that it stops reading until the upstream has taken some.
    const half = Buffer.alloc(300_000, 'x');
    client.send(postHead(2 * half.length));
    client.send(half);
    const upstream = await path.upstream.connection();
    await upstream.until(() => upstream.received.length > half.length, 'the first half');
    await new Promise((resolve) => setTimeout(resolve, 900));
    client.send(half);
    expect((await client.response()).status).toBe(200);
    await path.judged({ successes: 1 });
  });

  it('runs from the end of a slow body on', async () => {
    await using path = await GatewayPath.start(() => {}, { breaker: 'request_timeout: 150ms' });
    const client = await path.connect();
    client.send(postHead(6));
    for (const piece of 'slowly') {
      await new Promise((resolve) => setTimeout(resolve, 60));
      client.send(piece);
    }
    const [connection] = path.upstream.connections;
    await connection?.waitFor('slowly');
    expect((await client.response()).status).toBe(504);
    await path.judged({ failures: 1, timeouts: 1 });
  });

  it('runs while the upstream does not take the body, and counts against it', async () => {
    await using path = await GatewayPath.start((connection) => void connection.socket.pause(), {
      breaker: 'request_timeout: 300ms',
      server: 'max_body_size: unlimited',
    });
    const client = await path.connect();
    client.send(postHead(BIG));
    client.send(Buffer.alloc(BIG));
    expect((await client.response()).status).toBe(504);
    await path.judged({ failures: 1, timeouts: 1 });
  });

  // Each worker has connections of its own: of two, the other one might take the second request.
  itInOneThread('of a request that waited for a connection runs once it has one', async () => {
    await using path = await GatewayPath.start(
      async (connection) => {
        await connection.request();
        await second;
        connection.send(answerWith('first'));
        // And nothing for the second.
      },
      { upstream: 'max_connections: 1', breaker: 'request_timeout: 500ms' },
    );
    let queued = () => {};
    const second = new Promise<void>((resolve) => {
      queued = resolve;
    });
    const first = await path.connect();
    first.send(get('/first'));
    const upstream = await path.upstream.connection();
    await upstream.waitFor('/first');
    const waiting = await path.connect();
    waiting.send(get('/second'));
    // Answered behind it, so the gateway has it by now.
    expect((await path.ask(get('/health/live'))).status).toBe(200);
    queued();
    expect((await first.response()).body.toString()).toBe('first');
    await upstream.waitFor('/second');
    expect((await waiting.response()).status).toBe(504);
    await path.judged({ successes: 1, failures: 1, timeouts: 1 });
  });
});

describe('request_timeout of an upload whose connection is still being made', () => {
  it('runs, although the client owes its body', async () => {
    // TCP is accepted, the TLS handshake never answered.
    await using silent = await RawUpstream.start();
    await using path = await GatewayPath.start(() => {}, {
      target: `https://127.0.0.1:${silent.port}`,
      upstream: 'connect_timeout: 60s',
      breaker: 'request_timeout: 200ms',
    });
    const answer = await path.ask(`${postHead(6)}s`);
    expect([answer.status, answer.json().error?.code]).toEqual([504, 'UPSTREAM_TIMEOUT']);
    await path.judged({ failures: 1, timeouts: 1 });
  });
});

describe('a route’s timeout', () => {
  it('before the head: 504, counted when the upstream was waited for', async () => {
    await using path = await GatewayPath.start(() => {}, { route: 'timeout: 100ms' });
    const answer = await path.ask(get());
    expect([answer.status, answer.json().error?.code]).toEqual([504, 'UPSTREAM_TIMEOUT']);
    await (await path.upstream.connection()).closed();
    await path.judged({ failures: 1, timeouts: 1 });
  });

  it('before the head, while the client owes its body: 408, excluded, and the upstream’s request ends', async () => {
    await using path = await GatewayPath.start(() => {}, { route: 'timeout: 200ms' });
    const client = await path.connect();
    client.send(`${postHead(6)}s`);
    const answer = await client.response();
    expect([answer.status, answer.json().error?.code]).toEqual([408, 'REQUEST_TIMEOUT']);
    expect(answer.header('connection')).toBe('close');
    await (await path.upstream.connection()).closed();
    await path.judged({ excluded: 1 });
  });

  it('after the head: cuts the answer, counted when the upstream stalled', async () => {
    await using path = await GatewayPath.start(
      await RawUpstream.answering('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart'),
      { route: 'timeout: 500ms' },
    );
    const client = await path.connect();
    client.send(get());
    await client.waitFor('part');
    expect(await client.closed()).toBe('reset');
    await (await path.upstream.connection()).closed();
    await path.judged({ failures: 1, timeouts: 1 });
  });

  it('after the head, while the client does not read: cuts the answer, excluded', async () => {
    await using path = await GatewayPath.start(
      async (connection) => {
        await connection.request();
        connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${BIG}\r\n\r\n`);
        connection.send(Buffer.alloc(BIG));
      },
      { route: 'timeout: 1s' },
    );
    const client = await path.connect();
    client.stopReading();
    client.send(get());
    await (await path.upstream.connection()).closed();
    await path.judged({ excluded: 1 });
    client.readOn();
    expect(await client.closed()).toBe('reset');
  });

  it('after the head, once a client that held back reads again: counted when the upstream stalls then', async () => {
    await using path = await GatewayPath.start(
      async (connection) => {
        await connection.request();
        connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${BIG + 1}\r\n\r\n`);
        connection.send(Buffer.alloc(BIG));
      },
      { route: 'timeout: 2s' },
    );
    const client = await path.connect();
    client.stopReading();
    client.send(get());
    const upstream = await path.upstream.connection();
    await eventually(() => expect(upstream.socket.writableLength).toBeGreaterThan(0));
    client.readOn();
    await client.until(() => client.received.length > BIG, 'all that was sent');
    expect(await client.closed()).toBe('reset');
    await path.judged({ failures: 1, timeouts: 1 });
  });

  it('after an early head, while the client owes its body: cuts the answer, excluded', async () => {
    await using path = await GatewayPath.start(
      async (connection) => {
        await connection.waitFor('abc');
        connection.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n');
      },
      { route: 'timeout: 600ms' },
    );
    const client = await path.connect();
    client.send(`${postHead(6)}abc`);
    await client.waitFor('3\r\nabc');
    expect(await client.closed()).toBe('reset');
    await (await path.upstream.connection()).closed();
    await path.judged({ excluded: 1 });
  });
});

describe('idle_body_timeout', () => {
  it('ends an answer that stalls, and counts it', async () => {
    await using path = await GatewayPath.start(
      await RawUpstream.answering('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart'),
      { upstream: 'idle_body_timeout: 100ms' },
    );
    const client = await path.connect();
    client.send(post('x'));
    await client.waitFor('part');
    expect(await client.closed()).toBe('reset');
    await path.judged({ failures: 1, timeouts: 1 });
  });

  it.each([
    ['GET', get()],
    ['POST', post('x')],
  ])('does not run while the client does not read its answer to %s', async (_method, request) => {
    await using path = await GatewayPath.start(
      async (connection) => {
        await connection.request();
        connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${BIG}\r\n\r\n`);
        connection.send(Buffer.alloc(BIG));
      },
      { upstream: 'idle_body_timeout: 200ms' },
    );
    const client = await path.connect();
    client.stopReading();
    client.send(request);
    let held = 0;
    const upstream = await path.upstream.connection();
    await eventually(() => expect(upstream.socket.writableLength).toBeGreaterThan(0));
    await eventually(() => {
      const before = held;
      held = upstream.socket.writableLength;
      expect(held).toBe(before);
    });
    // Several times the limit.
    await new Promise((resolve) => setTimeout(resolve, 700));
    client.readOn();
    expect((await client.response({ withinMs: 60_000 })).body).toHaveLength(BIG);
    await path.judged({ successes: 1 });
  });
});
