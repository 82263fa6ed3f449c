import { describe, expect, it } from 'vitest';
import type { DnsConfig, TargetConfig } from '../../../../src/config/gateway-config.ts';
import { backgroundTimer } from '../../../../src/resilience/index.ts';
import { AddressLookup } from '../../../../src/upstream/dns/address-lookup.ts';
import { DnsServer } from '../../../helpers/dns-server.ts';
import { FakeTime } from '../../../helpers/fake-time.ts';
import { until } from '../../../helpers/until.ts';
import { targetConfig } from '../upstream-kit.ts';

function lookup(
  dns: DnsServer,
  records: DnsConfig['records'],
  target: TargetConfig = targetConfig('http://shop.test:8081', { weight: 6 }),
): Promise<TargetConfig[]> {
  return new AddressLookup({ records, refreshMs: 1, servers: [dns.address] }, backgroundTimer).lookup(target);
}

const addresses = (targets: readonly TargetConfig[]) => targets.map(({ address }) => address);

const srv = (name: string, port: number, weight = 0, priority = 1) =>
  ({ type: 'SRV', name, port, weight, priority }) as const;

describe('a lookup of addresses', () => {
  it('gives each its part of the name’s weight, and leaves the name for Host and TLS', async () => {
    await using dns = await DnsServer.start();
    dns.set('shop.test', '10.0.0.9', '10.0.0.3');
    expect(await lookup(dns, 'a')).toEqual([
      targetConfig('http://shop.test:8081', { weight: 3, address: '10.0.0.3' }),
      targetConfig('http://shop.test:8081', { weight: 3, address: '10.0.0.9' }),
    ]);
  });

  it.each([
    ['a', ['10.0.0.1'], ['A']],
    ['aaaa', ['fd00::1'], ['AAAA']],
    ['any', ['10.0.0.1'], ['A']],
  ] as const)('asks for records %s only where the name has both', async (records, expected, types) => {
    await using dns = await DnsServer.start();
    dns.set('shop.test', '10.0.0.1', 'fd00::1');
    expect(addresses(await lookup(dns, records))).toEqual(expected);
    expect(dns.questions).toEqual(types.map((type) => `${type} shop.test`));
  });

  it('takes AAAA records with `any` where there is no A record', async () => {
    await using dns = await DnsServer.start();
    dns.set('shop.test', 'fd00::1', 'fd00::2');
    expect(addresses(await lookup(dns, 'any'))).toEqual(['fd00::1', 'fd00::2']);
  });

  it('uses at most 64 addresses', async () => {
    await using dns = await DnsServer.start();
    // As many as a UDP answer holds.
    dns.set('shop.test', ...Array.from({ length: 70 }, (_, nth) => `10.0.0.${nth}`));
    expect(await lookup(dns, 'a')).toHaveLength(64);
  });

  it('uses the same 64 each time, whatever the order they come in', async () => {
    await using dns = await DnsServer.start();
    const all = Array.from({ length: 70 }, (_, nth) => `10.0.0.${nth}`);
    dns.set('shop.test', ...all);
    const found = addresses(await lookup(dns, 'a'));
    dns.set('shop.test', ...all.toReversed());
    expect(addresses(await lookup(dns, 'a'))).toEqual(found);
  });

  it.each([
    ['a name that is not there', undefined, 'DNS has no A record'],
    ['a name with other records only', [{ type: 'AAAA', address: '::1' } as const], 'DNS has no A record'],
    ['a server in trouble', 'servfail', /ESERVFAIL/],
  ] as const)('fails for %s', async (_name, zone, message) => {
    await using dns = await DnsServer.start();
    if (zone !== undefined) dns.zone.set('shop.test', zone);
    await expect(lookup(dns, 'a')).rejects.toThrow(message);
  });

  it('asks each time, whatever an answer’s TTL says', async () => {
    await using dns = await DnsServer.start();
    const names = new AddressLookup({ records: 'a', refreshMs: 1, servers: [dns.address] }, backgroundTimer);
    dns.set('shop.test', '10.0.0.1');
    const target = targetConfig('http://shop.test');
    expect(addresses(await names.lookup(target))).toEqual(['10.0.0.1']);
    dns.set('shop.test', '10.0.0.2');
    expect(addresses(await names.lookup(target))).toEqual(['10.0.0.2']);
  });

  it('gives up on a server that says nothing, and works again when it does', async () => {
    await using dns = await DnsServer.start();
    const time = new FakeTime();
    const names = new AddressLookup({ records: 'a', refreshMs: 1, servers: [dns.address] }, time);
    dns.zone.set('shop.test', 'silence');
    let failure: unknown = null;
    names.lookup(targetConfig('http://shop.test')).catch((error) => {
      failure = error;
    });
    await until(() => dns.questions.length > 0);
    await time.advance(5_000);
    // Sooner than the queries would end by themselves.
    await until(() => failure !== null, 1_000);
    expect(failure).toMatchObject({ message: 'no answer within 5 s' });
    dns.set('shop.test', '10.0.0.1');
    expect(addresses(await names.lookup(targetConfig('http://shop.test')))).toEqual(['10.0.0.1']);
    expect(time.pending).toBe(0);
  });

  it('fails when it is cancelled', async () => {
    await using dns = await DnsServer.start();
    dns.zone.set('shop.test', 'silence');
    const names = new AddressLookup({ records: 'a', refreshMs: 1, servers: [dns.address] }, backgroundTimer);
    const failed = expect(names.lookup(targetConfig('http://shop.test'))).rejects.toThrow('ECANCELLED');
    names.cancel();
    await failed;
  });
});

