import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { answerWith, get, post, postHead } from '../../helpers/gateway-path.ts';
import { RawUpstream, type UpstreamConnection } from '../../helpers/raw-upstream.ts';
import { DEAD, handling, SWITCHED, upgrade } from '../policies/policy-path.ts';
import { AccessPath } from './access-log-kit.ts';

const WELL = answerWith('well done');
const ID = ['X-Request-Id: the-id'];

describe('the access log says', () => {
  it('of a plain request who asked for what, who answered, and how long it took', async () => {
    await using upstream = await RawUpstream.answering(WELL);
    await using log = await AccessPath.start({ api: upstream });
    const trace = `00-${'ab'.repeat(16)}-${'1'.repeat(16)}-01`;
    await log.path.ask(post('hello', [...ID, `Traceparent: ${trace}`], '/a/b?c=1'));
    const line = await log.line();
    expect(line).toMatchObject({
      level: 'info',
      msg: 'request',
      request_id: 'the-id',
      trace_id: 'ab'.repeat(16),
      client: '127.0.0.1',
      method: 'POST',
      host: 'gateway.test',
      path: '/a/b?c=********',
      http_version: '1.1',
      status: 200,
      outcome: 'answered',
      breaker_state: 'CLOSED',
      attempts: 1,
      route: '/*',
      upstream: 'api',
      target: upstream.url,
      bytes_in: 5,
      bytes_out: 9,
    });
    for (const absent of ['error', 'failure', 'fallback', 'cache', 'peer', 'headers'])
      expect(line).not.toHaveProperty(absent);
    expect(line.upstream_ms).toBeGreaterThan(0);
    expect(line.total_ms).toBeGreaterThanOrEqual(line.upstream_ms as number);
  });

  it('that a retry has helped, and against what', async () => {
    await using upstream = await RawUpstream.answering((_request, nth) =>
      nth === 0 ? answerWith('', [], '503 No') : WELL,
    );
    await using log = await AccessPath.start({ api: upstream }, { route: 'retry: 2' }, 'sample: 0%');
    expect((await log.path.ask(get())).status).toBe(200);
    expect(await log.line()).toMatchObject({
      status: 200,
      outcome: 'answered',
      attempts: 2,
      failure: 'status',
    });
  });

  it('no time of an earlier head beside the target that was asked last and gave none', async () => {
    let asked = 0;
    await using upstream = await RawUpstream.start(async (connection) => {
      await connection.request();
      if (++asked === 1) connection.send(answerWith('', ['Connection: close'], '503 No'));
      else connection.destroy();
    });
    await using log = await AccessPath.start({ api: upstream }, { route: 'retry: 2' });
    expect((await log.path.ask(get())).status).toBe(502);
    const line = await log.line();
    expect(line).toMatchObject({ attempts: 2, failure: 'reset', target: upstream.url });
    expect(line.upstream_ms).toBeUndefined();
  });

  it.each([
    ['cut before its client', '', { status: 503, outcome: 'upstream_failed', failure: 'reset' }],
    [
      'cut when another attempt has begun',
      'retry: 2',
      { status: 200, outcome: 'answered', failure: 'status' },
    ],
  ])('of a 503 that was %s one failed attempt, as the metrics do', async (_, route, expected) => {
    const asked: UpstreamConnection[] = [];
    await using upstream = await RawUpstream.start(async (connection) => {
      await connection.request();
      if (asked.push(connection) === 1) {
        connection.send('HTTP/1.1 503 No\r\nContent-Length: 9\r\n\r\nhalf');
        return;
      }
      asked[0]?.reset();
      connection.send(WELL);
    });
    await using log = await AccessPath.start({ api: upstream }, { route });
    const client = await log.path.connect();
    client.send(get());
    await client.waitFor(expected.status === 503 ? 'half' : 'well');
    asked[0]?.reset();
    expect(await log.line()).toMatchObject(expected);
    await eventually(async () => {
      const metrics = await (await fetch(`${log.path.gateway.adminUrl}/metrics`)).text();
      const failures = metrics.match(/^gateway_(?:upstream|target)_failures_total.* [1-9]\d*$/gm);
      expect(failures?.sort()).toEqual([
        `gateway_target_failures_total{upstream="api",target="${upstream.url}"} 1`,
        'gateway_upstream_failures_total{upstream="api",kind="status"} 1',
      ]);
    });
  });

  it('that a fallback answered, which, and what the upstream failed of', async () => {
    await using second = await RawUpstream.answering(WELL);
    await using log = await AccessPath.start(
      { api: DEAD, second },
      { route: 'fallback: [{ upstream: second }]' },
      'sample: 0%',
    );
    expect((await log.path.ask(get())).status).toBe(200);
    expect(await log.line()).toMatchObject({
      status: 200,
      outcome: 'fallback',
      fallback: 'secondary',
      failure: 'connect',
      error: 'UPSTREAM_UNREACHABLE',
      upstream: 'api',
      target: second.url,
    });
  });

  it('that an answer came from the cache, fresh or stale', async () => {
    await using upstream = await handling((connection, { target }, nth) => {
      if (target === '/fresh') connection.send(answerWith('kept', ['Cache-Control: max-age=60']));
      else if (nth === 1) connection.send(answerWith('kept', ['Cache-Control: max-age=0']));
      else connection.destroy();
    });
    await using log = await AccessPath.start(
      { api: upstream },
      { route: 'cache: true, fallback: [{ stale: 5m }]', server: 'workers: 1' },
    );
    for (const target of ['/fresh', '/stale', '/fresh', '/stale'])
      expect((await log.path.ask(get(target))).body.toString()).toBe('kept');
    await log.line(4);
    const [miss, , hit, stale] = await log.written();
    expect(miss).toMatchObject({ cache: expect.stringContaining('fwd=uri-miss'), attempts: 1 });
    expect(hit).toMatchObject({
      cache: expect.stringMatching(/; hit; ttl=\d+$/),
      attempts: 0,
      outcome: 'answered',
    });
    expect(hit).not.toHaveProperty('target');
    expect(hit).not.toHaveProperty('upstream_ms');
    expect(stale).toMatchObject({ outcome: 'fallback', fallback: 'stale', failure: 'reset' });
  });

  it('that the breaker let nothing through', async () => {
    await using log = await AccessPath.start({ api: DEAD }, { breakers: { api: 'failure_threshold: 1' } });
    for (const status of [502, 503]) expect((await log.path.ask(get())).status).toBe(status);
    await log.line(2);
    const lines = await log.written();
    expect(lines.sort((one, other) => Number(one.status) - Number(other.status))).toMatchObject([
      {
        level: 'warn',
        outcome: 'upstream_failed',
        error: 'UPSTREAM_UNREACHABLE',
        failure: 'connect',
        breaker_state: 'OPEN',
        target: DEAD,
      },
      {
        level: 'warn',
        outcome: 'rejected',
        error: 'CIRCUIT_BREAKER_OPEN',
        failure: 'open',
        breaker_state: 'OPEN',
      },
    ]);
    expect(lines[1]).not.toHaveProperty('target');
  });

  it('that the client left, and that it was told nothing', async () => {
    await using upstream = await RawUpstream.answering('');
    await using log = await AccessPath.start({ api: upstream });
    const client = await log.path.connect();
    client.send(get());
    await upstream.connection();
    await eventually(() => expect(upstream.connections[0]?.text).toContain('GET'));
    client.reset();
    expect(await log.line()).toMatchObject({
      outcome: 'client_gone',
      status: 0,
      bytes_out: 0,
      target: upstream.url,
    });
  });

  it('what the gateway refused or answered by itself, also what was no request at all', async () => {
    await using log = await AccessPath.start({ api: DEAD }, {}, 'sample: 100%');
    const asked: [bytes: string, status: number][] = [
      [get('/health', ID), 200],
      [get('/a%2fb', ID), 400],
      ['GET / HTTP/1.1\r\nno field\r\n\r\n', 400],
      [get().replace('GET', 'CONNECT').replace(' / ', ' a:1 '), 501],
    ];
    for (const [nth, [bytes, status]] of asked.entries()) {
      expect((await log.path.ask(bytes)).status).toBe(status);
      await log.line(nth + 1);
    }
    const [page, path, ...heads] = await log.written();
    expect(page).toMatchObject({ outcome: 'own_page', request_id: 'the-id', path: '/health', attempts: 0 });
    expect(path).toMatchObject({
      outcome: 'refused',
      error: 'AMBIGUOUS_PATH',
      path: '/a%2fb',
      request_id: 'the-id',
    });
    const refused = { level: 'info', msg: 'request', outcome: 'refused', client: '127.0.0.1' };
    expect(heads).toMatchObject([
      { ...refused, status: 400, error: 'BAD_REQUEST' },
      { ...refused, status: 501, error: 'METHOD_NOT_IMPLEMENTED' },
    ]);
    for (const head of heads) expect(head).not.toHaveProperty('path');
  });

  it('how many bytes went through a tunnel both ways', async () => {
    await using upstream = await RawUpstream.start(async (connection) => {
      await connection.waitFor('\r\n\r\n');
      connection.send(`${SWITCHED}from upstream`);
      await connection.waitFor('from client');
      connection.socket.end();
    });
    await using log = await AccessPath.start({ api: upstream });
    const client = await log.path.connect();
    client.send(upgrade('/chat'));
    await client.waitFor('from upstream');
    client.send('from client');
    await client.closed();
    client.destroy();
    expect(await log.line()).toMatchObject({
      status: 101,
      outcome: 'answered',
      path: '/chat',
      bytes_in: 'from client'.length,
      bytes_out: 'from upstream'.length,
    });
  });

  it('how much of an upload came before its client left', async () => {
    await using upstream = await RawUpstream.start();
    await using log = await AccessPath.start({ api: upstream });
    const client = await log.path.connect();
    client.send(`${postHead(100)}1234567`);
    await (await upstream.connection()).waitFor('1234567');
    client.reset();
    expect(await log.line()).toMatchObject({ method: 'POST', outcome: 'client_gone', bytes_in: 7 });
  });

  it('for whom a proxy of ours asks, and what was asked to be said of the head', async () => {
    await using upstream = await RawUpstream.answering(WELL);
    await using log = await AccessPath.start(
      { api: upstream },
      { server: 'trusted_proxies: [127.0.0.1]' },
      'request_headers: [User-Agent, Authorization], query: keep, redact: [patient]',
    );
    const fields = [
      'X-Forwarded-For: 1.1.1.1, 203.0.113.9',
      'User-Agent: \x9b31mme',
      'Authorization: Basic abc',
    ];
    await log.path.ask(Buffer.from(get('/?a=1&patient=2', fields), 'latin1'));
    expect(await log.line()).toMatchObject({
      client: '203.0.113.9',
      peer: '127.0.0.1',
      path: '/?a=1&patient=********',
      headers: { 'user-agent': '\\x9b31mme', authorization: '********' },
    });
  });
});
