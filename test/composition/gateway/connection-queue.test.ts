import { expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { itInOneThread, startTestGateway, startTestUpstream } from '../../helpers/test-gateway.ts';

const configuration = (url: string) => `
upstreams:
  narrow:
    targets: ['${url}']
    max_connections: 1
    circuit_breaker: { failure_threshold: 1, request_timeout: 1500ms }
routes:
  - { path: /patient/*, upstream: narrow }
  - { path: /hasty/*, upstream: narrow, timeout: 300ms }
`;

it('time in the queue for a connection does not count as the upstream’s', async () => {
  await using upstream = await startTestUpstream((_request, response) => {
    setTimeout(() => response.end('late, but in time'), 700);
  });
  await using gateway = await startTestGateway(configuration(upstream.url), { admin: true });
  const answers = await Promise.all(
    ['a', 'b', 'c'].map(async (name) => (await fetch(`${gateway.url}/patient/${name}`)).status),
  );
  expect(answers).toEqual([200, 200, 200]);
  const breaker = await (await fetch(`${gateway.adminUrl}/breakers/narrow`)).json();
  expect(breaker).toMatchObject({ state: 'CLOSED', totals: { successes: 3, timeouts: 0 } });
});

// Each worker has a connection of its own to the target, so that the second request may not have to wait.
itInOneThread.each([
  ['a request', {}],
  ['an upload', { method: 'POST', body: 'hello' }],
])('%s that gets no connection in time is refused, and nobody is blamed', async (_what, options) => {
  let arrived = 0;
  await using upstream = await startTestUpstream(() => void arrived++);
  await using gateway = await startTestGateway(configuration(upstream.url), { admin: true });
  const leaving = new AbortController();
  const first = fetch(`${gateway.url}/patient/a`, { signal: leaving.signal });
  await eventually(() => expect(arrived).toBe(1));
  const second = await fetch(`${gateway.url}/hasty/b`, options);
  expect(second.status).toBe(503);
  expect(second.headers.get('retry-after')).toBe('1');
  expect(await second.json()).toMatchObject({ error: { code: 'SHUTTING_DOWN', service: 'narrow' } });
  leaving.abort();
  await expect(first).rejects.toThrow();
  await eventually(async () => {
    const breaker = await (await fetch(`${gateway.adminUrl}/breakers/narrow`)).json();
    expect(breaker).toMatchObject({ state: 'CLOSED', totals: { failures: 0, excluded: 2 } });
  });
});
