import { describe, expect, it } from 'vitest';
import { answerWith, get, post } from '../../helpers/gateway-path.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { itInOneThread } from '../../helpers/test-gateway.ts';
import { DEAD, handling, PolicyPath } from './policy-path.ts';

/** Little waiting, and the same at every run. */
const QUICK = 'backoff: { initial: 10ms, jitter: none }, budget: unlimited';
const bad = (status = '503 No') => answerWith('bad', [], status);

describe('without retry', () => {
  it.each(['503 No', '502 Bad', '504 Late'])('there is exactly one attempt after %s', async (status) => {
    await using api = await RawUpstream.answering(answerWith('bad', [], status));
    await using path = await PolicyPath.start({ api });
    expect((await path.ask(get())).status).toBe(Number(status.slice(0, 3)));
    await path.judged({ failures: 1 });
  });

  it('there is exactly one attempt after a reset, and after a refused connection', async () => {
    await using api = await handling((connection) => connection.reset());
    await using path = await PolicyPath.start({ api });
    expect((await path.ask(get())).status).toBe(502);
    await path.judged({ failures: 1 });
    await using dead = await PolicyPath.start({ api: DEAD });
    expect((await dead.ask(get())).status).toBe(502);
    await dead.judged({ failures: 1 });
  });
});

