import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { startTestGateway, startTestUpstream, type TestGateway } from '../../helpers/test-gateway.ts';

const DEAD = 'http://127.0.0.1:1';

const behind = (target: string, breaker: string) => `
circuit_breakers: { ${breaker} }
upstreams: { api: { targets: ['${target}'], circuit_breaker: { profile: p, name: api-http } } }
routes: [{ path: /*, upstream: api }]
`;

/** Answers with the status that the path names: `/500`. */
const startStatusUpstream = () =>
  startTestUpstream((incoming, response) => {
    response.statusCode = Number(incoming.url?.slice(1));
    response.end();
  });

async function statuses(gateway: TestGateway, ...wanted: number[]): Promise<number[]> {
  const seen: number[] = [];
  for (const status of wanted) {
    const answer = await fetch(`${gateway.url}/${status}`);
    await answer.arrayBuffer();
    seen.push(answer.status);
  }
  return seen;
}

type Json = Record<string, unknown>;

const json = async (url: string): Promise<Json> => (await (await fetch(url)).json()) as Json;
const breakerOf = (gateway: TestGateway) => json(`${gateway.adminUrl}/breakers/api-http`);
const errorOf = async (gateway: TestGateway) => (await json(`${gateway.url}/200`)).error as Json;

describe('a failure rate', () => {
  it('opens the breaker with the call that completes min_requests, a success even', async () => {
    await using upstream = await startStatusUpstream();
    await using gateway = await startTestGateway(
      behind(upstream.url, 'p: { window: { count: 10 }, min_requests: 4, failure_rate: 50% }'),
    );
    expect(await statuses(gateway, 500, 200, 500, 200, 200)).toEqual([500, 200, 500, 200, 503]);
    expect(await errorOf(gateway)).toMatchObject({
      code: 'CIRCUIT_BREAKER_OPEN',
      reason: {
        rule: 'failure_rate',
        message: 'failure rate exceeded',
        failures: 2,
        requests: 4,
        threshold: 50,
      },
    });
    expect(gateway.logLines.map(({ msg }) => msg)).toEqual([
      '[CIRCUIT_BREAKER] api-http circuit breaker OPENED: failure rate exceeded',
    ]);
  });

  it('takes the place of five failures in a row', async () => {
    await using upstream = await startStatusUpstream();
    await using gateway = await startTestGateway(
      behind(upstream.url, 'p: { window: 1h, failure_rate: 50% }'),
    );
    const failures = new Array<number>(19).fill(500);
    expect(await statuses(gateway, ...failures)).toEqual(failures);
    expect(await statuses(gateway, 200, 200)).toEqual([200, 503]);
  });
});

describe('failures in a window', () => {
  it('open the breaker though successes lie between them', async () => {
    await using upstream = await startStatusUpstream();
    await using gateway = await startTestGateway(
      behind(upstream.url, 'p: { window: 1h, failure_threshold: 3 }'),
    );
    expect(await statuses(gateway, 500, 200, 500, 200, 500, 200)).toEqual([500, 200, 500, 200, 500, 503]);
    expect(await errorOf(gateway)).toMatchObject({
      reason: { rule: 'failures', message: 'max failures reached', failures: 3, windowMs: 3_600_000 },
    });
  });

  it('are forgotten when they are old', async () => {
    await using upstream = await startStatusUpstream();
    await using gateway = await startTestGateway(
      behind(upstream.url, 'p: { window: 200ms, failure_threshold: 2 }'),
      { admin: true },
    );
    await statuses(gateway, 500);
    await eventually(async () => expect(await breakerOf(gateway)).toMatchObject({ failure_count: 0 }));
    expect(await statuses(gateway, 500)).toEqual([500]);
    expect(await breakerOf(gateway)).toMatchObject({ state: 'CLOSED', consecutive_failures: 2 });
  });

  it('leave failures in a row a rule of their own', async () => {
    await using upstream = await startStatusUpstream();
    await using gateway = await startTestGateway(
      behind(upstream.url, 'p: { window: 1h, failure_threshold: 100, consecutive_failures: 2 }'),
    );
    expect(await statuses(gateway, 500, 200, 500, 500, 200)).toEqual([500, 200, 500, 500, 503]);
    expect(await errorOf(gateway)).toMatchObject({ reason: { rule: 'consecutive_failures' } });
  });
});

describe('slow calls', () => {
  const SLOW = 'p: { window: { count: 10 }, min_requests: 2, slow_call: { duration: 1s, rate: 100% } }';
  const LONGER_MS = 1200;

  it('open the breaker though every one of them is a success', { timeout: 60_000 }, async () => {
    await using upstream = await startTestUpstream((_request, response) => {
      setTimeout(() => response.end('late'), LONGER_MS);
    });
    await using gateway = await startTestGateway(behind(upstream.url, SLOW), { admin: true });
    const answers = await Promise.all([fetch(gateway.url), fetch(gateway.url)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['late', 'late']);
    expect(await errorOf(gateway)).toMatchObject({
      code: 'CIRCUIT_BREAKER_OPEN',
      reason: { rule: 'slow_call_rate', message: 'slow call rate exceeded', slowCalls: 2, threshold: 100 },
    });
    expect(await breakerOf(gateway)).toMatchObject({ state: 'OPEN', totals: { failures: 0, slow: 2 } });
  });

  it('are not those whose body takes long after a quick head', { timeout: 60_000 }, async () => {
    await using upstream = await startTestUpstream((_request, response) => {
      response.write('first ');
      setTimeout(() => response.end('last'), LONGER_MS);
    });
    await using gateway = await startTestGateway(behind(upstream.url, SLOW), { admin: true });
    const answers = await Promise.all([fetch(gateway.url), fetch(gateway.url)]);
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['first last', 'first last']);
    expect(await breakerOf(gateway)).toMatchObject({
      state: 'CLOSED',
      request_count: 2,
      totals: { slow: 0 },
    });
  });

  it('are not those whose client takes long to send its body', { timeout: 60_000 }, async () => {
    await using upstream = await startTestUpstream((incoming, response) => {
      incoming.resume().on('end', () => response.end('thanks'));
    });
    await using gateway = await startTestGateway(behind(upstream.url, SLOW), { admin: true });
    await Promise.all([slowUpload(gateway.url), slowUpload(gateway.url)]);
    expect(await breakerOf(gateway)).toMatchObject({
      state: 'CLOSED',
      request_count: 2,
      totals: { slow: 0 },
    });
  });

  function slowUpload(url: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const upload = request(url, { method: 'POST', headers: { 'Content-Length': 10 }, agent: false });
      upload.on('error', reject).on('response', (response) => response.resume().on('end', resolve));
      upload.write('first');
      setTimeout(() => upload.end(' last'), LONGER_MS);
    });
  }
});