describe('a lookup of a service', () => {
  const service = targetConfig('http://_http._tcp.shop.test', { weight: 4 });

  it('takes ports and weights from the records, and the name to prove from the service’s domain', async () => {
    await using dns = await DnsServer.start();
    dns.zone.set('_http._tcp.shop.test', [srv('one.test', 9001, 30), srv('two.test', 9002, 10)]);
    dns.set('one.test', '10.0.0.1');
    dns.set('two.test', '10.0.0.2');
    expect(await lookup(dns, 'srv', service)).toEqual([
      targetConfig('http://shop.test:9001', { weight: 3, address: '10.0.0.1' }),
      targetConfig('http://shop.test:9002', { weight: 1, address: '10.0.0.2' }),
    ]);
  });

  it('uses the lowest priority only', async () => {
    await using dns = await DnsServer.start();
    dns.zone.set('_http._tcp.shop.test', [srv('one.test', 1, 1, 20), srv('two.test', 2, 1, 10)]);
    dns.set('one.test', '10.0.0.1');
    dns.set('two.test', '10.0.0.2');
    expect(addresses(await lookup(dns, 'srv', service))).toEqual(['10.0.0.2']);
  });

  it('splits a record’s weight among its addresses, and gives a weight of 0 next to nothing', async () => {
    await using dns = await DnsServer.start();
    dns.zone.set('_http._tcp.shop.test', [srv('one.test', 1, 10), srv('two.test', 1, 0)]);
    dns.set('one.test', '10.0.0.1', '10.0.0.2');
    dns.set('two.test', '10.0.0.3');
    const weights = (await lookup(dns, 'srv', service)).map(({ weight }) => weight);
    expect(weights[0]).toBe(weights[1]);
    expect(weights[2]! / weights[0]!).toBeCloseTo(0.02);
    expect(weights.reduce((sum, weight) => sum + weight)).toBeCloseTo(4);
  });

  it('makes one target of what several records say alike', async () => {
    await using dns = await DnsServer.start();
    dns.zone.set('_http._tcp.shop.test', [
      srv('one.test', 1, 1),
      srv('two.test', 1, 1),
      srv('one.test', 2, 2),
    ]);
    dns.set('one.test', '10.0.0.1');
    dns.set('two.test', '10.0.0.1');
    const found = await lookup(dns, 'srv', service);
    expect(found.map(({ port, weight }) => [port, weight])).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });

  it('does without a record whose name is not there, but not without one whose lookup failed', async () => {
    await using dns = await DnsServer.start();
    dns.zone.set('_http._tcp.shop.test', [srv('one.test', 1), srv('two.test', 2)]);
    dns.set('one.test', '10.0.0.1');
    expect(addresses(await lookup(dns, 'srv', service))).toEqual(['10.0.0.1']);
    dns.zone.set('two.test', 'servfail');
    await expect(lookup(dns, 'srv', service)).rejects.toThrow(/ESERVFAIL/);
  });

  it('keeps a name without a service part as it is', async () => {
    await using dns = await DnsServer.start();
    dns.zone.set('shop.service.test', [srv('one.test', 9001)]);
    dns.set('one.test', '10.0.0.1');
    const [found] = await lookup(dns, 'srv', targetConfig('https://shop.service.test'));
    expect(found).toMatchObject({
      url: 'https://shop.service.test:9001',
      hostname: 'shop.service.test',
      port: 9001,
    });
  });

  it.each([
    ['that is declared not to be there', [srv('.', 0)]],
    ['without records', []],
  ])('fails for one %s', async (_name, records) => {
    await using dns = await DnsServer.start();
    dns.zone.set('_http._tcp.shop.test', records);
    await expect(lookup(dns, 'srv', service)).rejects.toThrow('DNS has no SRV record');
    expect(dns.questions).toEqual(['SRV _http._tcp.shop.test']);
  });
});
