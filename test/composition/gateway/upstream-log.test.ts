import { expect, it } from 'vitest';
import { startTestGateway, startTestUpstream } from '../../helpers/test-gateway.ts';

const configuration = (url: string, breaker = '') => `
upstreams:
  api: { targets: ['${url}'], circuit_breaker: { name: api-http ${breaker} } }
routes:
  - { path: /api/*, upstream: api }
`;

it('the log says why a request got a 502, under the request’s id', async () => {
  await using gateway = await startTestGateway(configuration('http://127.0.0.1:1'));
  const answer = await fetch(`${gateway.url}/api/x`);
  expect(answer.status).toBe(502);
  await answer.text();
  expect(gateway.logLines).toContainEqual(
    expect.objectContaining({
      event: 'upstream_failed',
      level: 'warn',
      request_id: answer.headers.get('x-request-id'),
      upstream: 'api',
      route: '/api/*',
      kind: 'connect',
    }),
  );
});

it('the log says which limit a 504 ran into', async () => {
  await using upstream = await startTestUpstream(() => {});
  await using gateway = await startTestGateway(configuration(upstream.url, ', request_timeout: 50ms'));
  expect((await fetch(`${gateway.url}/api/x`)).status).toBe(504);
  expect(gateway.logLines).toContainEqual(
    expect.objectContaining({ event: 'upstream_failed', kind: 'headers_timeout' }),
  );
});

it('two gateways in a row with default names are no loop', async () => {
  await using upstream = await startTestUpstream((request, response) => response.end(request.headers.via));
  await using back = await startTestGateway(configuration(upstream.url));
  await using front = await startTestGateway(configuration(back.url));
  const answer = await fetch(`${front.url}/api/x`);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toMatch(/^1\.1 breakwater-\d{6}, 1\.1 breakwater-\d{6}$/);
});
