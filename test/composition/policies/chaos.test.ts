import { describe, expect, it, vi } from 'vitest';
import { RetryBudget } from '../../../src/resilience/index.ts';
import { eventually } from '../../helpers/eventually.ts';
import { answerWith, get } from '../../helpers/gateway-path.ts';
import { openSockets, watchTimers } from '../../helpers/process-resources.ts';
import type { RawClient } from '../../helpers/raw-client.ts';
import { parseResponse, type RawRequest, type RawResponse } from '../../helpers/raw-message.ts';
import { RawUpstream, type UpstreamConnection } from '../../helpers/raw-upstream.ts';
import { TEST_WORKERS } from '../../helpers/test-gateway.ts';
import { PolicyPath } from './policy-path.ts';

const REQUESTS = 400;
const SEED = Number(process.env.BREAKWATER_CHAOS_SEED ?? 20_261_128);

/** Lehmer's generator: the same requests and faults at every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

type Act = (connection: UpstreamConnection, echo: string) => void;

const head = (status: string, framing: string) => `HTTP/1.1 ${status}\r\n${framing}\r\n\r\n`;

/** What an upstream does with an attempt whose whole request it has. */
const ACTS: Record<string, Act> = {
  well: (connection, echo) => connection.send(answerWith(echo)),
  chunks: (connection, echo) =>
    connection.send(
      `${head('200 OK', 'Transfer-Encoding: chunked')}${echo.length.toString(16)}\r\n${echo}\r\n0\r\n\r\n`,
    ),
  hinted: (connection, echo) =>
    connection.send(`${head('103 Early Hints', 'Link: </a>')}${answerWith(echo)}`),
  bad: (connection) => connection.send(answerWith('bad', [], '500 Bad')),
  busy: (connection) => connection.send(answerWith('busy', [], '503 Busy')),
  'busy-hinted': (connection) =>
    connection.send(`${head('103 Early Hints', 'Link: </a>')}${answerWith('busy', [], '503 Busy')}`),
  'bad-large': (connection) => connection.send(answerWith('x'.repeat(200_000), [], '503 Busy')),
  'bad-slow': (connection) => {
    connection.send(`${head('500 Bad', 'Content-Length: 6')}slo`);
    setTimeout(() => connection.send('wly'), 60);
  },
  'bad-stalled': (connection) => connection.send(`${head('503 Busy', 'Content-Length: 10')}part`),
  'bad-cut': (connection) => {
    connection.send(`${head('500 Bad', 'Content-Length: 10')}part`);
    setTimeout(() => connection.reset(), 10);
  },
  reset: (connection) => connection.reset(),
  garbage: (connection) => connection.send('nonsense\r\n\r\n'),
  silent: () => {},
  cut: (connection) => {
    connection.send(`${head('200 OK', 'Content-Length: 10')}part`);
    setTimeout(() => connection.reset(), 10);
  },
  stalled: (connection) => connection.send(`${head('200 OK', 'Content-Length: 10')}part`),
};
/** The same, and the following, may come before the request's body has. */
const EARLY = ['early-reset', 'early-busy'];
const NAMES = [...Object.keys(ACTS), ...EARLY];
/** After these an answer that has begun may be cut. */
const CUTTING = /bad-cut|bad-stalled|(?<!bad-)cut|(?<!bad-)stalled/;

/** Requests by number: how often each was received whole, whoever received it. */
class Receipts {
  readonly #attempts = new Map<string, number>();
  readonly #whole = new Map<string, number>();

  /** @returns the act for this attempt: `/1st.2nd.3rd.secondary/number` */
  next(target: string, secondary: boolean): string {
    const [, acts = '', nth = ''] = target.split('/');
    const list = acts.split('.');
    if (secondary) return list[3] as string;
    const at = this.#attempts.get(nth) ?? 0;
    this.#attempts.set(nth, at + 1);
    return list[Math.min(at, 2)] as string;
  }

  took(target: string): void {
    const nth = target.split('/')[2] as string;
    this.#whole.set(nth, (this.#whole.get(nth) ?? 0) + 1);
  }

  times(nth: number): number {
    return this.#whole.get(String(nth)) ?? 0;
  }
}

/** What an upstream says of a request, so that the client knows whether it was its own, and whole. */
const echoOf = (who: string, nth: string, length: number) =>
  JSON.stringify({ who, nth: Number(nth), length });

