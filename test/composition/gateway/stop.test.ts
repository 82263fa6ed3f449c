import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { answerWith, GatewayPath, get, postHead } from '../../helpers/gateway-path.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { itInOneThread } from '../../helpers/test-gateway.ts';

describe('a gateway that stops', () => {
  // What has come to which worker is not known from here; start-and-stop.test.ts proves the same of several.
  itInOneThread(
    'lets running requests finish, tells their clients to close, and takes no new ones',
    async () => {
      let release = () => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      await using path = await GatewayPath.start(
        async (connection) => {
          await connection.request();
          connection.send('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf');
          await released;
          connection.send('full');
        },
        { server: 'shutdown_timeout: 20s' },
      );
      const atRest = await path.connect();
      expect((await atRest.ask(get('/health/ready'))).status).toBe(200);
      const early = await path.connect();
      early.send(get());
      await early.waitFor('half');
      const asking = await path.connect();
      asking.send('GET /health/ready HTTP/1.1\r\nHo');
      // Its bytes are there when a later request has been answered.
      expect((await path.ask(get('/health/live'))).status).toBe(200);

      let over = false;
      const stopping = path.gateway.stop().then(() => {
        over = true;
      });
      expect(await atRest.closed()).toBe('end');
      asking.send('st: a\r\n\r\n');
      const ready = await asking.response();
      expect([ready.status, ready.json()]).toMatchObject([503, { ready: false }]);
      expect(ready.header('connection')).toBe('close');
      await expect(once(connect(path.gateway.address.port, '127.0.0.1'), 'connect')).rejects.toMatchObject({
        code: 'ECONNREFUSED',
      });
      expect(over).toBe(false);
      release();
      expect((await early.response()).body.toString()).toBe('halffull');
      expect(await early.closed()).toBe('end');
      early.end();
      asking.end();
      await stopping;
    },
  );

  it('lets an upload that runs go on to its end', async () => {
    await using path = await GatewayPath.start(await RawUpstream.answering(answerWith('got it')), {
      server: 'shutdown_timeout: 20s',
    });
    const client = await path.connect();
    client.send(`${postHead(8)}half`);
    await (await path.upstream.connection()).waitFor('half');
    const stopping = path.gateway.stop();
    client.send('full');
    const answer = await client.response();
    expect([answer.status, answer.header('connection')]).toEqual([200, 'close']);
    client.end();
    await stopping;
  });

  it('cuts what still runs after shutdown_timeout, upstream too', async () => {
    await using path = await GatewayPath.start(() => {}, { server: 'shutdown_timeout: 100ms' });
    const client = await path.connect();
    client.send(get());
    const upstream = await path.upstream.connection();
    await upstream.request();
    await path.gateway.stop();
    await client.closed();
    await upstream.closed();
  });

  it('does not wait for a connection to an upstream that is only being made', async () => {
    // TCP is accepted, the TLS handshake never answered.
    await using silent = await RawUpstream.start();
    await using path = await GatewayPath.start(() => {}, {
      target: `https://127.0.0.1:${silent.port}`,
      server: 'shutdown_timeout: 100ms',
      upstream: 'connect_timeout: 60s',
      breaker: 'request_timeout: 60s',
    });
    const client = await path.connect();
    client.send(get());
    await silent.connection();
    await path.gateway.stop();
  });

  it('can be told to twice', async () => {
    await using path = await GatewayPath.start(() => {});
    await Promise.all([path.gateway.stop(), path.gateway.stop()]);
    await path.gateway.stop();
  });
});

describe('two gateways in one process', () => {
  it('share nothing: not the breaker of one name, not the metrics, not the stop', async () => {
    await using bad = await RawUpstream.answering(answerWith('no', [], '500 No'));
    const settings = { breaker: 'failure_threshold: 2' };
    await using well = await GatewayPath.start(await RawUpstream.answering(answerWith('well')), settings);
    const ill = await GatewayPath.start(bad, settings);
    const kept = await well.connect();
    expect((await kept.ask(get())).status).toBe(200);
    for (const status of [500, 500, 503]) expect((await ill.ask(get())).status).toBe(status);
    expect((await ill.breaker()).state).toBe('OPEN');
    expect((await well.breaker()).state).toBe('CLOSED');
    expect((await kept.ask(get())).status).toBe(200);
    const metrics = await (await fetch(`${well.gateway.adminUrl}/metrics`)).text();
    expect(metrics).toContain('circuit_breaker_state{service="api"} 0');
    expect(metrics).toContain('circuit_breaker_failures_total{service="api"} 0');
    expect(well.gateway.logLines.filter((line) => String(line.msg).includes('CIRCUIT_BREAKER'))).toEqual([]);

    await ill[Symbol.asyncDispose]();
    expect((await kept.ask(get())).status).toBe(200);
    expect((await well.ask(get('/health/ready'))).status).toBe(200);
    await well.judged({ successes: 3 });
  });

  it('one in front of the other: different names in Via, so no loop', async () => {
    await using back = await GatewayPath.start(
      await RawUpstream.answering((request) => answerWith(request.all('via').join(' | '))),
      { server: 'via: back' },
    );
    await using front = await GatewayPath.start(() => {}, { target: back.gateway.url, server: 'via: front' });
    const answer = await front.ask(get());
    expect(answer.body.toString()).toBe('1.1 front | 1.1 back');
    expect(answer.all('via')).toEqual(['1.1 back', '1.1 front']);
    expect(answer.all('x-request-id')).toHaveLength(1);
  });
});
