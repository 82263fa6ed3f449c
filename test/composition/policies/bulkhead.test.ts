import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { answerWith, get, post } from '../../helpers/gateway-path.ts';
import type { RawClient } from '../../helpers/raw-client.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { handling, PolicyPath, type PolicySettings, SWITCHED, upgrade } from './policy-path.ts';

const ONE = { api: 'bulkhead: { max_concurrent: 1 }' };
const LINE = { api: 'bulkhead: { max_concurrent: 1, queue: 1, queue_timeout: 10s }' };

/** Answers `/well` at once; leaves everything else waiting. */
const waiting = () =>
  handling((connection, { target }) => {
    if (target === '/well') connection.send(answerWith('well'));
  });

/** A path whose one slot is taken by a request that is not answered. */
async function taken(settings: PolicySettings = { upstreams: ONE }) {
  const api = await waiting();
  const path = await PolicyPath.start({ api }, settings);
  const holder = await path.connect();
  holder.send(get('/hold'));
  await (await api.connection()).waitFor('/hold');
  return Object.assign(path, {
    api,
    holder,
    async [Symbol.asyncDispose]() {
      await PolicyPath.prototype[Symbol.asyncDispose].call(path);
      await api.close();
    },
  });
}

async function inLine(path: PolicyPath): Promise<RawClient> {
  const client = await path.connect();
  client.send(get('/well'));
  await eventually(async () => expect((await path.health()).bulkhead?.queued).toBe(1));
  return client;
}

describe('a full bulkhead', () => {
  it('is a 503 of its own, which says when to come again, and no failure of the upstream', async () => {
    await using path = await taken();
    const answer = await path.ask(get('/well'));
    expect(answer.status).toBe(503);
    expect(answer.header('retry-after')).toBe('1');
    expect(answer.json()).toMatchObject({
      error: { code: 'BULKHEAD_FULL', service: 'api', bulkhead: 'api' },
    });
    expect(answer.header('x-circuit-breaker-api')).toBe('CLOSED');
    await path.judged({});
    expect((await path.health()).bulkhead).toMatchObject({ in_use: 1, queued: 0, rejected: 1 });
  });

  it('has a line, bounded, out of which the first goes on when the slot is free', async () => {
    await using path = await taken({ upstreams: LINE });
    const second = await inLine(path);
    expect((await path.ask(get('/well'))).json().error?.code).toBe('BULKHEAD_FULL');
    expect(second.text).toBe('');
    path.holder.reset();
    expect((await second.response()).body.toString()).toBe('well');
    await path.idle();
    await path.judged({ excluded: 1, successes: 1 });
  });

  it('keeps nobody in its line longer than queue_timeout', async () => {
    await using path = await taken({
      upstreams: { api: 'bulkhead: { max_concurrent: 1, queue: 1, queue_timeout: 200ms }' },
    });
    const answer = await path.ask(get('/well'));
    expect([answer.status, answer.header('retry-after')]).toEqual([503, '1']);
    expect(answer.json().error?.code).toBe('BULKHEAD_FULL');
    await path.judged({});
  });

  it('is not waited for beyond the route’s time either', async () => {
    await using path = await taken({
      upstreams: LINE,
      routes: ['{ path: /well, upstream: api, timeout: 200ms }'],
    });
    const answer = await path.ask(get('/well'));
    expect([answer.status, answer.json().error?.code]).toEqual([503, 'BULKHEAD_FULL']);
    expect((await path.health()).bulkhead).toMatchObject({ in_use: 1, queued: 0 });
    await path.judged({});
  });

  it('is left by a client that goes while it waits in line', async () => {
    await using path = await taken({ upstreams: LINE });
    const second = await inLine(path);
    second.reset();
    await eventually(async () => expect((await path.health()).bulkhead?.queued).toBe(0));
    path.holder.reset();
    await path.idle();
    await path.judged({ excluded: 1 });
    expect(path.api.connections.every(({ text }) => !text.includes('/well'))).toBe(true);
  });

  it('is asked before the breaker: who waits or is refused takes no half-open probe', async () => {
    let nth = 0;
    await using api = await handling((connection, { target }) => {
      if (nth++ === 0) connection.send(answerWith('bad', [], '500 Bad'));
      else if (target === '/well') connection.send(answerWith('well'));
    });
    await using path = await PolicyPath.start(
      { api },
      {
        top: 'bulkheads: { pool: { max_concurrent: 1 } }',
        upstreams: { api: 'bulkhead: pool' },
        breakers: {
          api: 'failure_threshold: 1, open_timeout: 100ms, half_open_requests: 2, half_open_timeout: 30s',
        },
      },
    );
    expect((await path.ask(get())).status).toBe(500);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const probe = await path.connect();
    probe.send(get('/probe'));
    await eventually(async () => expect((await path.breaker()).half_open_in_flight).toBe(1));
    expect((await path.ask(get('/well'))).json().error?.code).toBe('BULKHEAD_FULL');
    expect(await path.breaker()).toMatchObject({ half_open_in_flight: 1, totals: { rejections: 0 } });
    probe.reset();
    await path.idle();
    expect((await path.ask(get('/well'))).status).toBe(200);
    await eventually(async () => expect((await path.breaker()).state).toBe('CLOSED'));
  });

  it('gives the slot back when the breaker refuses', async () => {
    await using api = await RawUpstream.answering(answerWith('bad', [], '500 Bad'));
    await using path = await PolicyPath.start(
      { api },
      { upstreams: ONE, breakers: { api: 'failure_threshold: 1' } },
    );
    await path.ask(get());
    for (const _ of [1, 2]) expect((await path.ask(get())).json().error?.code).toBe('CIRCUIT_BREAKER_OPEN');
    await path.idle();
  });
});