/** Acts at each head or, where the act says so, at the end of the request. */
function unruly(who: string, receipts: Receipts): (connection: UpstreamConnection) => Promise<void> {
  return async (connection) => {
    for (let from = 0; ; ) {
      await connection.until(
        () => connection.ended !== null || /^[\s\S]*?\r\n\r\n/.test(connection.text.slice(from)),
        'a head',
        600_000,
      );
      const target = /^[A-Z]+ (\S+) HTTP/.exec(connection.text.slice(from))?.[1];
      if (target === undefined) return;
      if (target.startsWith('/cached/')) {
        await connection.request();
        connection.send(answerWith(`for ${target}`, ['Cache-Control: max-age=1']));
      } else {
        const name = receipts.next(target, who === 'other');
        if (name === 'early-reset') return connection.reset();
        if (name === 'early-busy') connection.send(answerWith('busy', [], '503 Busy'));
        const request: RawRequest = await connection.request({ withinMs: 600_000 });
        receipts.took(target);
        ACTS[name]?.(connection, echoOf(who, target.split('/')[2] as string, request.body.length));
      }
      from = connection.text.length;
    }
  };
}

interface Sent {
  readonly nth: number;
  readonly method: string;
  readonly target: string;
  readonly length: number;
}

/** How a client asks. Each one ends with its connection. */
const CLIENTS: readonly ((
  client: RawClient,
  target: string,
  body: Buffer,
) => Promise<Omit<Sent, 'nth' | 'target'>>)[] = [
  async (client, target) => {
    client.send(get(target, ['Connection: close']));
    await client.closed();
    return { method: 'GET', length: 0 };
  },
  async (client, target, body) => {
    const framing = `Content-Length: ${body.length}\r\nConnection: close`;
    client.send(`POST ${target} HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n`);
    client.send(body);
    await client.closed();
    return { method: 'POST', length: body.length };
  },
  async (client, target, body) => {
    client.send(
      `PUT ${target} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`,
    );
    for (const part of [body.subarray(0, body.length / 2), body.subarray(body.length / 2)]) {
      if (part.length > 0)
        client.send(
          Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]),
        );
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    client.send('0\r\n\r\n');
    await client.closed();
    return { method: 'PUT', length: body.length };
  },
  async (client, target) => {
    client.send(get(target));
    await new Promise((resolve) => setTimeout(resolve, 15));
    client.reset();
    return { method: 'gone', length: 0 };
  },
  async (client, target) => {
    client.send(`PUT ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\npart`);
    await new Promise((resolve) => setTimeout(resolve, 25));
    client.reset();
    return { method: 'gone', length: 0 };
  },
];

const ERRORS = /^(?:UPSTREAM_|BULKHEAD_FULL|SHUTTING_DOWN|REQUEST_TIMEOUT)/;

/** One final answer, whole and true; or none, where an answer was cut. */
function check({ nth, method, target, length }: Sent, bytes: Buffer): string {
  if (method === 'gone') return 'gone';
  const answers: RawResponse[] = [];
  let rest = bytes;
  for (;;) {
    const parsed = parseResponse(rest, false, 'reset');
    if (parsed === null) break;
    answers.push(parsed.value);
    rest = rest.subarray(parsed.length);
  }
  const finals = answers.filter(({ status }) => status >= 200);
  const told = `${method} ${target}: ${bytes.toString('latin1').slice(0, 600)}`;
  if (finals.length === 0) {
    expect(target, told).toMatch(CUTTING);
    return 'cut';
  }
  expect([finals.length, rest.length], told).toEqual([1, 0]);
  const answer = finals[0] as RawResponse;
  expect(answer.all('x-request-id').length, told).toBe(1);
  const fallback = answer.header('x-fallback');
  const text = answer.body.toString();
  if (target.startsWith('/cached/')) {
    expect([text === `for ${target}` || ERRORS.test(String(answer.json().error?.code)), told]).toEqual([
      true,
      told,
    ]);
    return fallback ?? 'cached';
  }
  if (fallback === 'static') {
    expect([answer.status, text], told).toEqual([200, 'fixed']);
    expect(method, told).toBe('GET');
  } else if (answer.status === 200) {
    // Its own answer, to its whole request, from whom the fields say.
    const who = fallback === 'secondary' ? 'other' : 'api';
    expect(answer.json(), told).toEqual({ who, nth, length });
  } else if (/^(?:bad|busy|slowly|x+)$/.test(text)) {
    expect([500, 503], told).toContain(answer.status);
  } else expect(String(answer.json().error?.code), told).toMatch(ERRORS);
  return fallback ?? String(answer.status);
}

