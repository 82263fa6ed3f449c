import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { answerWith, GatewayPath, get, post, postHead } from '../../helpers/gateway-path.ts';
import { openSockets, watchTimers } from '../../helpers/process-resources.ts';
import type { RawClient } from '../../helpers/raw-client.ts';
import { RawUpstream, type UpstreamConnection } from '../../helpers/raw-upstream.ts';

const REQUESTS = 200;

/** Lehmer's generator: the same requests and faults at every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** What the upstream does with a request, by the path that asks for it. */
const UPSTREAM: Record<string, (connection: UpstreamConnection) => void> = {
  '/well': (connection) => connection.send(answerWith('well')),
  '/chunks': (connection) =>
    connection.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'),
  '/bad': (connection) => connection.send(answerWith('bad', [], '500 Bad')),
  '/reset': (connection) => connection.reset(),
  '/garbage': (connection) => connection.send('nonsense\r\n\r\n'),
  '/cut': (connection) => {
    connection.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart');
    connection.end();
  },
  '/cut-hard': (connection) => {
    connection.send('HTTP/1.1 200 OK\r\n\r\npart');
    setImmediate(() => connection.reset());
  },
  '/silent': () => {},
  '/stalled': (connection) => connection.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart'),
  '/close': (connection) => {
    connection.send('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end');
    connection.end();
  },
};
const TARGETS = Object.keys(UPSTREAM);

/** How a client asks, and what it does after that. */
const CLIENTS: readonly ((client: RawClient, target: string) => Promise<void>)[] = [
  async (client, target) => {
    client.send(get(target, ['Connection: close']));
    await client.closed();
  },
  async (client, target) => {
    client.send(post('a body', ['Connection: close'], target));
    await client.closed();
  },
  async (client, target) => {
    client.send(get(target));
    await new Promise(setImmediate);
    client.reset();
  },
  async (client, target) => {
    client.send(get(target));
    await client.waitFor('\r\n').catch(() => {});
    client.destroy();
  },
  async (client, target) => {
    client.send(postHead(100).replace('/upload', target));
    await new Promise(setImmediate);
    client.send('part');
    client.reset();
  },
  async (client, target) => {
    client.send(`${postHead('chunked').replace('/upload', target)}3\r\nabc\r\nzz\r\n`);
    await client.closed();
  },
  async (client, target) => {
    client.send(`${postHead('chunked').replace('/upload', target)}3\r\nabc\r\n`);
    await client.waitFor('\r\n').catch(() => {});
    client.end();
    await client.closed();
  },
];

/** Acts at each head, whether or not its body is coming. */
async function unruly(connection: UpstreamConnection): Promise<void> {
  for (let from = 0; ; ) {
    await connection.until(
      () =>
        connection.ended !== null ||
        /[A-Z]+ \S+ HTTP\/1\.1\r\n[\s\S]*?\r\n\r\n/.test(connection.text.slice(from)),
      'a head',
      600_000,
    );
    const target = /[A-Z]+ (\S+) HTTP\/1\.1\r\n/.exec(connection.text.slice(from))?.[1];
    if (connection.ended !== null || target === undefined) return;
    from = connection.text.length;
    UPSTREAM[target]?.(connection);
  }
}

describe('two hundred requests with random faults on both sides', () => {
  it('are each judged once, and leave nothing behind', async () => {
    const before = openSockets();
    using timers = watchTimers();
    const next = random(20_261_121);
    {
      await using path = await GatewayPath.start(await RawUpstream.start(unruly), {
        server: 'idle_timeout: 1s, body_timeout: 300ms',
        upstream: 'idle_body_timeout: 200ms, max_connections: 16',
        breaker: 'request_timeout: 200ms',
      });
      const running = new Set<Promise<void>>();
      for (let nth = 0; nth < REQUESTS; nth++) {
        const target = TARGETS[next(TARGETS.length)] as string;
        const ask = CLIENTS[next(CLIENTS.length)] as (typeof CLIENTS)[number];
        const client = await path.connect();
        const one = ask(client, target)
          .then(() => client.destroy())
          .finally(() => running.delete(one));
        running.add(one);
        if (running.size >= 12) await Promise.race(running);
      }
      await Promise.all(running);

      // Every exchange has been told to the metrics; those are all requests whose head got as far as the gateway.
      let exchanges = 0;
      await eventually(async () => {
        exchanges = await finished(path);
        const { totals, state } = await path.breaker();
        expect(state).toBe('CLOSED');
        expect(totals.successes + totals.failures + totals.excluded).toBe(exchanges);
        expect(totals.rejections).toBe(0);
        expect(waiting(path)).toBe(0);
      });
      const { totals } = await path.breaker();
      expect(exchanges).toBeGreaterThan(REQUESTS / 2);
      expect(exchanges).toBeLessThanOrEqual(REQUESTS);
      for (const count of [totals.successes, totals.failures, totals.timeouts, totals.excluded]) {
        expect(count).toBeGreaterThan(0);
      }
      // It works as on the first day.
      expect((await path.ask(get('/well'))).body.toString()).toBe('well');
      expect(path.gateway.logLines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
      expect(path.upstream.failures).toEqual([]);
    }
    await eventually(() => expect([openSockets(), timers.running()]).toEqual([before, []]));
  }, 60_000);
});

/** Exchanges that the metrics know of. */
async function finished(path: GatewayPath): Promise<number> {
  const text = await (
    await fetch(`${path.gateway.adminUrl}/metrics`, { headers: { connection: 'close' } })
  ).text();
  let sum = 0;
  for (const line of text.split('\n')) {
    const count = /^gateway_requests_total\{.*upstream="api".*\} (\d+)$/.exec(line)?.[1];
    sum += Number(count ?? 0);
  }
  return sum;
}

/** Upstream connections that are open though no answer will come on them; those at rest are the pool's to keep. */
function waiting(path: GatewayPath): number {
  return path.upstream.connections.filter(
    ({ ended, text }) => ended === null && /\/(?:silent|stalled) HTTP/.test(text),
  ).length;
}
