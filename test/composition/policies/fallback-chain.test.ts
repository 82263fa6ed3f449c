import { describe, expect, it } from 'vitest';
import { answerWith, get, post } from '../../helpers/gateway-path.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { itInOneThread } from '../../helpers/test-gateway.ts';
import { DEAD, handling, PolicyPath, type PolicySettings } from './policy-path.ts';

const bad = answerWith('the own words of the primary', ['X-Primary: yes'], '500 Bad');
const STATIC = '{ static: { status: 200, json: { from: static } } }';

describe('the chain', () => {
  const chain = async (route: string, settings: Partial<PolicySettings> = {}) =>
    PolicyPath.start({ api: DEAD, other: DEAD }, { route, ...settings });

  it('is asked in the file’s order', async () => {
    await using second = await RawUpstream.answering(answerWith('second'));
    await using third = await RawUpstream.answering(answerWith('third'));
    for (const [steps, first] of [
      ['{ upstream: second }, { upstream: third }', 'second'],
      ['{ upstream: third }, { upstream: second }', 'third'],
      ['{ upstream: dead }, { stale: 5m }, { upstream: third }, { upstream: second }', 'third'],
      ['{ upstream: dead }, { static: { body: fixed } }', 'fixed'],
    ] as const) {
      const origins = { api: DEAD, dead: DEAD, second, third };
      await using path = await PolicyPath.start(origins, { route: `fallback: [${steps}]` });
      expect((await path.ask(get())).body.toString()).toBe(first);
    }
  });

  it('passes over steps that are not for the method, or not for the failure', async () => {
    await using path = await chain(
      'fallback: [{ static: { body: one }, methods: [PUT] }, { static: { body: two }, on: [open] }, { static: { body: three } }]',
    );
    expect((await path.ask(get())).body.toString()).toBe('three');
    // A fixed answer is for GET and HEAD where nothing is said.
    expect((await path.ask(post('x'))).json().error?.code).toBe('UPSTREAM_UNREACHABLE');
  });

  it('a static answer says so, and has no body for HEAD', async () => {
    await using path = await chain(`fallback: [${STATIC}]`);
    const answer = await path.ask(get());
    expect([answer.status, answer.json()]).toEqual([200, { from: 'static' }]);
    expect([answer.header('x-fallback'), answer.header('x-system-degraded')]).toEqual(['static', 'true']);
    expect(answer.header('content-type')).toBe('application/json');
    const head = await path.ask(get().replace('GET', 'HEAD'), { toHead: true });
    expect(head.header('content-length')).toBe(String(answer.body.length));
  });

  it('a mock answers in the profile development only', async () => {
    const route = 'fallback: [{ mock: { body: mocked } }]';
    await using development = await chain(route, { top: 'profile: development' });
    const answer = await development.ask(get());
    expect([answer.body.toString(), answer.header('x-fallback')]).toEqual(['mocked', 'mock']);
    await using production = await chain(route, { top: 'profile: production' });
    expect((await production.ask(get())).json().error?.code).toBe('UPSTREAM_UNREACHABLE');
    await using none = await chain(route);
    expect((await none.ask(get())).status).toBe(502);
  });

  it('a stale answer tells its age and that it is stale', async () => {
    await using primary = await handling((connection, _request, nth) =>
      connection.send(nth === 0 ? answerWith('stored', ['Cache-Control: max-age=1']) : bad),
    );
    await using path = await PolicyPath.start({ api: primary }, { route: 'fallback: [{ stale: 5m }]' });
    expect((await path.ask(get())).header('x-fallback')).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const answer = await path.ask(get());
    expect([answer.status, answer.body.toString()]).toEqual([200, 'stored']);
    expect(answer.header('x-fallback')).toBe('stale');
    expect(answer.header('x-system-degraded')).toBe('true');
    expect(answer.header('age')).toBe('1');
    expect(answer.header('warning')).toMatch(/^110 /);
    await path.judged({ successes: 1, failures: 1 });
    await path.idle();
  });

  it('a stale answer that is too old is none', async () => {
    await using primary = await handling((connection, _request, nth) =>
      connection.send(nth === 0 ? answerWith('stored', ['Cache-Control: max-age=1']) : bad),
    );
    await using path = await PolicyPath.start({ api: primary }, { route: 'fallback: [{ stale: 500ms }]' });
    await path.ask(get());
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect((await path.ask(get())).status).toBe(500);
  });

  it('after the route’s time asks no upstream any more, but a fixed answer is there', async () => {
    await using primary = await RawUpstream.start();
    await using other = await RawUpstream.answering(answerWith('other'));
    await using path = await PolicyPath.start(
      { api: primary, other },
      { route: `timeout: 300ms, fallback: [{ upstream: other }, ${STATIC}]` },
    );
    expect((await path.ask(get())).header('x-fallback')).toBe('static');
    expect(other.connections.length).toBe(0);
    await path.judged({ failures: 1, timeouts: 1 });
  });

  it('comes after the retries', async () => {
    await using primary = await RawUpstream.answering(answerWith('', [], '503 No'));
    await using path = await PolicyPath.start(
      { api: primary },
      { route: `retry: { attempts: 3, backoff: { initial: 1ms } }, fallback: [${STATIC}]` },
    );
    expect((await path.ask(get())).header('x-fallback')).toBe('static');
    await path.judged({ failures: 3 });
    await path.idle();
  });

  it('is not for answers that the breaker does not count as failures', async () => {
    await using primary = await RawUpstream.answering(answerWith('no such thing', [], '404 No'));
    await using path = await PolicyPath.start({ api: primary }, { route: `fallback: [${STATIC}]` });
    expect((await path.ask(get())).body.toString()).toBe('no such thing');
  });

  it('is not for an answer that broke after its head: that is cut', async () => {
    await using primary = await handling((connection) => {
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart');
      setTimeout(() => connection.reset(), 50);
    });
    await using path = await PolicyPath.start({ api: primary }, { route: `fallback: [${STATIC}]` });
    const client = await path.connect();
    client.send(get());
    await client.closed();
    expect(client.text).toMatch(/part$/);
  });

  // Each worker has a connection to Redis of its own, and the test holds one of them.
  itInOneThread(
    'ends with the client: nobody is asked any more for one who left while the store was',
    async () => {
      // A Redis that welcomes everybody and never says what it holds.
      await using redis = await RawUpstream.start(async (connection) => {
        for (let answered = 0; ; answered++) {
          await connection.until(
            () => connection.text.split('*').length - 1 > answered,
            'a command',
            600_000,
          );
          if (!connection.text.includes('MULTI')) connection.send('+OK\r\n');
        }
      });
      await using primary = await RawUpstream.answering(bad);
      await using other = await RawUpstream.answering(answerWith('other'));
      await using path = await PolicyPath.start(
        { api: primary, other },
        {
          top: `cache: { redis: { url: '${redis.url.replace('http', 'redis')}', command_timeout: 700ms } }`,
          route: 'fallback: [{ stale: 5m }, { upstream: other }]',
        },
      );
      const client = await path.connect();
      client.send(get());
      await (await redis.connection()).waitFor('MULTI');
      client.reset();
      // A second one stays, and is answered after the first would have been.
      expect((await path.ask(get('/stays'))).body.toString()).toBe('other');
      expect(other.connections.map(({ text }) => text.match(/GET \S+/g))).toEqual([['GET /stays']]);
      await path.judged({ successes: 1 }, 'other');
    },
  );
});
