import type { TLSSocket } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { DnsServer } from '../../helpers/dns-server.ts';
import { testCertificate } from '../../helpers/test-certificate.ts';
import { startTlsUpstream, trustTestCertificates } from '../../helpers/tls-upstream.ts';
import { until } from '../../helpers/until.ts';
import { send, startUpstream } from '../../helpers/upstream-traffic.ts';

/** A server at 127.0.0.1 that proves `proven`, and an upstream that finds it by DNS and asks for shop.test. */
async function shopProvenAs(proven: string) {
  const certificate = testCertificate(proven);
  onTestFinished(trustTestCertificates(certificate));
  const server = await startTlsUpstream(({ socket, headers }, response) => {
    response.end(`${(socket as TLSSocket).servername} ${headers.host ?? headers[':authority']}`);
  }, certificate);
  onTestFinished(() => server[Symbol.asyncDispose]());
  const dns = await DnsServer.start();
  onTestFinished(() => dns[Symbol.asyncDispose]());
  dns.set('shop.test', '127.0.0.1');
  const shop = startUpstream(`https://shop.test:${server.port}`, {
    dns: { records: 'a', refreshMs: 10_000, servers: [dns.address] },
    allowH2: false,
  });
  onTestFinished(() => shop[Symbol.asyncDispose]());
  await until(() => shop.upstream.targets[0]!.config.address === '127.0.0.1');
  return { upstream: shop.upstream, port: server.port };
}

it('a resolved target is connected to by address, and asked for and checked by name', async () => {
  const { upstream, port } = await shopProvenAs('shop.test');
  expect(await send(upstream)).toMatchObject({ status: 200, body: `shop.test shop.test:${port}` });
});

it('a resolved target that cannot prove the name is not talked to, though it proves its address', async () => {
  const { upstream } = await shopProvenAs('127.0.0.1');
  const { status, error } = await send(upstream);
  expect([status, error?.kind]).toEqual([0, 'connect']);
  expect(error?.message).toContain('shop.test');
});
