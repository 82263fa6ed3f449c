import { execFile } from 'node:child_process';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { ClientBody, OutboundAttempt, outboundLane } from '../../helpers/outbound-attempt.ts';
import { openSockets, watchTimers } from '../../helpers/process-resources.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { until } from '../../helpers/until.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

const open = (upstream: RawUpstream) => upstream.connections.filter(({ ended }) => ended === null).length;

describe('time', () => {
  it('is kept by one timer for all requests and connections, which ends with the lane', async () => {
    using timers = watchTimers();
    await using upstream = await RawUpstream.start();
    const lane = outboundLane(upstream.url, { maxConnections: 8 }, 'fast');
    const attempts = Array.from({ length: 50 }, () => new OutboundAttempt(lane));
    await upstream.connection(7);
    expect(timers.running()).toHaveLength(1);
    expect(timers.running()[0]).toContain('ticker.ts');
    lane.destroy();
    await lane.close();
    expect(attempts.every(({ over }) => over)).toBe(true);
    await eventually(() => expect(timers.running()).toEqual([]));
  });

  it('that a connection rests is no reason for a process to stay; an attempt on it is', async () => {
    let nth = 0;
    await using upstream = await RawUpstream.start(async (connection) => {
      for (;;) {
        await connection.request({ withinMs: 600_000 });
        // Long after everything else that could hold the process.
        if (nth++ > 0) await new Promise((resolve) => setTimeout(resolve, 300));
        connection.send(OK);
      }
    });
    const lane = join(import.meta.dirname, '../../../src/http/fast/outbound/fast-outbound-lane.ts');
    const program = `
      const { FastOutboundLane } = await import(${JSON.stringify(lane)});
      const limits = { connectTimeoutMs: 1e6, responseTimeoutMs: 1e6, idleBodyTimeoutMs: 1e6, keepAliveMs: 1e6 };
      const target = { url: '', protocol: 'http:', hostname: '127.0.0.1', port: ${upstream.port}, weight: 1 };
      const lane = new FastOutboundLane(target, { ...limits, maxConnections: 2, allowH2: false });
      const ask = () => lane.start(
        { method: 'GET', path: '/', headers: ['Host', 'a'], body: null },
        { onHead() {}, onData: () => true, onEnd: () => console.log('answered'), onError: console.log },
      );
      ask();
      // The lane's clock has ticked by then.
      setTimeout(ask, 1_200);`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', program],
      { timeout: 15_000 },
    );
    expect(stdout).toBe('answered\nanswered\n');
    expect(upstream.connections).toHaveLength(1);
  });
});

