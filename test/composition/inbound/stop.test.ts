import { describe, expect, it } from 'vitest';
import { answer, TestLane, waitingLane } from '../../helpers/test-lane.ts';
import { until } from '../../helpers/until.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

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

  it.each([
    ['in one piece with its head', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}'],
    ['in chunks', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'],
  ])('ends connections at rest after a body %s', async (_how, post) => {
    await using lane = await TestLane.start();
    await using client = await lane.connect();
    expect((await client.ask(post)).body.toString()).toBe('{}');
    const stopped = lane.lane.stop(60_000);
    expect(await client.closed()).toBe('end');
    await stopped;
  });

  it('lets running requests finish, tells their clients to close, and drops what waits behind them', async () => {
    const { lane } = await waitingLane();
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
    const { lane } = await waitingLane((reply) => reply.head(200, '', []));
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
    const { lane, gone } = await waitingLane();
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
    const { lane } = await waitingLane();
    await Promise.all([lane.lane.stop(100), lane.lane.stop(100)]);
    lane.lane.closeNow();
  });
});

describe('listen', () => {
  it('fails with the system’s code when the port is taken', async () => {
    await using lane = await TestLane.start();
    await expect(TestLane.start(undefined, {}, { port: lane.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  it('tells the address of the peer, IPv4 as IPv4', async () => {
    await using lane = await TestLane.start();
    await using client = await lane.connect();
    await client.ask(GET);
    expect(lane.handled[0]?.request.remoteAddress).toBe('127.0.0.1');
    expect(lane.handled[0]?.request.scheme).toBe('http');
  });
});
