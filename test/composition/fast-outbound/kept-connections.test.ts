import { afterEach, describe, expect, it, vi } from 'vitest';
import { ClientBody, OutboundAttempt, outboundLane } from '../../helpers/outbound-attempt.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { until } from '../../helpers/until.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Lets time pass: longer than it takes to think that a connection may have ended because it rested. */
function pass(ms = 1_000): void {
  const { now } = performance;
  vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + ms);
}
afterEach(() => void vi.restoreAllMocks());

/** Answers on each connection as often as `answers` says, and then meets a request with this. */
function endingAfter(answers: readonly number[], how: 'FIN' | 'RST') {
  let nth = 0;
  const requests: string[] = [];
  const upstream = RawUpstream.start(async (connection) => {
    let left = answers[nth++] ?? Number.POSITIVE_INFINITY;
    for (;;) {
      const { method, target } = await connection.request({ withinMs: 600_000 });
      requests.push(`${method} ${target}`);
      if (left-- > 0) connection.send(OK);
      else if (how === 'FIN') connection.end();
      else connection.reset();
    }
  });
  return { upstream, requests };
}

describe('a connection that has rested and ends without a byte of an answer', () => {
  it.each([
    ['GET', 'FIN'],
    ['GET', 'RST'],
    ['PUT', 'FIN'],
    ['DELETE', 'RST'],
    ['OPTIONS', 'FIN'],
  ] as const)('costs an idempotent request nothing: %s, %s', async (method, how) => {
    const { upstream: starting, requests } = endingAfter([1], how);
    await using upstream = await starting;
    await using lane = outboundLane(upstream.url, {}, 'fast');
    await new OutboundAttempt(lane).ended();
    pass();
    const attempt = new OutboundAttempt(lane, { method, path: '/again' });
    expect((await attempt.ended()).body).toBe('ok');
    expect(attempt.calls).toEqual(['head', 'data', 'end']);
    expect(requests).toEqual(['GET /', `${method} /again`, `${method} /again`]);
    expect(upstream.connections).toHaveLength(2);
  });

  it('costs it nothing once: a new connection that ends too is the upstream’s answer', async () => {
    const { upstream: starting, requests } = endingAfter([1, 0], 'FIN');
    await using upstream = await starting;
    await using lane = outboundLane(upstream.url, {}, 'fast');
    await new OutboundAttempt(lane).ended();
    pass();
    const attempt = await new OutboundAttempt(lane, { path: '/again' }).done();
    expect(attempt.error?.kind).toBe('reset');
    expect(requests).toEqual(['GET /', 'GET /again', 'GET /again']);
  });

  it.each(['POST', 'PATCH', 'BREW'])('ends a request that may not be sent twice: %s', async (method) => {
    const { upstream: starting, requests } = endingAfter([1], 'FIN');
    await using upstream = await starting;
    await using lane = outboundLane(upstream.url, {}, 'fast');
    await new OutboundAttempt(lane).ended();
    pass();
    const attempt = await new OutboundAttempt(lane, { method, path: '/once' }).done();
    expect(attempt.error?.kind).toBe('reset');
    expect(requests).toEqual(['GET /', `${method} /once`]);
  });

  it('ends a request whose body has been taken from the client', async () => {
    const { upstream: starting, requests } = endingAfter([1], 'FIN');
    await using upstream = await starting;
    await using lane = outboundLane(upstream.url, {}, 'fast');
    await new OutboundAttempt(lane).ended();
    pass();
    const body = new ClientBody(4);
    const attempt = new OutboundAttempt(lane, { method: 'PUT', path: '/once', body });
    await body.end('1234');
    expect((await attempt.done()).error?.kind).toBe('reset');
    expect(requests).toEqual(['GET /', 'PUT /once']);
  });

  it('ends a request of which a byte was answered', async () => {
    await using upstream = await RawUpstream.start(async (connection) => {
      await connection.request();
      connection.send(OK);
      await connection.request();
      connection.send('H');
      await new Promise((resolve) => setTimeout(resolve, 20));
      connection.end();
    });
    await using lane = outboundLane(upstream.url, {}, 'fast');
    await new OutboundAttempt(lane).ended();
    pass();
    expect((await new OutboundAttempt(lane).done()).error?.kind).toBe('reset');
    expect(upstream.connections).toHaveLength(1);
  });

  it('ends any request when it has rested for a moment only: the upstream has seen it', async () => {
    const { upstream: starting, requests } = endingAfter([1], 'FIN');
    await using upstream = await starting;
    await using lane = outboundLane(upstream.url, {}, 'fast');
    // A clock that stands still: the connection rests for no time at all.
    vi.spyOn(performance, 'now').mockReturnValue(performance.now());
    const first = new OutboundAttempt(lane);
    await new Promise<void>((resolve) => {
      first.onEnd = () => resolve();
    });
    const attempt = new OutboundAttempt(lane, { path: '/once' });
    await new Promise<void>((resolve) => {
      attempt.onError = (error) => {
        attempt.error = error;
        resolve();
      };
    });
    expect(attempt.error?.kind).toBe('reset');
    expect(requests).toEqual(['GET /', 'GET /once']);
  });

  it.each([0, 1, 2, 3, 4])('on its way to a new one it can be given up (%i turns later)', async (turns) => {
    let nth = 0;
    await using upstream = await RawUpstream.start(async (connection) => {
      for (;;) {
        await connection.request({ withinMs: 600_000 });
        if (nth++ !== 1) connection.send(OK);
        else {
          connection.end();
          for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
          attempt?.attempt.abort();
        }
      }
    });
    let attempt: OutboundAttempt | null = null;
    await using lane = outboundLane(upstream.url, { maxConnections: 1 }, 'fast');
    await new OutboundAttempt(lane).ended();
    pass();
    attempt = new OutboundAttempt(lane, { path: '/given-up' });
    await until(() => nth >= 2);
    expect((await new OutboundAttempt(lane, { path: '/next' }).ended()).body).toBe('ok');
    // All of the answer may have come before.
    expect([[], ['head', 'data', 'end']]).toContainEqual(attempt.calls);
  });
});

