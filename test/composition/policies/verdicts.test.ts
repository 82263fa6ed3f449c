import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { answerWith, get, post } from '../../helpers/gateway-path.ts';
import { RawUpstream, type UpstreamConnection } from '../../helpers/raw-upstream.ts';
import { DEAD, handling, once, PolicyPath } from './policy-path.ts';

describe('what is a failure is configuration', () => {
  it.each([
    ['429 with failure_statuses: [429]', '429 Slow', 'failure_statuses: [429]', { failures: 1 }],
    ['500 with failure_statuses: [429]', '500 Bad', 'failure_statuses: [429]', { successes: 1 }],
    ['503 with excluded_statuses: [503]', '503 No', 'excluded_statuses: [503]', { excluded: 1 }],
    ['500 by default', '500 Bad', '', { failures: 1 }],
    ['501 by default', '501 No', '', { successes: 1 }],
    ['404 by default', '404 No', '', { successes: 1 }],
  ])('status %s', async (_name, status, breaker, verdict) => {
    await using path = await once((connection) => connection.send(answerWith('x', [], status)), breaker);
    await path.ask(get());
    await path.judged(verdict);
  });

  it.each([
    ['reset', (connection: UpstreamConnection) => connection.reset()],
    ['protocol', (connection: UpstreamConnection) => connection.send('nonsense\r\n\r\n')],
  ])('%s counts, unless failure_errors leaves it out', async (kind, script) => {
    const others = ['connect', 'timeout', 'reset', 'protocol'].filter((one) => one !== kind);
    {
      await using path = await once(script);
      expect((await path.ask(get())).status).toBe(502);
      await path.judged({ failures: 1 });
    }
    await using path = await once(script, `failure_errors: [${others}]`);
    expect((await path.ask(get())).status).toBe(502);
    await path.judged({ excluded: 1 });
  });

  it('connect counts, unless failure_errors leaves it out', async () => {
    for (const [breaker, verdict] of [
      ['', { failures: 1 }],
      ['failure_errors: [reset]', { excluded: 1 }],
    ] as const) {
      await using path = await PolicyPath.start({ api: DEAD }, { breakers: { api: breaker } });
      expect((await path.ask(get())).status).toBe(502);
      await path.judged(verdict);
    }
  });

  it('timeout counts and is counted apart, unless failure_errors leaves it out', async () => {
    for (const [breaker, verdict] of [
      ['request_timeout: 100ms', { failures: 1, timeouts: 1 }],
      ['request_timeout: 100ms, failure_errors: [reset]', { excluded: 1 }],
    ] as const) {
      await using path = await once(() => {}, breaker);
      expect((await path.ask(get())).status).toBe(504);
      await path.judged(verdict);
    }
  });
});

describe('the verdict is given at the end of the body', () => {
  it.each([
    ['truncated', (connection: UpstreamConnection) => connection.end()],
    ['reset', (connection: UpstreamConnection) => connection.reset()],
  ])('one that is %s is a failure, and cut for the client too', async (_name, script) => {
    await using path = await once((connection) => {
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart');
      setTimeout(() => script(connection), 50);
    });
    const client = await path.connect();
    client.send(get());
    await client.closed();
    expect(client.text).toMatch(/part$/);
    await path.judged({ failures: 1 });
  });

  it('one that stalls is a timeout', async () => {
    await using path = await once(
      (connection) => connection.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart'),
      '',
      'idle_body_timeout: 100ms',
    );
    const client = await path.connect();
    client.send(get());
    await client.closed();
    await path.judged({ failures: 1, timeouts: 1 });
  });

  it('and not before: a download that goes on is neither', async () => {
    await using path = await once((connection) =>
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart'),
    );
    const client = await path.connect();
    client.send(get());
    await client.waitFor('part');
    await path.judged({});
    path.upstream.connections[0]?.send('+ rest');
    await client.waitFor('rest');
    await path.judged({ successes: 1 });
  });
});

describe('the verdict on an answer that was not passed on', () => {
  const route = 'retry: { statuses: [429], backoff: { initial: 1ms } }';

  it('is a success where its status is none: what is left of it is read', async () => {
    await using api = await handling((connection, _request, nth) =>
      connection.send(nth === 0 ? answerWith('slow down', [], '429 Slow') : answerWith('well')),
    );
    await using path = await PolicyPath.start({ api }, { route });
    expect((await path.ask(get())).status).toBe(200);
    await path.judged({ successes: 2 });
  });

  it('is none when the rest never comes', async () => {
    await using api = await handling((connection, _request, nth) =>
      connection.send(nth === 0 ? 'HTTP/1.1 429 Slow\r\nContent-Length: 9\r\n\r\npart' : answerWith('well')),
    );
    await using path = await PolicyPath.start({ api }, { route });
    expect((await path.ask(get())).status).toBe(200);
    await path.judged({ successes: 1, excluded: 1 });
    await path.idle();
  });
});

describe('a client that leaves before the head', () => {
  const SLOW = 'window: 1h, min_requests: 10, slow_call: { duration: 200ms, rate: 100% }';

  it('within slow_call.duration counts nowhere', async () => {
    await using path = await once(() => {}, SLOW);
    const client = await path.connect();
    client.send(get());
    await (await path.upstream.connection()).request();
    client.reset();
    await path.judged({ excluded: 1, slow: 0 });
  });

  it('after slow_call.duration has seen a slow call', async () => {
    await using path = await once(() => {}, SLOW);
    const client = await path.connect();
    client.send(get());
    await new Promise((resolve) => setTimeout(resolve, 400));
    client.reset();
    await path.judged({ successes: 1, slow: 1 });
  });

  it('has shown nothing good of the target, however slow the call was', async () => {
    await using raw = await RawUpstream.start();
    await using path = await PolicyPath.start(
      { api: raw },
      { breakers: { api: `${SLOW}, request_timeout: 2s` } },
    );
    expect((await path.ask(get())).status).toBe(504);
    const client = await path.connect();
    client.send(get());
    await new Promise((resolve) => setTimeout(resolve, 400));
    client.reset();
    await path.judged({ successes: 1, failures: 1, timeouts: 1, slow: 2 });
    expect((await path.health()).targets).toMatchObject([{ status: 'unhealthy', failures: 1 }]);
  });

  it('gives back the half-open probe', async () => {
    await using raw = await handling((connection, { target }, nth) => {
      if (nth === 0) connection.send(answerWith('bad', [], '500 Bad'));
      else if (target === '/good') connection.send(answerWith('good'));
    });
    await using path = await PolicyPath.start(
      { api: raw },
      { breakers: { api: 'failure_threshold: 1, open_timeout: 50ms' } },
    );
    await path.ask(post('x'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const client = await path.connect();
    client.send(get('/never'));
    await eventually(() => expect(raw.connections.map(({ text }) => text).join()).toContain('/never'));
    client.reset();
    await path.idle();
    expect((await path.ask(get('/good'))).status).toBe(200);
    await eventually(async () => expect((await path.breaker()).state).toBe('CLOSED'));
  });
});
