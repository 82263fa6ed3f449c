import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { answerWith, GatewayPath, get } from '../../helpers/gateway-path.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';

describe('what is kept of an exchange', () => {
  it('is counted once per target and once in the metrics, by how it ended', async () => {
    await using path = await GatewayPath.start(
      await RawUpstream.answering(({ target }) => {
        if (target === '/bad') return answerWith('bad', [], '500 Bad');
        return target === '/hang' ? '' : answerWith('well');
      }),
      { breaker: 'failure_threshold: 3' },
    );
    expect((await path.ask(get('/well'))).status).toBe(200);
    const leaver = await path.connect();
    leaver.send(get('/hang'));
    await eventually(() =>
      expect(path.upstream.connections.some(({ text }) => text.includes('/hang'))).toBe(true),
    );
    leaver.reset();
    await path.judged({ successes: 1, excluded: 1 });
    for (const status of [500, 500, 500, 503]) expect((await path.ask(get('/bad'))).status).toBe(status);

    const health = (await path.ask(get('/health'))).json() as {
      data: Record<string, { targets: unknown[] }>;
    };
    expect(health.data.api?.targets).toMatchObject([{ url: path.upstream.url, requests: 5, failures: 3 }]);
    const metrics = await (await fetch(`${path.gateway.adminUrl}/metrics`)).text();
    const requests = metrics
      .split('\n')
      .filter((line) => line.startsWith('gateway_requests_total{route="/*"'));
    const line = (statusClass: string, count: number) =>
      `gateway_requests_total{route="/*",upstream="api",method="GET",status_class="${statusClass}"} ${count}`;
    expect(requests.sort()).toEqual([line('2xx', 1), line('5xx', 4), line('none', 1)]);
  });

  it('the breaker’s time is that of the head, not of the body', async () => {
    await using path = await GatewayPath.start(async (connection) => {
      await connection.request();
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha');
      await client.waitFor('ha');
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      connection.send('lf');
    });
    const client = await path.connect();
    expect((await client.ask(get())).status).toBe(200);
    const breaker = await (await fetch(`${path.gateway.adminUrl}/breakers/api`)).json();
    expect((breaker as { max_ms: number }).max_ms).toBeLessThan(1_000);
  });
});
