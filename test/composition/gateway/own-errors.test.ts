import { describe, expect, it } from 'vitest';
import { answerWith, GatewayPath, get, type PathSettings, postHead } from '../../helpers/gateway-path.ts';
import { RawUpstream, type UpstreamScript } from '../../helpers/raw-upstream.ts';

interface Case {
  readonly code: string;
  readonly status: number;
  readonly request?: (fields: readonly string[]) => string;
  readonly script?: UpstreamScript;
  readonly settings?: PathSettings;
  /** Requests before the one that is looked at. */
  readonly before?: number;
}

const CASES: readonly Case[] = [
  { code: 'AMBIGUOUS_PATH', status: 400, request: (fields) => get('/a%2fb', fields) },
  {
    code: 'LOOP_DETECTED',
    status: 508,
    request: (fields) => get('/', ['Via: 1.1 Edge-7', ...fields]),
    settings: { server: 'via: edge-7' },
  },
  { code: 'ROUTE_NOT_FOUND', status: 404, settings: { route: 'host: elsewhere.test' } },
  { code: 'METHOD_NOT_ALLOWED', status: 405, settings: { route: 'methods: [POST]' } },
  { code: 'UPSTREAM_UNREACHABLE', status: 502, settings: { target: 'http://127.0.0.1:1' } },
  {
    code: 'UPSTREAM_RESET',
    status: 502,
    script: (connection) => connection.waitFor('\r\n\r\n').then(() => connection.reset()),
  },
  { code: 'UPSTREAM_PROTOCOL_ERROR', status: 502, script: (connection) => connection.send('no\r\n\r\n') },
  { code: 'UPSTREAM_TIMEOUT', status: 504, settings: { breaker: 'request_timeout: 50ms' } },
  {
    code: 'CIRCUIT_BREAKER_OPEN',
    status: 503,
    settings: { target: 'http://127.0.0.1:1', breaker: 'failure_threshold: 1' },
    before: 1,
  },
  {
    code: 'BODY_TOO_LARGE',
    status: 413,
    request: (fields) => `${postHead(11, fields)}12345678901`,
    settings: { server: 'max_body_size: 10B' },
  },
  {
    code: 'REQUEST_TIMEOUT',
    status: 408,
    request: (fields) => `${postHead(11, fields)}1`,
    settings: { server: 'body_timeout: 50ms' },
  },
  { code: 'EXPECTATION_FAILED', status: 417, request: (fields) => get('/', ['Expect: tea', ...fields]) },
];

describe('an error of the gateway’s own', () => {
  it.each(CASES)('$code comes as JSON and as problem+json, with the same facts', async (one) => {
    await using path = await GatewayPath.start(one.script ?? (() => {}), one.settings);
    const request = one.request ?? ((fields) => get('/', fields));
    for (let nth = 0; nth < (one.before ?? 0); nth++) await path.ask(get());
    const plain = await path.ask(request([]));
    const problem = await path.ask(request(['Accept: application/problem+json']));

    expect([plain.status, plain.header('content-type')]).toEqual([one.status, 'application/json']);
    const { error } = plain.json();
    expect(error).toMatchObject({ code: one.code, request_id: plain.header('x-request-id') });

    expect([problem.status, problem.header('content-type')]).toEqual([
      one.status,
      'application/problem+json',
    ]);
    const facts = problem.json() as Record<string, unknown>;
    expect(facts).toMatchObject({
      status: one.status,
      code: one.code,
      request_id: problem.header('x-request-id'),
    });
    const { message, request_id: _, retry_after_ms: __, ...details } = error as Record<string, unknown>;
    if (!/within/.test(String(message))) expect(facts.detail).toBe(message);
    expect(facts).toMatchObject(details);
    expect(plain.header('x-request-id')).not.toBe(problem.header('x-request-id'));

    for (const answer of [plain, problem]) {
      expect(answer.header('cache-control')).toBe('no-store');
      expect(answer.header('content-length')).toBe(String(answer.body.length));
      expect(answer.header('date')).toBeDefined();
    }
  });

  it('to HEAD has the fields and no body', async () => {
    await using path = await GatewayPath.start(() => {}, { target: 'http://127.0.0.1:1' });
    const client = await path.connect();
    const answer = await client.ask(get().replace('GET', 'HEAD'), { toHead: true });
    expect([answer.status, answer.body.length]).toEqual([502, 0]);
    expect(Number(answer.header('content-length'))).toBeGreaterThan(0);
    expect((await client.ask(get())).status).toBe(502);
  });

  it('405 names the methods that there are', async () => {
    await using path = await GatewayPath.start(() => {}, { route: 'methods: [POST, PUT]' });
    expect((await path.ask(get())).header('allow')?.split(', ').sort()).toEqual(['POST', 'PUT']);
  });
});

describe('an open circuit', () => {
  it('says when to come back, in whole seconds and in milliseconds, and why', async () => {
    await using path = await GatewayPath.start(await RawUpstream.answering(answerWith('no', [], '500 No')), {
      breaker: 'failure_threshold: 2, open_timeout: 90s',
    });
    for (let nth = 0; nth < 2; nth++) expect((await path.ask(get())).status).toBe(500);
    const answer = await path.ask(get());
    const { error } = answer.json();
    expect(answer.status).toBe(503);
    expect(error).toMatchObject({
      code: 'CIRCUIT_BREAKER_OPEN',
      service: 'api',
      circuit_breaker: 'api',
      state: 'OPEN',
      reason: { message: 'max failures reached' },
    });
    const retryAfterMs = Number(error?.retry_after_ms);
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(90_000);
    expect(answer.header('retry-after')).toBe(String(Math.ceil(retryAfterMs / 1000)));
    expect(Date.parse(String(error?.opened_at))).toBeLessThanOrEqual(Date.now());
    await path.judged({ failures: 2, rejections: 1 });
  });

  it('duty 36: leaves the client’s connection usable, whole bodies included', async () => {
    await using path = await GatewayPath.start(() => {}, {
      target: 'http://127.0.0.1:1',
      breaker: 'failure_threshold: 1',
    });
    const client = await path.connect();
    expect((await client.ask(get())).status).toBe(502);
    expect((await client.ask(`${postHead(4)}body`)).status).toBe(503);
    expect((await client.ask(`${postHead('chunked')}4\r\nbody\r\n0\r\n\r\n`)).status).toBe(503);
    expect((await client.ask(get('/health/live'))).status).toBe(200);
  });

  it('answers an upload that has only begun at once, and closes', async () => {
    await using path = await GatewayPath.start(() => {}, {
      target: 'http://127.0.0.1:1',
      breaker: 'failure_threshold: 1',
    });
    expect((await path.ask(get())).status).toBe(502);
    const client = await path.connect();
    const answer = await client.ask(`${postHead(1000)}part`);
    expect([answer.status, answer.header('connection')]).toEqual([503, 'close']);
    expect(await client.closed()).toBe('end');
  });
});