describe('connections', () => {
  it('are made for attempts that still wait only, and no more than there are attempts', async () => {
    await using upstream = await RawUpstream.answering(OK);
    await using lane = outboundLane(upstream.url, { maxConnections: 100 }, 'fast');
    for (let nth = 0; nth < 3; nth++) {
      const attempts = Array.from({ length: 5 }, () => new OutboundAttempt(lane));
      for (const attempt of attempts.slice(0, 3)) attempt.attempt.abort();
      for (const attempt of attempts.slice(3)) await attempt.ended();
    }
    expect(upstream.connections).toHaveLength(2);
  });

  it('that cannot be made fail one attempt each, and the others get theirs', async () => {
    const upstream = await RawUpstream.answering(OK);
    await using lane = outboundLane(upstream.url, { maxConnections: 2 }, 'fast');
    await upstream.close();
    const attempts = Array.from({ length: 7 }, () => new OutboundAttempt(lane));
    for (const attempt of attempts) {
      expect((await attempt.done()).error?.kind).toBe('connect');
      expect(attempt.calls).toEqual(['error']);
    }
  });

  it('serve those who came first', async () => {
    const targets: string[] = [];
    await using upstream = await RawUpstream.answering(({ target }) => {
      targets.push(target);
      return OK;
    });
    await using lane = outboundLane(upstream.url, { maxConnections: 1 }, 'fast');
    const attempts = Array.from({ length: 6 }, (_, nth) => new OutboundAttempt(lane, { path: `/${nth}` }));
    expect(attempts.map(({ attempt }) => attempt.queued)).toEqual([false, true, true, true, true, true]);
    for (const attempt of attempts) await attempt.ended();
    expect(targets).toEqual(['/0', '/1', '/2', '/3', '/4', '/5']);
    expect(attempts.map(({ attempt }) => attempt.queued)).not.toContain(true);
  });

  it('are given up one by one as a lane closes', async () => {
    await using upstream = await RawUpstream.start();
    await using lane = outboundLane(upstream.url, {}, 'fast');
    const attempts = [new OutboundAttempt(lane), new OutboundAttempt(lane)];
    const [first, second] = [await upstream.connection(0), await upstream.connection(1)];
    await Promise.all([first.request(), second.request()]);
    const closing = lane.close();
    first.send(OK);
    await first.closed();
    expect(second.ended).toBeNull();
    second.send(OK);
    await closing;
    for (const attempt of attempts) expect(attempt.body).toBe('ok');
  });

  it('end a lane’s close after the attempts that waited for one, too', async () => {
    await using upstream = await RawUpstream.answering(OK);
    await using lane = outboundLane(upstream.url, { maxConnections: 1 }, 'fast');
    const attempts = Array.from({ length: 4 }, () => new OutboundAttempt(lane));
    await lane.close();
    for (const attempt of attempts) expect(attempt.body).toBe('ok');
    expect(upstream.connections).toHaveLength(1);
    await until(() => open(upstream) === 0);
    expect(openSockets().filter((name) => name.includes('Connect'))).toEqual([]);
  });
});

describe('a request', () => {
  /** What came to the upstream, and how often the lane has written for it. */
  async function sent(start: (lane: ReturnType<typeof outboundLane>) => Promise<OutboundAttempt>) {
    const single = vi.spyOn(Socket.prototype, '_write');
    const together = vi.spyOn(Socket.prototype as Required<Socket>, '_writev');
    onTestFinished(() => void vi.restoreAllMocks());
    await using upstream = await RawUpstream.start((connection) => {
      connection.socket.on('data', () => {
        if (/\r\n\r\n(.{4}|.*0\r\n\r\n)?$/s.test(connection.text)) connection.send(OK);
      });
    });
    await using lane = outboundLane(upstream.url, {}, 'fast');
    await (await start(lane)).ended();
    const writers = [...single.mock.contexts, ...together.mock.contexts] as Socket[];
    const writes = writers.filter(({ remotePort }) => remotePort === upstream.port).length;
    return { text: (await upstream.connection()).text, writes };
  }

  it('leaves in one write', async () => {
    expect(
      await sent(async (lane) => new OutboundAttempt(lane, { headers: ['Host', 'a', 'X', 'y'] })),
    ).toEqual({
      text: 'GET / HTTP/1.1\r\nhost: a\r\nconnection: keep-alive\r\nX: y\r\n\r\n',
      writes: 1,
    });
  });

  it('leaves together with the first piece of its body', async () => {
    const body = new ClientBody(4);
    const { text, writes } = await sent(async (lane) => {
      const attempt = new OutboundAttempt(lane, { method: 'POST', body });
      await body.end('1234');
      return attempt;
    });
    expect(writes).toBe(1);
    expect(text).toMatch(/Content-Length: 4\r\n\r\n1234$/);
  });

  it('leaves together with the first chunk of its body', async () => {
    const body = new ClientBody();
    const { text, writes } = await sent(async (lane) => {
      const attempt = new OutboundAttempt(lane, { method: 'POST', body });
      await body.send('1234');
      await body.end();
      return attempt;
    });
    // Its end is a write of its own.
    expect(writes).toBe(2);
    expect(text).toMatch(/transfer-encoding: chunked\r\n\r\n4\r\n1234\r\n0\r\n\r\n$/);
  });
});
