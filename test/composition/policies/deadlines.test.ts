import { describe, expect, it } from 'vitest';
import { answerWith, get, postHead } from '../../helpers/gateway-path.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { handling, PolicyPath } from './policy-path.ts';

describe('the route’s timeout', () => {
  it('bounds the wait for a head, and counts against the upstream', async () => {
    await using api = await RawUpstream.start();
    await using path = await PolicyPath.start({ api }, { route: 'timeout: 200ms' });
    const answer = await path.ask(get());
    expect([answer.status, answer.json().error?.code]).toEqual([504, 'UPSTREAM_TIMEOUT']);
    await path.judged({ failures: 1, timeouts: 1 });
  });

  it('bounds the body too: it is cut', async () => {
    await using api = await RawUpstream.answering('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart');
    await using path = await PolicyPath.start({ api }, { route: 'timeout: 300ms' });
    const client = await path.connect();
    client.send(get());
    await client.closed();
    expect(client.text).toMatch(/part$/);
    await path.judged({ failures: 1, timeouts: 1 });
  });

  it('bounds all attempts together', async () => {
    await using api = await RawUpstream.answering(answerWith('', [], '503 No'));
    await using path = await PolicyPath.start(
      { api },
      {
        route:
          'timeout: 500ms, retry: { attempts: 10, backoff: { initial: 200ms, factor: 1, jitter: none } }',
      },
    );
    const from = performance.now();
    expect((await path.ask(get())).status).toBe(503);
    expect(performance.now() - from).toBeLessThan(5_000);
    const { totals } = await path.breaker();
    expect(totals.failures).toBeLessThanOrEqual(3);
  });

  it('is not counted against an attempt that had the smaller part of it', async () => {
    await using api = await handling((connection, _request, nth) => {
      if (nth === 0) setTimeout(() => connection.send(answerWith('', [], '503 No')), 700);
    });
    await using path = await PolicyPath.start(
      { api },
      { route: 'timeout: 1s, retry: { backoff: { initial: 1ms } }' },
    );
    expect((await path.ask(get())).status).toBe(504);
    await path.judged({ failures: 1, excluded: 1 });
  });
});

describe.each([
  ['X-Request-Timeout', '200ms', '1m'],
  ['grpc-timeout', '200m', '1M'],
])('the client’s %s', (name, short, long) => {
  it('shortens the route’s time, and never counts against the upstream', async () => {
    await using api = await RawUpstream.start();
    await using path = await PolicyPath.start({ api });
    const answer = await path.ask(get('/', [`${name}: ${short}`]));
    expect([answer.status, answer.json().error?.code]).toEqual([504, 'UPSTREAM_TIMEOUT']);
    await api.connections[0]?.closed();
    await path.judged({ excluded: 1 });
  });

  it('counts as a slow call when it was longer than slow_call.duration', async () => {
    await using api = await RawUpstream.start();
    await using path = await PolicyPath.start(
      { api },
      { breakers: { api: 'window: 1h, min_requests: 10, slow_call: { duration: 50ms, rate: 100% }' } },
    );
    expect((await path.ask(get('/', [`${name}: ${short}`]))).status).toBe(504);
    await path.judged({ successes: 1, slow: 1 });
  });

  it('does not lengthen the route’s time: its end counts', async () => {
    await using api = await RawUpstream.start();
    await using path = await PolicyPath.start({ api }, { route: 'timeout: 200ms' });
    const from = performance.now();
    expect((await path.ask(get('/', [`${name}: ${long}`]))).status).toBe(504);
    expect(performance.now() - from).toBeLessThan(8_000);
    await path.judged({ failures: 1, timeouts: 1 });
  });

  it('cuts a body, which counts nowhere', async () => {
    await using api = await RawUpstream.answering('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart');
    await using path = await PolicyPath.start({ api });
    const client = await path.connect();
    client.send(get('/', [`${name}: ${short}`]));
    await client.closed();
    await path.judged({ excluded: 1 });
  });

  it('that cannot be read is ignored', async () => {
    await using api = await RawUpstream.answering(answerWith('well'));
    await using path = await PolicyPath.start({ api });
    for (const value of ['soon', '-1', '0', '']) {
      expect((await path.ask(get('/', [`${name}: ${value}`]))).status).toBe(200);
    }
  });

  it('leaves upstream time limits alone that are shorter: those count', async () => {
    await using api = await RawUpstream.start();
    await using path = await PolicyPath.start({ api }, { breakers: { api: 'request_timeout: 100ms' } });
    expect((await path.ask(get('/', [`${name}: 5${name === 'grpc-timeout' ? 'S' : 's'}`]))).status).toBe(504);
    await path.judged({ failures: 1, timeouts: 1 });
  });

  it('bounds the wait between attempts as well', async () => {
    await using api = await RawUpstream.answering(answerWith('later', ['Retry-After: 2'], '503 No'));
    await using path = await PolicyPath.start({ api }, { route: 'retry: { attempts: 3 }' });
    const answer = await path.ask(get('/', [`${name}: 1${name === 'grpc-timeout' ? 'S' : 's'}`]));
    expect([answer.status, answer.body.toString()]).toEqual([503, 'later']);
  });
});

it('a client that owes its body when its own time is over is told so', async () => {
  await using api = await RawUpstream.start();
  await using path = await PolicyPath.start({ api });
  const client = await path.connect();
  client.send(`${postHead(10, ['X-Request-Timeout: 200ms'])}part`);
  expect((await client.response()).status).toBe(408);
  await path.judged({ excluded: 1 });
});
