import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { answerWith, get } from '../../helpers/gateway-path.ts';
import type { ReceivedSpan } from '../../helpers/otlp-receiver.ts';
import type { RawRequest } from '../../helpers/raw-message.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { DEAD, handling, SWITCHED, upgrade } from '../policies/policy-path.ts';
import { answeringInTurn, parentIn, TracedPath } from './traced-path.ts';

const good = answerWith('fine');
const bad = answerWith('bad', [], '503 Bad');

const eventsOf = ({ events }: ReceivedSpan) => events.map(({ name }) => name);

describe('the spans of a request', () => {
  it('are one of a server, and one of a client whose id its upstream gets', async () => {
    await using api = await answeringInTurn(good);
    await using traced = await TracedPath.start({ api });
    const before = BigInt(Date.now()) * 1_000_000n;
    const { server, attempts } = await traced.trace(1, ['User-Agent: tester/1']);
    const after = BigInt(Date.now() + 1) * 1_000_000n;
    const [client] = attempts as [ReceivedSpan];

    expect(server).toMatchObject({ name: 'GET /*', kind: 'server', parentSpanId: null, status: 'unset' });
    expect(server.resource).toMatchObject({
      'service.name': 'breakwater',
      'service.version': expect.any(String),
    });
    expect(server.attributes).toMatchObject({
      'http.request.method': 'GET',
      'http.route': '/*',
      'http.response.status_code': 200,
      'url.path': '/a',
      'url.scheme': 'http',
      'server.address': 'gateway.test',
      'client.address': '127.0.0.1',
      'network.protocol.version': '1.1',
      'user_agent.original': 'tester/1',
      'breakwater.outcome': 'answered',
      'breakwater.attempts': 1,
      'breakwater.circuit_breaker.state': 'CLOSED',
    });
    expect(server.attributes).not.toHaveProperty('error.type');

    expect(client).toMatchObject({ name: 'GET', kind: 'client', status: 'unset', events: [] });
    expect(client.attributes).toMatchObject({
      'server.address': '127.0.0.1',
      'server.port': api.port,
      'url.full': `${api.url}/a`,
      'http.response.status_code': 200,
      'breakwater.upstream': 'api',
      'breakwater.judged': 'success',
    });
    expect(client.attributes).not.toHaveProperty('http.request.resend_count');
    expect(parentIn(api.requests[0]!)).toEqual({
      traceId: client.traceId,
      spanId: client.spanId,
      flags: '01',
    });

    const times = [server.start, client.start, client.end, server.end];
    expect([...times].sort((a, b) => Number(a - b))).toEqual(times);
    expect(server.start).toBeGreaterThanOrEqual(before - 2_000_000n);
    expect(server.end).toBeLessThanOrEqual(after + 2_000_000n);
  });

  it('are one of a client for each attempt, and say why there was another one', async () => {
    await using api = await answeringInTurn(bad, good);
    await using traced = await TracedPath.start(
      { api },
      { route: 'retry: { attempts: 3, backoff: { initial: 1ms } }' },
    );
    const { response, server, attempts } = await traced.trace(2);
    expect(response.status).toBe(200);
    const [first, second] = attempts as [ReceivedSpan, ReceivedSpan];
    expect(first).toMatchObject({
      status: 'error',
      attributes: { 'error.type': '503', 'http.response.status_code': 503, 'breakwater.judged': 'failure' },
    });
    expect(second).toMatchObject({ status: 'unset', attributes: { 'http.request.resend_count': 1 } });
    expect(api.requests.map((request) => parentIn(request).spanId)).toEqual([first.spanId, second.spanId]);
    expect(server).toMatchObject({ status: 'unset', attributes: { 'breakwater.attempts': 2 } });
    expect(server.events).toMatchObject([
      {
        name: 'retry',
        attributes: { 'breakwater.reason': 'status', 'breakwater.retry.delay_ms': expect.any(Number) },
      },
    ]);
  });

  it('say of which attempt the breaker opened, that it rejects, and that it closed again', async () => {
    await using api = await answeringInTurn(bad, bad, good);
    await using traced = await TracedPath.start(
      { api },
      { breakers: { api: 'failure_threshold: 2, open_timeout: 1s' } },
    );
    const first = await traced.trace(1);
    expect(first.attempts.map(eventsOf)).toEqual([[]]);
    const second = await traced.trace(1);
    expect(second.attempts[0]!.events).toMatchObject([
      {
        name: 'circuit_breaker.opened',
        attributes: {
          'breakwater.circuit_breaker': 'api',
          'breakwater.circuit_breaker.from': 'CLOSED',
          'breakwater.reason': 'max failures reached',
        },
      },
    ]);
    expect(second.server).toMatchObject({ status: 'error', attributes: { 'error.type': '503' } });

    const rejected = await traced.trace(0);
    expect(rejected.response.status).toBe(503);
    expect(rejected.server).toMatchObject({
      status: 'error',
      attributes: {
        'error.type': 'CIRCUIT_BREAKER_OPEN',
        'breakwater.outcome': 'rejected',
        'breakwater.circuit_breaker.state': 'OPEN',
      },
    });
    expect(eventsOf(rejected.server)).toEqual(['circuit_breaker.rejected']);

    const id = await eventually(async () => {
      const fields = [`X-Request-Id: ${crypto.randomUUID()}`];
      const answer = await traced.path.ask(get('/', fields));
      expect(answer.status).toBe(200);
      return answer.header('x-request-id') as string;
    });
    const [, probe] = await traced.receiver.exchange(id, 1);
    expect(eventsOf(probe!)).toEqual(['circuit_breaker.half_open', 'circuit_breaker.closed']);
  });

  it('do not take an operator’s doing for that of a request', async () => {
    await using api = await answeringInTurn(good);
    await using traced = await TracedPath.start({ api });
    const admin = `http://127.0.0.1:${traced.path.gateway.adminAddress?.port}`;
    for (const act of ['open', 'close']) {
      expect((await fetch(`${admin}/breakers/api/${act}`, { method: 'POST' })).status).toBe(200);
    }
    const { server, attempts } = await traced.trace(1);
    expect([server, ...attempts].flatMap(eventsOf)).toEqual([]);
  });

  it('say that a bulkhead was full', async () => {
    await using api = await handling((connection, { target }) => {
      if (target !== '/hold') connection.send(good);
    });
    await using traced = await TracedPath.start(
      { api },
      { upstreams: { api: 'bulkhead: { max_concurrent: 1 }' } },
    );
    const holder = await traced.path.connect();
    holder.send(get('/hold'));
    await (await api.connection()).waitFor('/hold');
    const { server } = await traced.trace(0);
    expect(eventsOf(server)).toEqual(['bulkhead.full']);
    expect(server.attributes['breakwater.outcome']).toBe('rejected');
  });

  it('show a fallback and the other upstream that it asked, by a span of its own', async () => {
    await using other = await answeringInTurn(good);
    await using traced = await TracedPath.start(
      { api: DEAD, other },
      { route: 'fallback: [{ upstream: other }]' },
    );
    const { server, attempts } = await traced.trace(2);
    expect(server).toMatchObject({
      status: 'unset',
      attributes: { 'breakwater.fallback': 'secondary', 'breakwater.outcome': 'fallback' },
      events: [
        {
          name: 'fallback',
          attributes: { 'breakwater.fallback': 'secondary', 'breakwater.reason': 'connect' },
        },
      ],
    });
    const [failed, answered] = attempts as [ReceivedSpan, ReceivedSpan];
    expect(failed).toMatchObject({
      status: 'error',
      attributes: { 'error.type': 'connect', 'breakwater.error_code': 'ECONNREFUSED' },
    });
    expect(failed.attributes).not.toHaveProperty('http.response.status_code');
    expect(answered.attributes).toMatchObject({ 'breakwater.upstream': 'other' });
    expect(parentIn(other.requests[0]!).spanId).toBe(answered.spanId);
  });

  it('end when the client leaves, which is no error of anybody', async () => {
    await using api = await RawUpstream.start();
    await using traced = await TracedPath.start({ api });
    const client = await traced.path.connect();
    client.send(get('/', ['X-Request-Id: gone']));
    await (await api.connection()).waitFor('GET /');
    client.destroy();
    const [server, attempt] = await traced.receiver.exchange('gone', 1);
    expect(server).toMatchObject({ status: 'unset', attributes: { 'breakwater.outcome': 'client_gone' } });
    expect(server.attributes).not.toHaveProperty('http.response.status_code');
    expect(attempt).toMatchObject({ status: 'unset', attributes: { 'breakwater.judged': 'excluded' } });
  });

  it('are errors when the answer breaks in its body, whatever its status', async () => {
    await using api = await handling((connection) => {
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
      connection.end();
    });
    await using traced = await TracedPath.start({ api });
    const client = await traced.path.connect();
    client.send(get('/', ['X-Request-Id: cut']));
    await client.closed();
    const [server, attempt] = await traced.receiver.exchange('cut', 1);
    expect(server).toMatchObject({
      status: 'error',
      attributes: { 'http.response.status_code': 200, 'breakwater.outcome': 'upstream_failed' },
    });
    expect(server.attributes['error.type']).toBe(server.attributes['breakwater.error_code']);
    expect(attempt).toMatchObject({ status: 'error', attributes: { 'breakwater.judged': 'failure' } });
    expect(['reset', 'protocol']).toContain(attempt!.attributes['error.type']);
  });

  it('are those of an upgrade too, until its tunnel ends', async () => {
    const requests: RawRequest[] = [];
    await using api = await handling((connection, request) => {
      requests.push(request);
      connection.send(SWITCHED);
    });
    await using traced = await TracedPath.start({ api });
    const client = await traced.path.connect();
    client.send(upgrade('/socket').replace('\r\n\r\n', '\r\nX-Request-Id: ws\r\n\r\n'));
    await client.waitFor('101 Switching');
    client.destroy();
    api.connections[0]!.destroy();
    const [server, attempt] = await traced.receiver.exchange('ws', 1);
    expect(server.attributes).toMatchObject({
      'http.response.status_code': 101,
      'breakwater.outcome': 'answered',
    });
    expect(attempt!.attributes['http.response.status_code']).toBe(101);
    expect(parentIn(requests[0]!)).toEqual({ traceId: server.traceId, spanId: attempt!.spanId, flags: '01' });
  });
});
