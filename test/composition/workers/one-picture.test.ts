import { describe, expect, it } from 'vitest';
import { DnsServer } from '../../helpers/dns-server.ts';
import { eventually } from '../../helpers/eventually.ts';
import { answerWith, get } from '../../helpers/gateway-path.ts';
import type { RawClient } from '../../helpers/raw-client.ts';
import { startTestUpstream } from '../../helpers/test-gateway.ts';
import { LoopbackServers } from '../../helpers/upstream-traffic.ts';
import { DEAD, handling } from '../policies/policy-path.ts';
import { CrewPath } from './crew-path.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test says with its assertions what it expects of the shape
async function healthSeenBy(client: RawClient): Promise<any> {
  const { timestamp, ...report } = JSON.parse((await client.ask(get('/health'))).body.toString());
  return report;
}

describe('what two workers show', () => {
  it('is the sum in the metrics, and the same health wherever it is asked', async () => {
    await using api = await handling((connection, { target }) =>
      connection.send(
        target === '/bad'
          ? 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n'
          : answerWith('well'),
      ),
    );
    await using path = await CrewPath.start(
      [`api: { targets: ['${api.url}'], bulkhead: { max_concurrent: 5 } }`, `dead: { targets: ['${DEAD}'] }`],
      [
        '{ path: /*, upstream: api }',
        "{ path: /soft, upstream: dead, fallback: [{ static: { status: 200, body: 'soft' } }] }",
      ],
    );
    const [one, two] = [await path.connect(1), await path.connect(2)];
    for (const client of [one, two, two]) expect((await client.ask(get('/'))).status).toBe(200);
    for (const client of [one, two]) expect((await client.ask(get('/bad'))).status).toBe(503);
    for (const client of [one, two, one])
      expect((await client.ask(get('/soft'))).body.toString()).toBe('soft');
    const labels = (route: string, upstream: string, status: string) =>
      `{route="${route}",upstream="${upstream}",method="GET",status_class="${status}"}`;
    await eventually(async () => {
      expect(await path.metric(`gateway_requests_total${labels('/*', 'api', '2xx')}`)).toBe(3);
      expect(await path.metric(`gateway_requests_total${labels('/*', 'api', '5xx')}`)).toBe(2);
      expect(
        await path.metric('gateway_fallbacks_total{route="/soft",upstream="dead",fallback="static"}'),
      ).toBe(3);
      expect(await path.metric('circuit_breaker_successes_total{service="api"}')).toBe(3);
    });
    const { timestamp, ...admin } = await path.admin('/health');
    expect(admin.data.api).toMatchObject({
      circuit_breaker: { failure_count: 2, total_requests: 5 },
      targets: [{ status: 'unhealthy', requests: 5, failures: 2, in_flight: 0 }],
    });
    expect(admin.fallbacks).toEqual([{ route: '/soft', upstream: 'dead', answered: { static: 3 } }]);
    expect(await healthSeenBy(one)).toEqual(admin);
    expect(await healthSeenBy(two)).toEqual(admin);
  });

  it('is what one prober has found: a probe for all, its words in all of them', async () => {
    let probes = 0;
    let ill = false;
    await using api = await startTestUpstream(({ url }, response) => {
      if (url === '/up') probes++;
      response.writeHead(ill ? 500 : 200).end();
    });
    await using path = await CrewPath.start(
      [
        `api: { targets: ['${api.url}'], health_check: { path: /up, interval: 500ms, unhealthy_interval: 500ms, jitter: 0%, rise: 1, fall: 1 } }`,
      ],
      ['{ path: /*, upstream: api }'],
    );
    const [one, two] = [await path.connect(1), await path.connect(2)];
    const from = probes;
    const since = performance.now();
    await eventually(() => expect(probes - from).toBeGreaterThanOrEqual(4));
    const expected = (performance.now() - since) / 500;
    expect(probes - from).toBeLessThanOrEqual(expected + 1);
    ill = true;
    await eventually(async () => {
      for (const client of [one, two]) {
        expect((await healthSeenBy(client)).data.api.targets[0]).toMatchObject({
          status: 'unhealthy',
          last_check: { ok: false, detail: 'status 500' },
        });
      }
    });
    expect(path.gateway.logLines.filter(({ event }) => event === 'target_unhealthy')).toHaveLength(1);
  });

  it('follows DNS in both, also in one that came later', async () => {
    await using dns = await DnsServer.start();
    const [first, second] = ['127.0.0.2', '127.0.0.3'];
    await using servers = await LoopbackServers.start([first, second], ({ socket }, response) =>
      response.end(socket.localAddress),
    );
    dns.set('shop.test', first);
    await using path = await CrewPath.start(
      [
        `shop: { targets: ['http://shop.test:${servers.port}'], dns: { refresh: 1s, records: a, servers: ['${dns.address}'] } }`,
      ],
      ['{ path: /*, upstream: shop }'],
    );
    const [one, two] = [await path.connect(1), await path.connect(2)];
    const askBoth = async () =>
      Promise.all([one, two].map(async (client) => (await client.ask(get('/'))).body.toString()));
    await eventually(async () => expect(await askBoth()).toEqual([first, first]));
    dns.set('shop.test', second);
    await eventually(async () => expect(await askBoth()).toEqual([second, second]));
    // What it is told comes from the main thread, not from DNS.
    dns.zone.set('shop.test', 'servfail');
    await eventually(() => expect(path.lines('target_dns_failed')).toHaveLength(1));
    await path.crew.workers[0]!.terminate();
    const later = await path.connect(1);
    expect((await later.ask(get('/'))).body.toString()).toBe(second);
    // Eventually, because an answer is there before its request counts as over.
    await eventually(async () => {
      const targets = (await path.admin('/health')).data.shop.targets;
      expect(targets).toMatchObject([{ url: expect.stringContaining(second) }]);
      expect((await healthSeenBy(later)).data.shop.targets).toEqual(targets);
    });
  });
});
