import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { HealthCheckConfig } from '../../../src/config/gateway-config.ts';
import { type Permit, REFUSED } from '../../../src/resilience/index.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { until } from '../../helpers/until.ts';
import { LoopbackServers, send, startUpstream } from '../../helpers/upstream-traffic.ts';

const ONE = '127.0.0.2';

const CHECK: HealthCheckConfig = {
  path: '/health?deep=1',
  method: 'GET',
  intervalMs: 10,
  unhealthyIntervalMs: 10,
  timeoutMs: 10_000,
  jitter: 0,
  rise: 2,
  fall: 2,
  expectStatuses: [{ from: 200, to: 204 }],
  expectBody: null,
};

/** What the first probe finds of a server that answers like this. */
async function probe(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
  config: Partial<HealthCheckConfig> = {},
) {
  await using servers = await LoopbackServers.start([ONE], (request, response) => answer(response, request));
  await using shop = startUpstream(`http://${ONE}:${servers.port}`, { healthCheck: { ...CHECK, ...config } });
  const [target] = shop.upstream.targets;
  await until(() => target!.probes.last !== null);
  const { ok, detail } = target!.probes.last!;
  return { ok, detail };
}

describe('a probe', () => {
  it('is a plain request that says who sends it, on a connection of its own', async () => {
    await using raw = await RawUpstream.answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    await using _shop = startUpstream(raw.url, { healthCheck: CHECK });
    const [first, second] = [await raw.connection(0), await raw.connection(1)];
    await until(() => second.received.length > 0);
    expect(first.received.toString('latin1').toLowerCase().split('\r\n').filter(Boolean).sort()).toEqual(
      [
        'get /health?deep=1 http/1.1',
        `host: 127.0.0.1:${raw.port}`,
        'user-agent: breakwater-health-check',
        'accept: */*',
        'connection: keep-alive',
      ].sort(),
    );
    await until(() => first.ended !== null);
  });

  it.each([
    [200, true],
    [204, true],
    [205, false],
    [302, false],
    [503, false],
  ])('that is answered with %d: good is %s', async (status, ok) => {
    expect(await probe((response) => response.writeHead(status).end())).toEqual({
      ok,
      detail: `status ${status}`,
    });
  });

  it('looks for a text in the body, wherever the body is cut', async () => {
    const expectBody = '"überall":"ok"';
    const whole = Buffer.from(`{${expectBody}}`);
    const good = await probe(
      (response) => {
        response.write(whole.subarray(0, 3));
        setImmediate(() => response.end(whole.subarray(3)));
      },
      { expectBody },
    );
    expect(good.ok).toBe(true);
    const bad = await probe((response) => response.end('{"überall":"no"}'), { expectBody });
    expect(bad).toEqual({ ok: false, detail: 'status 200 without the expected text' });
  });

  it('looks no further than 64 KiB, and waits for no more', async () => {
    const filler = 'x'.repeat(64 * 1024 - 4);
    const endless = (body: string) => (response: ServerResponse) => void response.write(body);
    expect(await probe(endless(`${filler}wellxxx`), { expectBody: 'well' })).toMatchObject({ ok: true });
    expect(await probe(endless(`x${filler}wellxxx`), { expectBody: 'well' })).toMatchObject({ ok: false });
    expect(await probe(endless(`${filler}wellxxx`))).toMatchObject({ ok: true });
  });

  it('by HEAD waits for no body', async () => {
    const answer = (response: ServerResponse, { method }: IncomingMessage) =>
      response.writeHead(method === 'HEAD' ? 200 : 500, { 'Content-Length': 1000 }).end();
    expect(await probe(answer, { method: 'HEAD' })).toEqual({ ok: true, detail: 'status 200' });
  });

  it('is bad when the body breaks', async () => {
    const { ok, detail } = await probe((response) => {
      response.writeHead(200, { 'Content-Length': 10 }).write('x');
      setImmediate(() => response.destroy());
    });
    expect([ok, detail.split(':')[0]]).toEqual([false, 'reset']);
  });

  it('is bad when the answer, or the rest of its body, does not come in time', async () => {
    const late = { ok: false, detail: 'no whole answer within 50 ms' };
    expect(await probe(() => {}, { timeoutMs: 50 })).toEqual(late);
    expect(await probe((response) => void response.write('x'), { timeoutMs: 50 })).toEqual(late);
  });

  it('is bad when nothing listens', async () => {
    const raw = await RawUpstream.start();
    const { url } = raw;
    await raw.close();
    await using shop = startUpstream(url, { healthCheck: CHECK });
    const [target] = shop.upstream.targets;
    await until(() => target!.probes.last !== null);
    expect(target!.probes.last!.detail).toMatch(/^connect: /);
  });
});

