import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { answerWith, GatewayPath, get, postHead } from '../../helpers/gateway-path.ts';
import type { RawClient } from '../../helpers/raw-client.ts';
import type { UpstreamConnection } from '../../helpers/raw-upstream.ts';
import { until } from '../../helpers/until.ts';

type Act = (connection: UpstreamConnection) => void;

const FAIL: Act = (connection) => connection.send(answerWith('no', [], '500 No'));
const SUCCEED: Act = (connection) => connection.send(answerWith('yes'));

/** An upstream that a test turns, behind a breaker that opens at the first failure, and opened by it. */
async function openPath(breaker = '') {
  const turned = { act: FAIL };
  const path = await GatewayPath.start(
    async (connection) => {
      // Any head will do: probes may still owe their body.
      for (let seen = 0; ; ) {
        await connection.until(
          () => connection.text.indexOf('\r\n\r\n', seen) !== -1 || connection.ended !== null,
          'a head',
          600_000,
        );
        if (connection.ended !== null) return;
        seen = connection.text.length;
        turned.act(connection);
      }
    },
    { breaker: `failure_threshold: 1, open_timeout: 50ms ${breaker}` },
  );
  expect((await path.ask(get())).status).toBe(500);
  expect((await path.breaker()).state).toBe('OPEN');
  return { path, turned };
}

/** Repeats a request until the breaker lets it through as its probe, and leaves it waiting for its answer. */
async function probe(path: GatewayPath, turned: { act: Act }, request = get('/probe')) {
  const arrived: UpstreamConnection[] = [];
  turned.act = (connection) => void arrived.push(connection);
  for (;;) {
    const client = await path.connect();
    client.send(request);
    await until(() => arrived.length > 0 || client.text.includes('\r\n\r\n'));
    const [upstream] = arrived;
    if (upstream !== undefined) return { client, upstream };
    client.destroy();
  }
}

describe('a half-open probe', () => {
  it.each<readonly [string, string, (client: RawClient) => void]>([
    ['before the head', get('/probe'), (client) => client.reset()],
    ['while it uploads', `${postHead(9)}part`, (client) => client.reset()],
    ['by an upload that breaks', `${postHead('chunked')}1\r\nx\r\n`, (client) => client.send('zz\r\n')],
  ])(
    'whose client leaves %s gives its slot back: the next request is the probe',
    async (_name, request, leave) => {
      const { path, turned } = await openPath();
      await using _ = path;
      const { client: leaver } = await probe(path, turned, request);
      expect(await path.breaker()).toMatchObject({ state: 'HALF_OPEN', halfOpenInFlight: 1 });
      // No room for a second one meanwhile.
      const refused = await path.ask(get());
      expect([refused.status, refused.header('retry-after')]).toEqual([503, '1']);
      expect(refused.json()).toMatchObject({ error: { code: 'CIRCUIT_BREAKER_OPEN', state: 'HALF_OPEN' } });

      leave(leaver);
      await eventually(async () =>
        expect(await path.breaker()).toMatchObject({ state: 'HALF_OPEN', halfOpenInFlight: 0 }),
      );
      turned.act = SUCCEED;
      expect((await path.ask(get())).status).toBe(200);
      await eventually(async () => expect((await path.breaker()).state).toBe('CLOSED'));
    },
  );

  it('that fails opens the circuit again', async () => {
    const { path, turned } = await openPath(', request_timeout: 10s');
    await using _ = path;
    const { client: waiting, upstream } = await probe(path, turned);
    upstream.reset();
    expect((await waiting.response()).status).toBe(502);
    expect((await path.breaker()).state).toBe('OPEN');
    await eventually(async () => expect((await path.breaker()).totals.failures).toBe(2));
  });

  it('closes the circuit only when its answer is complete', async () => {
    const { path, turned } = await openPath();
    await using _ = path;
    const { client: waiting, upstream } = await probe(path, turned);
    upstream.send('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha');
    await waiting.waitFor('ha');
    expect((await path.breaker()).state).toBe('HALF_OPEN');
    upstream.send('lf');
    await waiting.response();
    await eventually(async () => expect((await path.breaker()).state).toBe('CLOSED'));
  });

  it('that the gateway cannot send gives its slot back', async () => {
    const { path, turned } = await openPath();
    await using _ = path;
    turned.act = SUCCEED;
    // Refused before the breaker is asked: no slot is spent on it.
    expect((await path.ask(get('/a/../b'))).status).toBe(400);
    await eventually(async () => expect((await path.ask(get())).status).toBe(200));
  });

  it('that is never answered is given up by its lease, and the circuit opens again', async () => {
    const { path, turned } = await openPath(', half_open_timeout: 100ms');
    await using _ = path;
    const { client: lost } = await probe(path, turned);
    await eventually(async () => {
      expect((await path.ask(get())).status).toBe(503);
      expect(path.gateway.logLines.map((line) => line.msg)).toContain(
        '[CIRCUIT_BREAKER] api circuit breaker OPENED: probe timed out',
      );
    });
    // Its late end says nothing of the circuit of now.
    const before = (await path.breaker()).totals;
    turned.act = SUCCEED;
    lost.reset();
    await eventually(async () => expect((await path.ask(get())).status).toBe(200));
    expect((await path.breaker()).totals.failures).toBe(before.failures);
  });
});