describe('a connection that rests', () => {
  it('is not used in the turn in which its answer came: its end may have come with it', async () => {
    await using upstream = await RawUpstream.start(async (connection) => {
      await connection.request();
      connection.socket.end(OK);
    });
    await using lane = outboundLane(upstream.url, {}, 'fast');
    const first = new OutboundAttempt(lane);
    const second = await new Promise<OutboundAttempt>((resolve) => {
      first.onEnd = () => resolve(new OutboundAttempt(lane));
    });
    expect((await second.done()).error).toBeNull();
    expect(upstream.connections).toHaveLength(2);
  });

  it('is the one that rested last, so that those that nobody needs grow old', async () => {
    await using upstream = await RawUpstream.answering(OK);
    await using lane = outboundLane(upstream.url, {}, 'fast');
    const both = [new OutboundAttempt(lane), new OutboundAttempt(lane)];
    for (const attempt of both) await attempt.ended();
    expect(upstream.connections).toHaveLength(2);
    const before = upstream.connections.map(({ received }) => received.length);
    for (let nth = 0; nth < 5; nth++) await new OutboundAttempt(lane).ended();
    const used = upstream.connections.filter(({ received }, nth) => received.length > before[nth]!);
    expect(used).toHaveLength(1);
  });

  it('is closed before the time that the upstream names', async () => {
    await using upstream = await RawUpstream.answering(
      OK.replace('OK\r\n', 'OK\r\nKeep-Alive: timeout=3\r\n'),
    );
    await using lane = outboundLane(upstream.url, { responseTimeoutMs: 400 }, 'fast');
    const since = performance.now();
    await new OutboundAttempt(lane).ended();
    await (await upstream.connection()).closed(20_000);
    expect(performance.now() - since).toBeGreaterThanOrEqual(1_000);
  });
});
