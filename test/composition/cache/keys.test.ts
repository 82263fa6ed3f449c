import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { RawClient } from '../../helpers/raw-client.ts';
import { startTestGateway, startTestUpstream } from '../../helpers/test-gateway.ts';

async function clientAt(localAddress: string, port: number): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  await once(socket, 'connect');
  return new RawClient(socket);
}

it('a client that only says that it came by https poisons nothing for those behind a trusted proxy', async () => {
  await using upstream = await startTestUpstream((request, response) => {
    if (request.headers['x-forwarded-proto'] === 'https') response.end('secure');
    else response.writeHead(301, { Location: 'https://shop.example/' }).end();
  });
  await using gateway = await startTestGateway(`
server: { listen: '127.0.0.1:0', trusted_proxies: [127.0.0.2] }
upstreams: { shop: { targets: ['${upstream.url}'] } }
routes: [{ path: /*, upstream: shop, cache: { ttl: 60s } }]
`);
  const asked = 'GET / HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-Proto: https\r\n\r\n';
  await using liar = await clientAt('127.0.0.3', gateway.address.port);
  await using proxy = await clientAt('127.0.0.2', gateway.address.port);
  expect((await liar.ask(asked)).status).toBe(301);
  const answer = await proxy.ask(asked);
  expect([answer.status, answer.body.toString()]).toEqual([200, 'secure']);
  expect((await proxy.ask(asked)).header('cache-status')).toContain('hit');
});
