import { describe, expect, it } from 'vitest';
import { ClientBody, OutboundAttempt, outboundLane } from '../../helpers/outbound-attempt.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { until } from '../../helpers/until.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

const open = (upstream: RawUpstream) => upstream.connections.filter(({ ended }) => ended === null).length;

describe('connections', () => {
  it('are used again, one request at a time', async () => {
    await using upstream = await RawUpstream.answering(OK);
    await using lane = outboundLane(upstream.url);
    for (let nth = 0; nth < 5; nth++) await new OutboundAttempt(lane).ended();
    expect(upstream.connections).toHaveLength(1);
  });

  it('never carry a second request before the first is answered', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url, { maxConnections: 1 });
    const attempts = [1, 2, 3].map((nth) => new OutboundAttempt(lane, { path: `/${nth}` }));
    const connection = await upstream.connection();
    for (const nth of [1, 2, 3]) {
      expect((await connection.request()).target).toBe(`/${nth}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(connection.unconsumed.length).toBe(0);
      connection.send(OK);
    }
    for (const attempt of attempts) await attempt.ended();
    expect(upstream.connections).toHaveLength(1);
  });

  it('are no more than allowed, and waiting requests get their turn', async () => {
    await using upstream = await RawUpstream.answering(OK);
    await using lane = outboundLane(upstream.url, { maxConnections: 3 });
    const attempts = Array.from({ length: 30 }, () => new OutboundAttempt(lane));
    for (const attempt of attempts) await attempt.ended();
    expect(upstream.connections.length).toBeLessThanOrEqual(3);
  });

  it('that the upstream ends with its answer are not used again', async () => {
    await using upstream = await RawUpstream.answering(
      'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok',
    );
    await using lane = outboundLane(upstream.url);
    for (let nth = 0; nth < 3; nth++) await new OutboundAttempt(lane).ended();
    expect(upstream.connections).toHaveLength(3);
    await until(() => open(upstream) === 0);
  });

  it('that rest too long are closed', async () => {
    await using upstream = await RawUpstream.answering(OK);
    await using lane = outboundLane(upstream.url, { keepAliveMs: 100 });
    await new OutboundAttempt(lane).ended();
    // undici would wait for four seconds.
    expect(await (await upstream.connection()).closed(3_500)).toBe('end');
  });
});

describe('duty 38: bytes that nobody asked for', () => {
  const EVIL = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nEVIL!';

  it.each([EVIL, 'garbage', '\r\nx', 'H'])('close an idle connection: %j', async (bytes) => {
    await using upstream = await RawUpstream.answering(OK);
    await using lane = outboundLane(upstream.url);
    await new OutboundAttempt(lane).ended();
    const connection = await upstream.connection();
    connection.send(bytes);
    if (bytes !== 'H') await connection.closed();
    expect((await new OutboundAttempt(lane).ended()).body).toBe('ok');
  });

  it('behind an answer are never taken for the next one', async () => {
    let nth = 0;
    await using upstream = await RawUpstream.answering(() => (nth++ === 0 ? OK + EVIL : OK));
    await using lane = outboundLane(upstream.url, { maxConnections: 1 });
    const first = new OutboundAttempt(lane);
    const second = new OutboundAttempt(lane, { path: '/second' });
    expect((await first.ended()).body).toBe('ok');
    expect((await second.ended()).body).toBe('ok');
    await (await upstream.connection(0)).closed();
    expect((await upstream.connection(0)).text).not.toContain('/second');
  });

  it('that come together with the next request are never taken for its answer', async () => {
    for (let round = 0; round < 20; round++) {
      await using upstream = await RawUpstream.answering(OK);
      await using lane = outboundLane(upstream.url, { maxConnections: 1 });
      await new OutboundAttempt(lane).ended();
      (await upstream.connection()).send(EVIL);
      const next = new OutboundAttempt(lane, { path: '/second' });
      expect((await next.ended()).body).toBe('ok');
    }
  });
});

describe('a kept connection that breaks', () => {
  it.each(['FIN', 'RST'] as const)(
    'by %s at the moment of a request: the request goes out once, over another one',
    async (how) => {
      for (let round = 0; round < 20; round++) {
        await using upstream = await RawUpstream.answering(OK);
        await using lane = outboundLane(upstream.url);
        await new OutboundAttempt(lane).ended();
        const connection = await upstream.connection();
        if (how === 'FIN') connection.end();
        else connection.reset();
        const body = new ClientBody(4);
        const attempt = new OutboundAttempt(lane, { method: 'POST', path: '/once', body });
        await body.end('1234');
        expect((await attempt.ended()).body).toBe('ok');
        const seen = upstream.connections.map(({ text }) => text).join('');
        expect(seen.split('/once')).toHaveLength(2);
      }
    },
  );

  it.each(['GET', 'POST'])(
    'after the request was sent fails it, and nothing is sent again: %s',
    async (method) => {
      let nth = 0;
      await using upstream = await RawUpstream.start(async (connection) => {
        for (;;) {
          await connection.request();
          if (nth++ === 0) connection.send(OK);
          else connection.end();
        }
      });
      await using lane = outboundLane(upstream.url);
      await new OutboundAttempt(lane).ended();
      const attempt = await new OutboundAttempt(lane, { method, path: '/once' }).done();
      expect(attempt.error?.kind).toBe('reset');
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(nth).toBe(2);
      expect(upstream.connections).toHaveLength(1);
    },
  );
});

describe('the end of a lane', () => {
  it('close lets running attempts finish, then closes their connections and the idle ones', async () => {
    await using upstream = await RawUpstream.start(async (connection) => {
      for (;;) {
        const { target } = await connection.request({ withinMs: 600_000 });
        if (target === '/idle') connection.send(OK);
      }
    });
    await using lane = outboundLane(upstream.url);
    const running = new OutboundAttempt(lane, { path: '/running' });
    await until(() => upstream.connections.length === 1);
    await new OutboundAttempt(lane, { path: '/idle' }).ended();
    expect(open(upstream)).toBe(2);
    let closed = false;
    const closing = lane.close().then(() => {
      closed = true;
    });
    await until(() => open(upstream) === 1);
    expect(closed).toBe(false);
    (await upstream.connection(0)).send(OK);
    expect((await running.ended()).body).toBe('ok');
    await closing;
    await lane.close();
    await until(() => open(upstream) === 0);
  });

  it('after close nothing is sent any more', async () => {
    await using upstream = await RawUpstream.answering(OK);
    await using lane = outboundLane(upstream.url);
    await lane.close();
    expect((await new OutboundAttempt(lane).done()).error?.kind).toBe('connect');
    expect(upstream.connections).toHaveLength(0);
  });

  it('destroy ends running attempts and closes everything now', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url, { maxConnections: 2 });
    const attempts = Array.from({ length: 5 }, () => new OutboundAttempt(lane));
    await upstream.connection(1);
    lane.destroy();
    for (const attempt of attempts) expect((await attempt.done()).calls).toEqual(['error']);
    await until(() => open(upstream) === 0);
  });
});