describe('traffic', () => {
  it('stays away from a target that probes find unhealthy, until they find it well again', async () => {
    let sick = '';
    await using servers = await LoopbackServers.start([ONE, '127.0.0.3'], ({ socket }, response) => {
      response.writeHead(socket.localAddress === sick ? 500 : 200).end(socket.localAddress);
    });
    const targets = [ONE, '127.0.0.3'].map((hostname) => ({
      url: `http://${hostname}:${servers.port}`,
      protocol: 'http:' as const,
      hostname,
      port: servers.port,
      weight: 1,
    }));
    await using shop = startUpstream('http://a', { targets, healthCheck: CHECK });
    const [one] = shop.upstream.targets;
    sick = ONE;
    await until(() => one!.status === 'unhealthy');
    for (let nth = 0; nth < 10; nth++) expect((await send(shop.upstream)).status).toBe(200);
    sick = '';
    await until(() => one!.status === 'healthy');
    const bodies = [await send(shop.upstream), await send(shop.upstream)].map(({ body }) => body);
    expect(new Set(bodies)).toEqual(new Set([ONE, '127.0.0.3']));
    expect(shop.events.map(({ type, reason }) => `${type}: ${reason}`)).toEqual([
      'unhealthy: bad probes in a row: 2, the last: status 500',
      'healthy: good probes in a row: 2',
    ]);
  });
});

describe('the breaker over a service that is being probed', () => {
  /** A service whose pages and whose health page answer with these; a request as the exchange makes it. */
  async function probedService() {
    const status = { page: 500, health: 500 };
    const servers = await LoopbackServers.start([ONE], ({ url }, response) => {
      response.writeHead(url === '/' ? status.page : status.health).end();
    });
    const shop = startUpstream(`http://${ONE}:${servers.port}`, { healthCheck: CHECK });
    const { upstream } = shop;
    const request = async (): Promise<number | 'refused'> => {
      const permit: Permit = upstream.breaker.tryAcquire();
      if (permit === REFUSED) return 'refused';
      const answer = await send(upstream);
      upstream.breaker.settle(permit, upstream.classifyStatus(answer.status));
      return answer.status;
    };
    const target = upstream.targets[0]!;
    return {
      status,
      upstream,
      target,
      request,
      /** Waits for so many more probes. */
      async probes(count: number) {
        for (let nth = 0; nth < count; nth++) {
          const before = target.probes.last;
          await until(() => target.probes.last !== before);
        }
      },
      async [Symbol.asyncDispose]() {
        await shop[Symbol.asyncDispose]();
        await servers[Symbol.asyncDispose]();
      },
    };
  }

  it('asks real traffic before its time is over when probes saw the service fall and rise, and only that closes it', async () => {
    await using service = await probedService();
    const { upstream, request, status, target } = service;
    for (let nth = 0; nth < 5; nth++) expect(await request()).toBe(500);
    expect(await request()).toBe('refused');
    await until(() => !target.probes.healthy);
    // One that is sent after the breaker has opened.
    await service.probes(2);
    status.page = 200;
    status.health = 200;
    await until(() => target.probes.healthy);
    await service.probes(3);
    expect(upstream.breaker.state).toBe('OPEN');
    expect(await request()).toBe(200);
    expect(upstream.breaker.state).toBe('CLOSED');
  });

  it('waits its whole time when the recovery was none for real traffic', async () => {
    await using service = await probedService();
    const { upstream, request, status, target } = service;
    for (let nth = 0; nth < 5; nth++) await request();
    await until(() => !target.probes.healthy);
    await service.probes(2);
    status.health = 200;
    await until(() => target.probes.healthy);
    expect(await request()).toBe(500);
    await service.probes(5);
    expect(await request()).toBe('refused');
    expect(upstream.breaker.retryAfterMs()).toBeGreaterThan(30_000);
  });

  it('waits its whole time when the probes were good all along', async () => {
    await using service = await probedService();
    const { upstream, request, status } = service;
    status.health = 200;
    await service.probes(2);
    for (let nth = 0; nth < 5; nth++) expect(await request()).toBe(500);
    await service.probes(5);
    expect(await request()).toBe('refused');
    expect(upstream.breaker.retryAfterMs()).toBeGreaterThan(30_000);
  });
});
