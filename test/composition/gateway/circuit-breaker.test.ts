import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { startTestGateway, startTestUpstream } from '../../helpers/test-gateway.ts';

const DEAD = 'http://127.0.0.1:1';

function twoUpstreams(flaky: string, healthy: string, breaker = ''): string {
  return `
upstreams:
  flaky: { targets: ['${flaky}'], circuit_breaker: { name: flaky-http ${breaker} } }
  healthy: { targets: ['${healthy}'] }
routes:
  - { path: /flaky/*, upstream: flaky }
  - { path: /healthy/*, upstream: healthy }
`;
}

describe('a circuit breaker per upstream', () => {
  it('opens after exactly five failures and answers the sixth request itself', async () => {
    await using healthy = await startTestUpstream((_request, response) => response.end('fine'));
    await using gateway = await startTestGateway(twoUpstreams(DEAD, healthy.url));
    const statuses: number[] = [];
    for (let request = 0; request < 5; request++) {
      const answer = await fetch(`${gateway.url}/flaky/x`);
      statuses.push(answer.status);
      expect(await answer.json()).toMatchObject({ error: { code: 'UPSTREAM_UNREACHABLE' } });
    }
    expect(statuses).toEqual([502, 502, 502, 502, 502]);

    const sixth = await fetch(`${gateway.url}/flaky/x`);
    expect(sixth.status).toBe(503);
    expect(Number(sixth.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(Number(sixth.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    const { error } = (await sixth.json()) as { error: Record<string, unknown> };
    expect(error).toMatchObject({
      code: 'CIRCUIT_BREAKER_OPEN',
      message: 'Service is temporarily unavailable due to circuit breaker',
      service: 'flaky',
      state: 'OPEN',
      reason: { message: 'max failures reached', failures: 5 },
    });
    expect(error.request_id).toBe(sixth.headers.get('x-request-id'));
    expect(Date.parse(String(error.opened_at))).not.toBeNaN();
  });

  it('leaves the other upstreams alone', async () => {
    await using healthy = await startTestUpstream((_request, response) => response.end('fine'));
    await using gateway = await startTestGateway(twoUpstreams(DEAD, healthy.url));
    for (let request = 0; request < 6; request++) await (await fetch(`${gateway.url}/flaky/x`)).text();
    const answer = await fetch(`${gateway.url}/healthy/x`);
    expect([answer.status, await answer.text()]).toEqual([200, 'fine']);
  });

  it('shows the same in /health, the log and the metrics', async () => {
    await using healthy = await startTestUpstream((_request, response) => response.end('fine'));
    await using gateway = await startTestGateway(twoUpstreams(DEAD, healthy.url), { admin: true });
    for (let request = 0; request < 6; request++) await (await fetch(`${gateway.url}/flaky/x`)).text();

    const health = await fetch(`${gateway.url}/health`);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({
      message: 'Some services are degraded',
      status: 'degraded',
      data: {
        flaky: { status: 'unhealthy', circuit_breaker: { state: 'OPEN', failure_count: 5 } },
        healthy: { status: 'healthy', circuit_breaker: { state: 'CLOSED', failure_count: 0 } },
      },
    });
    expect(gateway.logLines.map((line) => line.msg)).toContain(
      '[CIRCUIT_BREAKER] flaky-http circuit breaker OPENED: max failures reached',
    );
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    expect(metrics).toContain('circuit_breaker_state{service="flaky-http"} 2');
    expect(metrics).toContain('circuit_breaker_failures_total{service="flaky-http"} 5');
  });

  it('lets one probe through after the open time and closes when it succeeds', async () => {
    let broken = true;
    await using flaky = await startTestUpstream((_request, response) => {
      response.statusCode = broken ? 500 : 200;
      response.end();
    });
    await using gateway = await startTestGateway(
      twoUpstreams(flaky.url, DEAD, ', failure_threshold: 2, open_timeout: 100ms'),
    );
    for (let request = 0; request < 2; request++) {
      expect((await fetch(`${gateway.url}/flaky/x`)).status).toBe(500);
    }
    expect((await fetch(`${gateway.url}/flaky/x`)).status).toBe(503);
    broken = false;
    await eventually(async () => expect((await fetch(`${gateway.url}/flaky/x`)).status).toBe(200));
    await eventually(() =>
      expect(gateway.logLines.map((line) => line.msg)).toEqual([
        '[CIRCUIT_BREAKER] flaky-http circuit breaker OPENED: max failures reached',
        '[CIRCUIT_BREAKER] flaky-http circuit breaker HALF_OPEN: attempting recovery',
        '[CIRCUIT_BREAKER] flaky-http circuit breaker CLOSED: recovery successful',
      ]),
    );
  });

  it('counts 5xx but neither 501 nor 505 nor 4xx as failures', async () => {
    await using flaky = await startTestUpstream((request, response) => {
      response.statusCode = Number(request.url?.slice('/flaky/'.length));
      response.end();
    });
    await using gateway = await startTestGateway(twoUpstreams(flaky.url, DEAD, ', failure_threshold: 1'));
    for (const status of [501, 505, 404, 429]) {
      expect((await fetch(`${gateway.url}/flaky/${status}`)).status).toBe(status);
    }
    expect((await fetch(`${gateway.url}/flaky/500`)).status).toBe(500);
    expect((await fetch(`${gateway.url}/flaky/200`)).status).toBe(503);
  });

  it('counts an answer that breaks off as a failure, and the client sees that it broke', async () => {
    await using flaky = await startTestUpstream((_request, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('part', () => response.destroy());
    });
    await using gateway = await startTestGateway(twoUpstreams(flaky.url, DEAD, ', failure_threshold: 1'));
    const answer = await fetch(`${gateway.url}/flaky/x`);
    await expect(answer.text()).rejects.toThrow();
    await eventually(async () => expect((await fetch(`${gateway.url}/flaky/x`)).status).toBe(503));
  });

  it('does not count a client that leaves', async () => {
    let arrived = 0;
    await using flaky = await startTestUpstream(() => void arrived++);
    await using gateway = await startTestGateway(twoUpstreams(flaky.url, DEAD, ', failure_threshold: 1'), {
      admin: true,
    });
    const leaving = new AbortController();
    const answer = fetch(`${gateway.url}/flaky/x`, { signal: leaving.signal });
    await eventually(() => expect(arrived).toBe(1));
    leaving.abort();
    await expect(answer).rejects.toThrow();
    await eventually(async () => {
      const breaker = await (await fetch(`${gateway.adminUrl}/breakers/flaky-http`)).json();
      expect(breaker).toMatchObject({ state: 'CLOSED', totals: { failures: 0, excluded: 1 } });
    });
  });

  it('answers 504 after request_timeout and counts a timeout', async () => {
    await using flaky = await startTestUpstream(() => {});
    await using gateway = await startTestGateway(
      twoUpstreams(flaky.url, DEAD, ', failure_threshold: 1, request_timeout: 100ms'),
      { admin: true },
    );
    const answer = await fetch(`${gateway.url}/flaky/x`);
    expect(answer.status).toBe(504);
    expect(await answer.json()).toMatchObject({ error: { code: 'UPSTREAM_TIMEOUT', service: 'flaky' } });
    const breaker = await (await fetch(`${gateway.adminUrl}/breakers/flaky-http`)).json();
    expect(breaker).toMatchObject({ state: 'OPEN', totals: { failures: 1, timeouts: 1 } });
  });
});
