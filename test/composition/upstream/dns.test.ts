import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { DnsConfig } from '../../../src/config/gateway-config.ts';
import { DnsServer } from '../../helpers/dns-server.ts';
import { eventually } from '../../helpers/eventually.ts';
import { FakeTime } from '../../helpers/fake-time.ts';
import { until } from '../../helpers/until.ts';
import { LoopbackServers, send, startUpstream } from '../../helpers/upstream-traffic.ts';

const ONE = '127.0.0.2';
const TWO = '127.0.0.3';
const THREE = '127.0.0.4';

/** Asked often, so that a test need not wait. */
const dnsConfig = (dns: DnsServer, records: DnsConfig['records'] = 'a'): DnsConfig => ({
  records,
  refreshMs: 20,
  servers: [dns.address],
});

describe('targets with a name, and DNS', () => {
  it('spread over all its addresses, and ask each for the name', async () => {
    await using dns = await DnsServer.start();
    await using servers = await LoopbackServers.start([ONE, TWO], ({ headers, socket }, response) =>
      response.end(`${headers.host} ${socket.localAddress}`),
    );
    dns.set('shop.test', ONE, TWO);
    const url = `http://shop.test:${servers.port}`;
    await using shop = startUpstream(url, { dns: dnsConfig(dns) });
    await until(() => shop.upstream.targets.length === 2);
    const bodies = [await send(shop.upstream), await send(shop.upstream)].map(({ body }) => body).sort();
    expect(bodies).toEqual([`shop.test:${servers.port} ${ONE}`, `shop.test:${servers.port} ${TWO}`]);
    expect(shop.told()).toEqual([`added ${url} (${ONE})`, `added ${url} (${TWO})`, `removed ${url}`]);
  });

  it('follow it under load, and not one request fails', async () => {
    await using dns = await DnsServer.start();
    await using servers = await LoopbackServers.start([ONE, TWO, THREE], ({ socket }, response) =>
      setTimeout(() => response.end(socket.localAddress), 5),
    );
    dns.set('shop.test', ONE);
    await using shop = startUpstream(`http://shop.test:${servers.port}`, { dns: dnsConfig(dns) });
    await until(() => shop.upstream.targets[0]!.config.address === ONE);
    const failed: unknown[] = [];
    const seen: string[] = [];
    let over = false;
    const client = async () => {
      while (!over) {
        const { status, body, error } = await send(shop.upstream);
        if (status === 200) seen.push(body);
        else failed.push(error);
      }
    };
    const clients = Array.from({ length: 8 }, client);
    for (const addresses of [[ONE, TWO], [TWO], [TWO, THREE], [THREE, ONE], [ONE], [THREE]]) {
      dns.set('shop.test', ...addresses);
      await until(
        () =>
          shop.upstream.targets
            .map(({ config }) => config.address)
            .sort()
            .join() === addresses.sort().join(),
      );
      seen.length = 0;
      await until(() => seen.length > 40 && addresses.every((address) => seen.slice(-30).includes(address)));
      // Those that were under way at the change are over by now.
      expect(new Set(seen.slice(-20))).toEqual(new Set(addresses));
    }
    over = true;
    await Promise.all(clients);
    expect(failed).toEqual([]);
  });

  it('let what is under way at an address that vanishes finish, then close its connections', async () => {
    await using dns = await DnsServer.start();
    const waiting: ServerResponse[] = [];
    await using servers = await LoopbackServers.start([ONE, TWO], ({ url }, response) => {
      response.write('first ');
      if (url === '/slow') waiting.push(response);
      else response.end();
    });
    dns.set('shop.test', ONE);
    await using shop = startUpstream(`http://shop.test:${servers.port}`, { dns: dnsConfig(dns) });
    await until(() => shop.upstream.targets[0]!.config.address === ONE);
    const slow = send(shop.upstream, '/slow');
    await until(() => waiting.length === 1);
    dns.set('shop.test', TWO);
    await until(() => shop.upstream.targets[0]!.config.address === TWO);
    expect((await send(shop.upstream)).target.config.address).toBe(TWO);
    expect(await servers.connections(ONE)).toBe(1);
    waiting[0]!.end('last');
    expect(await slow).toMatchObject({ status: 200, body: 'first last', error: null });
    await eventually(async () => expect(await servers.connections(ONE)).toBe(0));
  });

  it('keep the connections and counters of an address that stays', async () => {
    await using dns = await DnsServer.start();
    await using servers = await LoopbackServers.start([ONE, TWO]);
    dns.set('shop.test', ONE);
    await using shop = startUpstream(`http://shop.test:${servers.port}`, { dns: dnsConfig(dns) });
    await until(() => shop.upstream.targets[0]!.config.address === ONE);
    const { target } = await send(shop.upstream);
    dns.set('shop.test', ONE, TWO);
    await until(() => shop.upstream.targets.length === 2);
    expect(shop.upstream.targets).toContain(target);
    for (let nth = 0; nth < 4; nth++) await send(shop.upstream);
    expect(target.requests).toBe(3);
    expect(await servers.connections(ONE)).toBe(1);
  });

  it('go on with what was known while DNS fails, and tell it once', async () => {
    await using dns = await DnsServer.start();
    await using servers = await LoopbackServers.start([ONE]);
    dns.set('shop.test', ONE);
    const url = `http://shop.test:${servers.port}`;
    await using shop = startUpstream(url, { dns: dnsConfig(dns) });
    await until(() => shop.upstream.targets[0]!.config.address === ONE);
    for (const trouble of ['servfail', [], undefined] as const) {
      if (trouble === undefined) dns.zone.delete('shop.test');
      else dns.zone.set('shop.test', trouble);
      const asked = dns.questions.length;
      await until(() => dns.questions.length > asked + 2);
      expect((await send(shop.upstream)).body).toBe(ONE);
    }
    expect(shop.told().filter((told) => told.startsWith('dns_failed'))).toEqual([`dns_failed ${url}`]);
    dns.set('shop.test', ONE);
    const asked = dns.questions.length;
    await until(() => dns.questions.length > asked + 1);
    dns.zone.set('shop.test', 'servfail');
    await until(() => shop.told().filter((told) => told.startsWith('dns_failed')).length === 2);
  });

  it('use the name itself until there is a first answer', async () => {
    await using dns = await DnsServer.start();
    await using servers = await LoopbackServers.start(['127.0.0.1']);
    // The system knows this one, and so it is looked up when something connects.
    const url = `http://localhost:${servers.port}`;
    await using shop = startUpstream(url, { dns: dnsConfig(dns) });
    expect((await send(shop.upstream)).body).toBe('127.0.0.1');
    // And DNS is never asked for it.
    dns.set('shop.test', ONE);
    await using other = startUpstream(`http://shop.test:${servers.port}`, { dns: dnsConfig(dns) });
    expect(other.upstream.targets.map((target) => target.config.address)).toEqual([undefined]);
    await until(() => other.upstream.targets[0]!.config.address === ONE);
    expect(dns.questions.filter((question) => question.includes('localhost'))).toEqual([]);
    expect(shop.told()).toEqual([]);
  });

  it('are not looked up where they are addresses already', async () => {
    await using dns = await DnsServer.start();
    const names = ['127.0.0.2', '::1', 'shop.test'];
    const targets = names.map((hostname) => ({
      url: hostname.includes(':') ? `http://[${hostname}]` : `http://${hostname}`,
      protocol: 'http:' as const,
      hostname,
      port: 80,
      weight: 1,
    }));
    dns.set('shop.test', ONE);
    await using shop = startUpstream('http://a', { targets, dns: dnsConfig(dns) });
    await until(() => shop.upstream.targets[2]!.config.address === ONE);
    expect(new Set(dns.questions)).toEqual(new Set(['A shop.test']));
  });

  it('are probed as long as DNS lists them', async () => {
    await using dns = await DnsServer.start();
    const probed: string[] = [];
    await using servers = await LoopbackServers.start([ONE, TWO], ({ socket, headers }, response) => {
      probed.push(`${headers.host} ${socket.localAddress}`);
      response.end();
    });
    dns.set('shop.test', ONE);
    await using _shop = startUpstream(`http://shop.test:${servers.port}`, {
      dns: dnsConfig(dns),
      healthCheck: {
        path: '/health',
        method: 'GET',
        intervalMs: 10,
        unhealthyIntervalMs: 10,
        timeoutMs: 10_000,
        jitter: 0,
        rise: 1,
        fall: 1,
        expectStatuses: [{ from: 200, to: 299 }],
        expectBody: null,
      },
    });
    await until(() => probed.includes(`shop.test:${servers.port} ${ONE}`));
    dns.set('shop.test', TWO);
    await until(() => probed.includes(`shop.test:${servers.port} ${TWO}`));
    probed.length = 0;
    await until(() => probed.length >= 10);
    expect(new Set(probed.slice(2))).toEqual(new Set([`shop.test:${servers.port} ${TWO}`]));
  });

  it('go where SRV records say, by port and weight', async () => {
    await using dns = await DnsServer.start();
    await using servers = await LoopbackServers.start([ONE]);
    await using others = await LoopbackServers.start([TWO]);
    const record = { type: 'SRV', priority: 1 } as const;
    dns.zone.set('_http._tcp.shop.test', [
      { ...record, name: 'one.test', port: servers.port, weight: 3 },
      { ...record, name: 'two.test', port: others.port, weight: 1 },
    ]);
    dns.set('one.test', ONE);
    dns.set('two.test', TWO);
    await using shop = startUpstream('http://_http._tcp.shop.test', { dns: dnsConfig(dns, 'srv') });
    await until(() => shop.upstream.targets.length === 2);
    const bodies: string[] = [];
    for (let nth = 0; nth < 8; nth++) bodies.push((await send(shop.upstream)).body);
    expect(bodies.filter((body) => body === ONE)).toHaveLength(6);
  });

  it('let those start slowly that are added later, not those of the first answer', async () => {
    await using dns = await DnsServer.start();
    dns.set('shop.test', ONE, TWO);
    await using shop = startUpstream('http://shop.test', { dns: dnsConfig(dns), slowStartMs: 1e9 });
    await until(() => shop.upstream.targets.length === 2);
    expect(shop.upstream.targets.map(({ weight }) => weight)).toEqual([0.5, 0.5]);
    dns.set('shop.test', ONE, THREE);
    await until(() => shop.upstream.targets.some(({ config }) => config.address === THREE));
    expect(shop.upstream.targets[0]!.weight).toBe(0.5);
    expect(shop.upstream.targets[1]!.weight).toBeCloseTo(0.05);
  });

  it('ask no more when the upstream has ended', async () => {
    await using dns = await DnsServer.start();
    dns.set('shop.test', ONE);
    const timer = new FakeTime();
    await using shop = startUpstream('http://shop.test', { dns: dnsConfig(dns) }, { timer });
    await until(() => shop.upstream.targets[0]!.config.address === ONE);
    expect(timer.pending).toBe(1);
    await shop.upstream.close();
    expect(timer.pending).toBe(0);
  });

  it('leave off in the middle of a lookup when the upstream ends', async () => {
    await using dns = await DnsServer.start();
    dns.zone.set('shop.test', 'silence');
    const timer = new FakeTime();
    await using shop = startUpstream('http://shop.test', { dns: dnsConfig(dns) }, { timer });
    await until(() => dns.questions.length > 0);
    shop.upstream.destroy();
    // Sooner than the query would end by itself.
    await until(() => timer.pending === 0, 1_000);
    expect(shop.told()).toEqual([]);
  });
});