describe('the slot is free again after', () => {
  it.each([
    ['a success', answerWith('well'), ''],
    ['a failure', answerWith('bad', [], '500 Bad'), ''],
    ['garbage', 'garbage\r\n\r\n', ''],
    ['a timeout', '', 'request_timeout: 200ms'],
  ])('%s', async (_name, answer, breaker) => {
    await using api = await handling((connection, { target }) =>
      connection.send(target === '/well' ? answerWith('well') : answer),
    );
    await using path = await PolicyPath.start({ api }, { upstreams: ONE, breakers: { api: breaker } });
    await path.ask(get());
    await path.idle();
    expect((await path.ask(get('/well'))).status).toBe(200);
  });

  it('a client that left', async () => {
    await using path = await taken();
    path.holder.reset();
    await path.idle();
    expect((await path.ask(get('/well'))).status).toBe(200);
  });

  it('a body that was refused by the client’s own doing', async () => {
    await using api = await waiting();
    await using path = await PolicyPath.start({ api }, { upstreams: ONE });
    const client = await path.connect();
    client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n');
    await client.closed();
    await path.idle();
  });

  it('an answer that the client stopped reading', async () => {
    await using api = await RawUpstream.answering(answerWith('x'.repeat(20_000_000)));
    await using path = await PolicyPath.start({ api }, { upstreams: ONE });
    const client = await path.connect();
    client.send(get());
    await client.waitFor('\r\n\r\n');
    client.stopReading();
    client.reset();
    await path.idle();
  });

  it('a tunnel, and not before', async () => {
    await using api = await handling((connection, { target }) =>
      connection.send(target === '/well' ? answerWith('well') : SWITCHED),
    );
    await using path = await PolicyPath.start({ api }, { upstreams: ONE });
    const client = await path.connect();
    client.send(upgrade());
    await client.waitFor('\r\n\r\n');
    expect((await path.ask(get('/well'))).json().error?.code).toBe('BULKHEAD_FULL');
    client.reset();
    await path.idle();
    expect((await path.ask(get('/well'))).status).toBe(200);
  });
});

describe('a named pool', () => {
  it('and another one, of routes that name them the other way round, do not wait for each other', async () => {
    await using api = await handling(
      (connection) => void setTimeout(() => connection.send(answerWith('a')), 5),
    );
    const pool = '{ max_concurrent: 2, queue: 100, queue_timeout: 20s }';
    await using path = await PolicyPath.start(
      { api, other: api },
      {
        top: `bulkheads: { p: ${pool}, q: ${pool} }`,
        upstreams: { api: 'bulkhead: q', other: 'bulkhead: p' },
        route: 'bulkhead: p',
        routes: ['{ path: /other, upstream: other, bulkhead: q }'],
      },
    );
    const clients = Array.from({ length: 24 }, (_, nth) => path.ask(get(nth % 2 === 0 ? '/' : '/other')));
    for (const answer of await Promise.all(clients)) expect(answer.status).toBe(200);
  });

  const POOLS = 'bulkheads: { readers: { max_concurrent: 1 }, writers: { max_concurrent: 1 } }';

  it('of readers leaves writers alone, and the other way round', async () => {
    await using path = await taken({ top: POOLS, route: 'bulkhead: { read: readers, write: writers }' });
    const refused = await path.ask(get('/well'));
    expect(refused.json()).toMatchObject({ error: { code: 'BULKHEAD_FULL', bulkhead: 'readers' } });
    for (const method of ['HEAD', 'OPTIONS']) {
      const answer = await path.ask(get('/well').replace('GET', method), { toHead: method === 'HEAD' });
      expect(answer.status).toBe(503);
    }
    for (const method of ['POST', 'PUT', 'PATCH']) {
      expect((await path.ask(post('x', [], '/well').replace('POST', method))).status).toBe(200);
    }
    // Again where the slot of the last one was not free yet, though its client had the answer.
    await eventually(async () => {
      (await path.connect()).send(post('x', [], '/hold'));
      expect(path.api.connections.some(({ text }) => text.includes('POST /hold'))).toBe(true);
    });
    expect((await path.ask(post('x', [], '/well'))).json().error).toMatchObject({ bulkhead: 'writers' });
  });

  it('of a route is shared with other routes that name it, and with no others', async () => {
    await using path = await taken({
      top: POOLS,
      route: 'bulkhead: readers',
      routes: [
        '{ path: /well, upstream: api, bulkhead: readers }',
        '{ path: /other, upstream: api, rewrite: /well }',
      ],
    });
    expect((await path.ask(get('/well'))).status).toBe(503);
    expect((await path.ask(get('/other'))).status).toBe(200);
  });

  it('that route and upstream share gives one slot to one request', async () => {
    await using api = await waiting();
    await using path = await PolicyPath.start(
      { api },
      { top: POOLS, route: 'bulkhead: readers', upstreams: { api: 'bulkhead: readers' } },
    );
    expect((await path.ask(get('/well'))).status).toBe(200);
    const holder = await path.connect();
    holder.send(get('/hold'));
    await eventually(async () => expect((await path.health()).bulkhead?.in_use).toBe(1));
    expect((await path.ask(get('/well'))).status).toBe(503);
    holder.reset();
    await path.idle();
  });
});