describe('requests with random faults, through retries, fallbacks, bulkheads and the cache', () => {
  it('are each answered once and truly, and leave nothing behind', async () => {
    console.log(`chaos: seed ${SEED}`);
    const before = openSockets();
    using timers = watchTimers();
    using entered = vi.spyOn(RetryBudget.prototype, 'enter');
    const next = random(SEED);
    const receipts = new Receipts();
    const seen = new Map<string, number>();
    {
      await using one = await RawUpstream.start(unruly('api', receipts));
      await using two = await RawUpstream.start(unruly('api', receipts));
      await using other = await RawUpstream.start(unruly('other', receipts));
      const limits = 'idle_body_timeout: 300ms, response_timeout: 300ms, max_connections: 64';
      await using path = await PolicyPath.start(
        { api: [one, two], other },
        {
          server: 'body_timeout: 2s',
          top: 'bulkheads: { pool: { max_concurrent: 10, queue: 10, queue_timeout: 500ms } }',
          upstreams: {
            api: `bulkhead: { max_concurrent: 8, queue: 4, queue_timeout: 300ms }, ${limits}`,
            other: `bulkhead: { max_concurrent: 3, queue: 1, queue_timeout: 50ms }, ${limits}`,
          },
          route: `timeout: 2s, cache: true, bulkhead: pool, retry: { attempts: 3, budget: 80%, backoff: { initial: 5ms, max: 20ms } },
            fallback: [{ upstream: other }, { stale: 1m }, { static: { body: fixed }, on: [connect, reset, open, full, status] }]`,
        },
      );
      const running = new Set<Promise<void>>();
      const posts: number[] = [];
      for (let nth = 0; nth < REQUESTS; nth++) {
        const acts = [0, 1, 2, 3].map(() => NAMES[next(NAMES.length)]);
        const target = next(8) === 0 ? `/cached/${next(3)}` : `/${acts.join('.')}/${nth}`;
        const ask = CLIENTS[
          target.startsWith('/cached/') ? 0 : next(CLIENTS.length)
        ] as (typeof CLIENTS)[number];
        const body = Buffer.alloc([1, 5_000, 120_000][next(3)] as number, `${nth} `);
        const client = await path.connect();
        const asked = ask(client, target, body)
          .then(({ method, length }) => {
            if (method === 'POST') posts.push(nth);
            const kind = check({ nth, method, target, length }, client.received);
            seen.set(kind, (seen.get(kind) ?? 0) + 1);
            client.destroy();
          })
          .finally(() => running.delete(asked));
        running.add(asked);
        if (running.size >= 14) await Promise.race(running);
      }
      await Promise.all(running);

      // What may not be carried out twice was not received twice, by whomever.
      expect(posts.filter((nth) => receipts.times(nth) > 1)).toEqual([]);
      for (const kind of ['200', 'secondary', 'static', 'gone', 'cached', '500']) {
        expect([kind, seen.get(kind) ?? 0]).toEqual([kind, expect.toSatisfy((count: number) => count > 0)]);
      }
      await path.idle('api', 'other');
      for (const upstream of ['api', 'other']) {
        const { totals } = await path.breaker(upstream);
        const { targets, bulkhead } = await path.health(upstream);
        // Every attempt was judged, once.
        expect(totals.successes + totals.failures + totals.excluded).toBe(
          targets.reduce((sum, target) => sum + target.requests, 0),
        );
        expect(bulkhead).toMatchObject({ in_use: 0, queued: 0 });
      }
      const budgets = new Set(entered.mock.contexts as RetryBudget[]);
      expect(budgets.size, 'in this thread').toBe(TEST_WORKERS === 1 ? 1 : 0);
      for (const budget of budgets) expect(budget.snapshot()).toMatchObject({ live: 0, retrying: 0 });
      // It works as on the first day.
      const last = await path.ask(get('/well.well.well.well/9999'));
      expect(last.json()).toEqual({ who: 'api', nth: 9999, length: 0 });
      expect(
        path.gateway.logLines.filter(
          ({ level, msg }) => level === 'error' || /failed to handle/.test(String(msg)),
        ),
      ).toEqual([]);
      expect([one, two, other].flatMap(({ failures }) => failures)).toEqual([]);
    }
    await eventually(() => expect([openSockets(), timers.running()]).toEqual([before, []]));
  }, 90_000);
});