describe('a retry', () => {
  it.each([
    ['a reset', 'reset'],
    ['a 503', 'status'],
    ['silence', 'timeout'],
  ])('after %s makes one answer of two attempts, each of which was judged', async (_name, kind) => {
    await using api = await handling((connection, _request, nth) => {
      if (nth > 0) connection.send(answerWith('well'));
      else if (kind === 'reset') connection.reset();
      else if (kind === 'status') connection.send(bad());
    });
    await using path = await PolicyPath.start(
      { api },
      { route: `retry: { ${QUICK} }`, breakers: { api: 'request_timeout: 300ms' } },
    );
    const answer = await path.ask(get());
    expect([answer.status, answer.body.toString()]).toEqual([200, 'well']);
    await path.judged({ successes: 1, failures: 1, timeouts: kind === 'timeout' ? 1 : 0 });
    await path.idle();
    expect(path.gateway.logLines.filter(({ event }) => event === 'retry')).toMatchObject([
      { why: kind, attempt: 1, retry_in_ms: 10 },
    ]);
  });

  it('ends with the last answer when all attempts are used, and that answer is whole', async () => {
    await using api = await handling((connection, _request, nth) =>
      connection.send(answerWith(`bad ${nth}`, [], '503 No')),
    );
    await using path = await PolicyPath.start({ api }, { route: `retry: { attempts: 3, ${QUICK} }` });
    const answer = await path.ask(get());
    expect([answer.status, answer.body.toString()]).toEqual([503, 'bad 2']);
    await path.judged({ failures: 3 });
  });

  it.each(['PUT', 'DELETE', 'HEAD', 'OPTIONS'])('is for %s as well', async (method) => {
    await using api = await handling((connection, _request, nth) =>
      connection.send(nth === 0 ? 'HTTP/1.1 503 No\r\n\r\n' : 'HTTP/1.1 204 Well\r\n\r\n'),
    );
    await using path = await PolicyPath.start({ api }, { route: `retry: { ${QUICK} }` });
    const answer = await path.ask(get().replace('GET', method), { toHead: method === 'HEAD' });
    expect(answer.status).toBe(204);
  });

  it('is not for POST once it was sent', async () => {
    for (const act of ['reset', 'status', 'silence']) {
      await using api = await handling((connection) => {
        if (act === 'reset') connection.reset();
        else if (act === 'status') connection.send(bad());
      });
      await using path = await PolicyPath.start(
        { api },
        { route: `retry: { ${QUICK} }`, breakers: { api: 'request_timeout: 200ms' } },
      );
      expect((await path.ask(post('x'))).status).toBeGreaterThanOrEqual(500);
      await path.judged({ failures: 1, timeouts: act === 'silence' ? 1 : 0 });
    }
  });

  // Each worker begins with the first target.
  itInOneThread('is for POST too when no connection came about, and goes to the other target', async () => {
    await using live = await RawUpstream.answering(({ body }) => answerWith(body.toString()));
    await using path = await PolicyPath.start({ api: [DEAD, live] }, { route: `retry: { ${QUICK} }` });
    for (let nth = 0; nth < 4; nth++) {
      const answer = await path.ask(post(`body ${nth}`));
      expect([answer.status, answer.body.toString()]).toEqual([200, `body ${nth}`]);
    }
    await path.judged({ successes: 4, failures: 2 });
  });

  it('is for POST when it is listed', async () => {
    await using api = await handling((connection, request, nth) =>
      connection.send(nth === 0 ? bad() : answerWith(request.body.toString())),
    );
    await using path = await PolicyPath.start({ api }, { route: `retry: { methods: [POST], ${QUICK} }` });
    expect((await path.ask(post('once more'))).body.toString()).toBe('once more');
  });

  it('prefers a target that has not been tried', async () => {
    await using one = await RawUpstream.answering(bad());
    await using two = await RawUpstream.answering(bad());
    await using three = await RawUpstream.answering(bad());
    await using path = await PolicyPath.start(
      { api: [one, two, three] },
      { route: `retry: { attempts: 3, ${QUICK} }`, upstreams: { api: 'balance: { hash: ip }' } },
    );
    await path.ask(get());
    expect([one, two, three].map(({ connections }) => connections.length)).toEqual([1, 1, 1]);
  });

  it('never follows the gateway’s own refusals', async () => {
    await using api = await RawUpstream.answering(bad('500 Bad'));
    await using path = await PolicyPath.start(
      { api },
      { route: `retry: { attempts: 5, ${QUICK} }`, breakers: { api: 'failure_threshold: 1' } },
    );
    expect((await path.ask(get())).status).toBe(500);
    const answer = await path.ask(get());
    expect([answer.status, answer.json().error?.code]).toEqual([503, 'CIRCUIT_BREAKER_OPEN']);
    await path.judged({ failures: 1, rejections: 1 });
  });

  it('passes the breaker anew: the failure that opens it ends the attempts', async () => {
    await using api = await RawUpstream.answering(bad());
    await using path = await PolicyPath.start(
      { api },
      { route: `retry: { attempts: 5, ${QUICK} }`, breakers: { api: 'failure_threshold: 2' } },
    );
    const answer = await path.ask(get());
    expect([answer.status, answer.header('x-circuit-breaker-api')]).toEqual([503, 'OPEN']);
    expect(answer.json().error?.code).toBe('CIRCUIT_BREAKER_OPEN');
    await path.judged({ failures: 2, rejections: 1 });
  });

  it('is not made after a 1xx that the client has seen', async () => {
    await using api = await handling((connection) =>
      connection.send(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${bad()}`),
    );
    await using path = await PolicyPath.start({ api }, { route: `retry: { ${QUICK} }` });
    const client = await path.connect();
    client.send(get());
    expect((await client.response()).status).toBe(103);
    expect((await client.response()).status).toBe(503);
    await path.judged({ failures: 1 });
  });

  it('is made after a 1xx that a client of HTTP/1.0 has not seen', async () => {
    await using api = await handling((connection, _request, nth) =>
      connection.send(`HTTP/1.1 103 Early Hints\r\n\r\n${nth === 0 ? bad() : answerWith('well')}`),
    );
    await using path = await PolicyPath.start({ api }, { route: `retry: { ${QUICK} }` });
    expect((await path.ask(get('/', [], '1.0'))).status).toBe(200);
  });

  it('is not made once the head is out: the answer is cut', async () => {
    await using api = await handling((connection) => {
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart');
      setTimeout(() => connection.reset(), 50);
    });
    await using path = await PolicyPath.start({ api }, { route: `retry: { ${QUICK} }` });
    const client = await path.connect();
    client.send(get());
    await client.closed();
    await path.judged({ failures: 1 });
  });
});

describe('the wait before a retry', () => {
  it('is at least what the upstream asked for in Retry-After', async () => {
    for (const value of [() => '1', () => new Date(Date.now() + 2_000).toUTCString()]) {
      await using api = await handling((connection, _request, nth) =>
        connection.send(nth > 0 ? answerWith('well') : answerWith('', [`Retry-After: ${value()}`], '503 No')),
      );
      await using path = await PolicyPath.start({ api }, { route: `retry: { ${QUICK} }` });
      const from = performance.now();
      expect((await path.ask(get())).status).toBe(200);
      expect(performance.now() - from).toBeGreaterThan(900);
    }
  });

  it('is not taken when the upstream asks for more than max_retry_after: its answer goes through', async () => {
    await using api = await RawUpstream.answering(answerWith('later', ['Retry-After: 2'], '503 No'));
    await using path = await PolicyPath.start({ api }, { route: `retry: { ${QUICK}, max_retry_after: 1s }` });
    const answer = await path.ask(get());
    expect([answer.status, answer.header('retry-after'), answer.body.toString()]).toEqual([
      503,
      '2',
      'later',
    ]);
    await path.judged({ failures: 1 });
  });

  it('is not taken when the route’s time would be over by then', async () => {
    await using api = await RawUpstream.answering(answerWith('later', ['Retry-After: 5'], '503 No'));
    await using path = await PolicyPath.start({ api }, { route: `timeout: 3s, retry: { ${QUICK} }` });
    const answer = await path.ask(get());
    expect([answer.status, answer.body.toString()]).toEqual([503, 'later']);
    await path.judged({ failures: 1 });
  });

  it('holds no slot of a bulkhead, though the rest of the failed answer is still coming', async () => {
    const failed = 'HTTP/1.1 503 No\r\nRetry-After: 5\r\nContent-Length: 10\r\n\r\npart';
    await using api = await handling((connection, { target }) =>
      connection.send(target === '/bad' ? failed : answerWith('well')),
    );
    await using path = await PolicyPath.start(
      { api },
      { route: `retry: { ${QUICK} }`, upstreams: { api: 'bulkhead: { max_concurrent: 1 }' } },
    );
    const waiting = await path.connect();
    waiting.send(get('/bad'));
    await path.judged({ failures: 1 });
    expect((await path.ask(get('/well'))).status).toBe(200);
    expect(waiting.text).toBe('');
  });

  it('ends when the client leaves, and so do the attempts', async () => {
    await using api = await RawUpstream.answering(answerWith('', ['Retry-After: 1'], '503 No'));
    await using path = await PolicyPath.start({ api }, { route: `retry: { ${QUICK} }` });
    const client = await path.connect();
    client.send(get());
    await path.judged({ failures: 1 });
    client.reset();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await path.judged({ failures: 1 });
    await path.idle();
  });
});

describe('the connection of a failed attempt', () => {
  // Each worker has connections of its own.
  itInOneThread('is used again when the rest of its answer was small', async () => {
    await using api = await handling((connection, _request, nth) =>
      connection.send(nth === 0 ? answerWith('x'.repeat(10_000), [], '503 No') : answerWith('well')),
    );
    await using path = await PolicyPath.start({ api }, { route: `retry: { backoff: { initial: 200ms } }` });
    expect((await path.ask(get())).status).toBe(200);
    expect((await path.ask(get())).status).toBe(200);
    expect(api.connections).toHaveLength(1);
  });

  it('is cut when its answer is large, and when it never ends', async () => {
    for (const body of [`Content-Length: 1000000\r\n\r\n${'x'.repeat(1_000_000)}`, '\r\nX: y\r\n\r\npart']) {
      await using api = await handling((connection, _request, nth) =>
        connection.send(nth === 0 ? `HTTP/1.1 503 No\r\n${body.trimStart()}` : answerWith('well')),
      );
      await using path = await PolicyPath.start({ api }, { route: `retry: { ${QUICK} }` });
      expect((await path.ask(get())).status).toBe(200);
      await api.connections[0]?.closed();
      await path.idle();
      await path.judged({ failures: 1, successes: 1 });
    }
  });

  it('has no say in the next attempt: its end does not stop the clock of that one', async () => {
    await using api = await handling((connection, _request, nth) => {
      if (nth > 0) return;
      connection.send('HTTP/1.1 503 No\r\nContent-Length: 8\r\n\r\npart');
      setTimeout(() => connection.send('rest'), 200);
    });
    await using path = await PolicyPath.start(
      { api },
      {
        route: `timeout: 15s, retry: { attempts: 2, ${QUICK} }`,
        breakers: { api: 'request_timeout: 600ms' },
      },
    );
    const from = performance.now();
    expect((await path.ask(get())).status).toBe(504);
    expect(performance.now() - from).toBeLessThan(8_000);
    await path.judged({ failures: 2, timeouts: 1 });
  });
});
