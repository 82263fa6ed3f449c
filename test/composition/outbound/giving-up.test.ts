import { describe, expect, it } from 'vitest';
import { ClientBody, OutboundAttempt, outboundLane } from '../../helpers/outbound-attempt.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { until } from '../../helpers/until.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

describe('an attempt that is given up', () => {
  it('before the connection stands is never sent', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url);
    const attempt = new OutboundAttempt(lane);
    attempt.attempt.abort();
    const second = new OutboundAttempt(lane, { path: '/second' });
    const connection = await upstream.connection();
    await connection.waitFor('/second');
    expect(connection.text).not.toContain('GET / ');
    second.attempt.abort();
    await connection.closed();
    expect(attempt.calls).toEqual([]);
  });

  it('while it waits for the head closes the connection; the sink hears nothing', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url);
    const attempt = new OutboundAttempt(lane);
    const connection = await upstream.connection();
    await connection.request();
    attempt.attempt.abort();
    attempt.attempt.abort();
    await connection.closed();
    expect(attempt.calls).toEqual([]);
  });

  it.each([false, true])('in the middle of the body closes the connection (held back: %s)', async (hold) => {
    await using upstream = await RawUpstream.answering('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello');
    await using lane = outboundLane(upstream.url);
    const attempt = new OutboundAttempt(lane);
    attempt.hold = hold;
    await until(() => attempt.chunks.length > 0);
    attempt.attempt.abort();
    attempt.attempt.resume();
    await (await upstream.connection()).closed();
    expect(attempt.calls).toEqual(['head', 'data']);
  });

  it('in the middle of its request body closes the connection, and the request stays incomplete', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url);
    const body = new ClientBody();
    const attempt = new OutboundAttempt(lane, { method: 'POST', body });
    await body.send('1234');
    const connection = await upstream.connection();
    await connection.waitFor('1234');
    attempt.attempt.abort();
    await body.send('5678');
    await body.end();
    await connection.closed();
    expect(connection.text).not.toContain('5678');
    expect(connection.text).not.toContain('0\r\n\r\n');
    expect(attempt.calls).toEqual([]);
  });

  it('while it waits for a free connection leaves that connection in use', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url, { maxConnections: 1 });
    const first = new OutboundAttempt(lane);
    const connection = await upstream.connection();
    await connection.request();
    const waiting = Array.from({ length: 5 }, () => new OutboundAttempt(lane, { path: '/waiting' }));
    const last = new OutboundAttempt(lane, { path: '/last' });
    await new Promise((resolve) => setImmediate(resolve));
    for (const { attempt } of waiting) attempt.abort();
    connection.send(OK);
    await first.ended();
    expect((await connection.request()).target).toBe('/last');
    connection.send(OK);
    await last.ended();
    expect(upstream.connections).toHaveLength(1);
    expect(waiting.flatMap(({ calls }) => calls)).toEqual([]);
  });
});