describe('statuses that are failures', () => {
  it('are those that the configuration names, and no other', async () => {
    await using upstream = await startStatusUpstream();
    await using gateway = await startTestGateway(
      behind(upstream.url, 'p: { failure_threshold: 1, failure_statuses: [429, 502-504] }'),
      { admin: true },
    );
    const none = [200, 404, 428, 430, 500, 501, 505, 599];
    expect(await statuses(gateway, ...none)).toEqual(none);
    for (const status of [429, 502, 503, 504]) {
      expect(await statuses(gateway, status, 200)).toEqual([status, 503]);
      await fetch(`${gateway.adminUrl}/breakers/api-http/reset`, { method: 'POST' });
    }
  });
});

describe('a growing open time', () => {
  it('is longer after each probe that fails, and starts anew after a reset', async () => {
    await using gateway = await startTestGateway(
      behind(DEAD, 'p: { failure_threshold: 1, open_timeout: { initial: 50ms, factor: 1000, max: 40s } }'),
      { admin: true },
    );
    expect(await statuses(gateway, 200)).toEqual([502]);
    expect((await breakerOf(gateway)).retry_after_ms).toBeLessThanOrEqual(50);
    // The probe fails as well.
    await eventually(async () => expect(await statuses(gateway, 200)).toEqual([502]));
    const refused = await fetch(`${gateway.url}/200`);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(40);
    const { retry_after_ms } = ((await refused.json()) as { error: { retry_after_ms: number } }).error;
    expect(retry_after_ms).toBeGreaterThan(50);
    expect(retry_after_ms).toBeLessThanOrEqual(40_000);

    await fetch(`${gateway.adminUrl}/breakers/api-http/reset`, { method: 'POST' });
    expect(await statuses(gateway, 200)).toEqual([502]);
    expect((await breakerOf(gateway)).retry_after_ms).toBeLessThanOrEqual(50);
  });
});

describe('a breaker that only observes', () => {
  it('refuses nothing, and tells in log, metrics, health and admin API what it would do', async () => {
    await using upstream = await startStatusUpstream();
    await using gateway = await startTestGateway(
      behind(upstream.url, 'p: { failure_threshold: 5, mode: observe }'),
      { admin: true },
    );
    const failures = new Array<number>(12).fill(500);
    expect(await statuses(gateway, ...failures)).toEqual(failures);
    expect(await statuses(gateway, 200)).toEqual([200]);

    expect(gateway.logLines).toMatchObject([
      {
        level: 'warn',
        event: 'would_open',
        msg: '[CIRCUIT_BREAKER] api-http circuit breaker WOULD_OPEN: max failures reached',
        reason: { failures: 5 },
        would_refuse_for_ms: 60_000,
      },
    ]);
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    expect(metrics).toContain('circuit_breaker_state{service="api-http"} 0\n');
    expect(metrics).toContain('circuit_breaker_rejections_total{service="api-http"} 0\n');
    expect(metrics).toContain('circuit_breaker_would_open{service="api-http"} 1\n');
    expect(metrics).toContain('circuit_breaker_would_reject_total{service="api-http"} 8\n');
    expect(await json(`${gateway.url}/health`)).toMatchObject({
      status: 'healthy',
      data: { api: { circuit_breaker: { state: 'CLOSED', mode: 'observe', would_be: 'OPEN' } } },
    });
    expect(await breakerOf(gateway)).toMatchObject({ state: 'CLOSED', would_be: 'OPEN' });
  });

  it('refuses when an operator forces it open', async () => {
    await using upstream = await startStatusUpstream();
    await using gateway = await startTestGateway(behind(upstream.url, 'p: { mode: observe }'), {
      admin: true,
    });
    await fetch(`${gateway.adminUrl}/breakers/api-http/open`, { method: 'POST' });
    expect(await statuses(gateway, 200)).toEqual([503]);
    await fetch(`${gateway.adminUrl}/breakers/api-http/close`, { method: 'POST' });
    expect(await statuses(gateway, 200)).toEqual([200]);
  });
});

describe('the rules of a breaker', () => {
  it('stand in plain words in health and admin API', async () => {
    await using gateway = await startTestGateway(
      behind(DEAD, 'p: { window: 30s, failure_rate: 50%, open_timeout: 15s }'),
      { admin: true },
    );
    const rules = 'opens after 50% failures among at least 20 calls within 30s, for 15s';
    expect(await json(`${gateway.url}/health`)).toMatchObject({
      data: { api: { circuit_breaker: { rules } } },
    });
    expect(await breakerOf(gateway)).toMatchObject({ rules });
  });
});
