import { describe, expect, it } from 'vitest';
import { answerWith, get, post, postHead } from '../../helpers/gateway-path.ts';
import { RawUpstream, type UpstreamConnection } from '../../helpers/raw-upstream.ts';
import { DEAD, handling, PolicyPath, SWITCHED, upgrade } from './policy-path.ts';

const bad = answerWith('the own words of the primary', ['X-Primary: yes'], '500 Bad');
const SECONDARY = 'fallback: [{ upstream: other }]';
const STATIC = '{ static: { status: 200, json: { from: static } } }';

const failing: Record<string, (connection: UpstreamConnection) => void> = {
  status: (connection) => connection.send(bad),
  reset: (connection) => connection.reset(),
  protocol: (connection) => connection.send('nonsense\r\n\r\n'),
  timeout: () => {},
};
const BREAKERS = { api: 'request_timeout: 300ms' };

describe('another upstream', () => {
  it.each([...Object.keys(failing), 'connect'])(
    'answers after %s, and only the primary is judged a failure',
    async (kind) => {
      await using primary = await handling(failing[kind] ?? (() => {}));
      await using other = await RawUpstream.answering(({ target }) => answerWith(`other ${target}`));
      await using path = await PolicyPath.start(
        { api: kind === 'connect' ? DEAD : primary, other },
        { route: SECONDARY, breakers: BREAKERS },
      );
      const answer = await path.ask(get('/a?b'));
      expect([answer.status, answer.body.toString()]).toEqual([200, 'other /a?b']);
      expect(answer.header('x-fallback')).toBe('secondary');
      expect(answer.header('x-system-degraded')).toBe('true');
      expect(answer.all('x-circuit-breaker-api')).toEqual(['CLOSED']);
      expect(answer.all('x-circuit-breaker-other')).toEqual(['CLOSED']);
      expect(answer.header('x-primary')).toBeUndefined();
      await path.judged({ failures: 1, timeouts: kind === 'timeout' ? 1 : 0 });
      await path.judged({ successes: 1 }, 'other');
      await path.idle('api', 'other');
    },
  );

  it('answers while the breaker is open, and while the bulkhead is full', async () => {
    await using primary = await handling((connection, { target }) => {
      if (target === '/bad') connection.send(bad);
    });
    await using other = await RawUpstream.answering(({ body }) => answerWith(`other ${body}`));
    {
      await using path = await PolicyPath.start(
        { api: primary, other },
        { route: 'fallback: [{ upstream: other, on: [open] }]', breakers: { api: 'failure_threshold: 1' } },
      );
      expect((await path.ask(get('/bad'))).status).toBe(500);
      const answer = await path.ask(post('x'));
      expect([answer.status, answer.body.toString()]).toEqual([200, 'other x']);
      expect(answer.header('x-circuit-breaker-api')).toBe('OPEN');
    }
    await using path = await PolicyPath.start(
      { api: primary, other },
      { route: SECONDARY, upstreams: { api: 'bulkhead: { max_concurrent: 1 }' } },
    );
    const first = await path.connect();
    first.send(get('/hang'));
    await (await primary.connection(1)).waitFor('/hang');
    const answer = await path.ask(post('y'));
    expect([answer.status, answer.body.toString()]).toEqual([200, 'other y']);
    await path.judged({});
  });

  it('gets a POST only when nothing of it was sent before', async () => {
    await using other = await RawUpstream.answering(({ body }) => answerWith(`other ${body}`));
    for (const act of Object.values(failing)) {
      await using primary = await handling(act);
      await using path = await PolicyPath.start(
        { api: primary, other },
        { route: SECONDARY, breakers: BREAKERS },
      );
      expect((await path.ask(post('pay'))).status).toBeGreaterThanOrEqual(500);
    }
    await using path = await PolicyPath.start({ api: DEAD, other }, { route: SECONDARY });
    expect((await path.ask(post('pay'))).body.toString()).toBe('other pay');
    expect(other.connections.map(({ text }) => text.match(/pay/g)?.length)).toEqual([1]);
  });

  it('gets no POST after an earlier attempt that was sent, though the last one found no connection', async () => {
    await using other = await RawUpstream.answering(answerWith('paid twice'));
    await using primary = await handling((connection) => connection.reset());
    await using path = await PolicyPath.start(
      { api: [primary, DEAD], other },
      {
        route: `retry: { attempts: 2, methods: [POST], backoff: { initial: 1ms } }, ${SECONDARY}`,
        upstreams: { api: 'balance: round_robin' },
      },
    );
    // Of two, one begins with the target that lives.
    for (let nth = 0; nth < 2; nth++) expect((await path.ask(post('pay'))).status).toBe(502);
    expect(primary.connections.length).toBe(2);
    expect(other.connections.length).toBe(0);
  });

  it('gets no POST that the secondary before it has got', async () => {
    await using second = await RawUpstream.answering(bad);
    await using third = await RawUpstream.answering(answerWith('paid twice'));
    await using path = await PolicyPath.start(
      { api: DEAD, second, third },
      { route: 'fallback: [{ upstream: second }, { upstream: third }]' },
    );
    const answer = await path.ask(post('pay'));
    expect([answer.status, answer.json().error?.code]).toEqual([502, 'UPSTREAM_UNREACHABLE']);
    expect(third.connections.length).toBe(0);
    expect((await path.ask(get())).body.toString()).toBe('paid twice');
  });

  it('gets a POST after anything where `methods` lists it, with its whole body', async () => {
    const body = 'x'.repeat(60_000);
    await using other = await RawUpstream.answering(({ body: got }) =>
      answerWith(String(got.equals(Buffer.from(body)))),
    );
    for (const act of Object.values(failing)) {
      await using primary = await handling(act);
      await using path = await PolicyPath.start(
        { api: primary, other },
        { route: 'fallback: [{ upstream: other, methods: [POST] }]', breakers: BREAKERS },
      );
      expect((await path.ask(post(body))).body.toString()).toBe('true');
      expect((await path.ask(get())).status).toBeGreaterThanOrEqual(500);
    }
  });

  it('gets the rest of a body too that the client owes yet', async () => {
    await using primary = await RawUpstream.start(async (connection) => {
      await connection.waitFor('abc');
      connection.send(bad);
    });
    await using other = await RawUpstream.answering(({ body }) => answerWith(body.toString()));
    await using path = await PolicyPath.start(
      { api: primary, other },
      { route: 'fallback: [{ upstream: other, methods: [POST] }]' },
    );
    const client = await path.connect();
    client.send(`${postHead(6)}abc`);
    await (await other.connection()).waitFor('abc');
    client.send('def');
    expect((await client.response()).body.toString()).toBe('abcdef');
    await path.idle('api', 'other');
  });

  it('that fails too counts on its own breaker only, and the client hears of the route’s own failure', async () => {
    await using primary = await RawUpstream.answering(bad);
    await using other = await RawUpstream.answering(answerWith('of the secondary', [], '503 No'));
    await using path = await PolicyPath.start({ api: primary, other }, { route: SECONDARY });
    const answer = await path.ask(get());
    expect([answer.status, answer.body.toString('utf8'), answer.header('x-primary')]).toEqual([
      500,
      'the own words of the primary',
      'yes',
    ]);
    expect(answer.header('x-fallback')).toBeUndefined();
    await path.judged({ failures: 1 });
    await path.judged({ failures: 1 }, 'other');
    await path.idle('api', 'other');
  });

  it('has a breaker of its own, which can refuse', async () => {
    await using primary = await RawUpstream.answering(bad);
    await using path = await PolicyPath.start(
      { api: primary, other: DEAD },
      { route: `fallback: [{ upstream: other }, ${STATIC}]`, breakers: { other: 'failure_threshold: 1' } },
    );
    for (const _ of [1, 2, 3]) expect((await path.ask(get())).header('x-fallback')).toBe('static');
    await path.judged({ failures: 1, rejections: 2 }, 'other');
    await path.judged({ failures: 3 });
  });

  it('is not asked when the route’s pool was full: it would take a slot of that too', async () => {
    await using primary = await handling(() => {});
    await using other = await RawUpstream.answering(answerWith('other'));
    await using path = await PolicyPath.start(
      { api: primary, other },
      {
        top: 'bulkheads: { pool: { max_concurrent: 1, queue: 5, queue_timeout: 300ms } }',
        route: `bulkhead: pool, fallback: [{ upstream: other }, ${STATIC}]`,
        upstreams: { api: 'bulkhead: pool' },
      },
    );
    const first = await path.connect();
    first.send(get('/first'));
    await (await primary.connection()).waitFor('/first');
    const answer = await path.ask(get('/second'));
    expect(answer.header('x-fallback')).toBe('static');
    expect(answer.header('x-circuit-breaker-other')).toBeUndefined();
    // Having waited once.
    expect((await path.health()).bulkhead).toMatchObject({ rejected: 1 });
  });

  it('has a slot of the route’s pool though the primary’s answer is held', async () => {
    await using primary = await handling((connection) =>
      connection.send('HTTP/1.1 500 Bad\r\nContent-Length: 100\r\n\r\npart'),
    );
    await using other = await RawUpstream.answering(answerWith('other'));
    await using path = await PolicyPath.start(
      { api: primary, other },
      {
        top: 'bulkheads: { pool: { max_concurrent: 1 } }',
        route: `bulkhead: pool, ${SECONDARY}`,
        upstreams: { api: 'bulkhead: pool', other: 'bulkhead: pool' },
      },
    );
    for (const _ of [1, 2]) expect((await path.ask(get())).body.toString()).toBe('other');
    await path.idle('api', 'other');
  });

  it('is timed by its own breaker’s request_timeout, also when the held answer ends meanwhile', async () => {
    await using primary = await handling((connection) => {
      connection.send('HTTP/1.1 500 Bad\r\nContent-Length: 8\r\n\r\npart');
      setTimeout(() => connection.send('rest'), 150);
    });
    await using other = await RawUpstream.start();
    await using path = await PolicyPath.start(
      { api: primary, other },
      { route: `timeout: 15s, ${SECONDARY}`, breakers: { other: 'request_timeout: 500ms' } },
    );
    const from = performance.now();
    const answer = await path.ask(get());
    expect([answer.status, answer.body.toString()]).toEqual([500, 'partrest']);
    expect(performance.now() - from).toBeLessThan(8_000);
    await path.judged({ failures: 1, timeouts: 1 }, 'other');
  });

  it('is not blamed for the end of a time that the primary has used up', async () => {
    await using primary = await RawUpstream.start();
    await using other = await RawUpstream.start();
    await using path = await PolicyPath.start(
      { api: primary, other },
      { route: `timeout: 1s, ${SECONDARY}`, breakers: { api: 'request_timeout: 800ms' } },
    );
    expect((await path.ask(get())).status).toBe(504);
    await path.judged({ failures: 1, timeouts: 1 });
    await path.judged({ excluded: 1 }, 'other');
  });

  it('that has carried out a change outdates what is stored of the primary', async () => {
    await using primary = await handling((connection, { method }, nth) => {
      if (method === 'POST') connection.reset();
      else connection.send(answerWith(`read ${nth}`, ['Cache-Control: max-age=600']));
    });
    await using other = await RawUpstream.answering(answerWith('changed'));
    await using path = await PolicyPath.start(
      { api: primary, other },
      { route: 'cache: true, fallback: [{ upstream: other, methods: [POST] }]' },
    );
    for (const _ of [1, 2]) expect((await path.ask(get())).body.toString()).toBe('read 0');
    expect((await path.ask(post('x'))).body.toString()).toBe('changed');
    expect((await path.ask(get())).body.toString()).toBe('read 2');
  });

  it('may take a WebSocket', async () => {
    await using other = await handling((connection) => connection.send(SWITCHED));
    await using path = await PolicyPath.start({ api: DEAD, other }, { route: SECONDARY });
    const client = await path.connect();
    client.send(upgrade());
    expect(await client.waitFor('\r\n\r\n')).toMatch(/^HTTP\/1.1 101 [\s\S]*X-Fallback: secondary/);
    client.reset();
    await path.idle('api', 'other');
  });

  it('may answer after a 103 of the primary', async () => {
    await using primary = await RawUpstream.answering(`HTTP/1.1 103 Early Hints\r\n\r\n${bad}`);
    await using other = await RawUpstream.answering(answerWith('other'));
    await using path = await PolicyPath.start({ api: primary, other }, { route: SECONDARY });
    const client = await path.connect();
    expect((await client.ask(get())).status).toBe(103);
    expect((await client.response()).body.toString()).toBe('other');
  });
});

describe('an error that says that nothing was sent', () => {
  it('says so only when no earlier attempt may have been carried out', async () => {
    await using api = await handling((connection) => connection.reset());
    await using path = await PolicyPath.start(
      { api },
      {
        route: 'retry: { methods: [GET, POST], backoff: { initial: 1ms } }',
        breakers: { api: 'failure_threshold: 2' },
      },
    );
    const sent = await path.ask(post('pay'));
    expect([sent.status, sent.json()]).toMatchObject([
      503,
      { error: { code: 'CIRCUIT_BREAKER_OPEN', may_have_been_carried_out: true } },
    ]);
    const refused = await path.ask(post('pay'));
    expect(refused.status).toBe(503);
    expect(refused.json()).not.toHaveProperty('error.may_have_been_carried_out');
  });
});
