import type { Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { ClientBody, OutboundAttempt, outboundLane } from '../../helpers/outbound-attempt.ts';
import { openSockets, watchTimers } from '../../helpers/process-resources.ts';
import { RawUpstream, type UpstreamConnection } from '../../helpers/raw-upstream.ts';
import { until } from '../../helpers/until.ts';

const CONNECTIONS = 4;
const ATTEMPTS = Number(process.env.SOAK_ATTEMPTS ?? 600);
const AT_ONCE = 12;

const ANSWERS = [
  'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.0 200 OK\r\n\r\nok',
  'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n\r\n',
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok, and more',
  'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nok',
  'HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok',
  `HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n${'x'.repeat(300_000)}`,
  '',
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT'];
const CALLS = ['sent', 'head', 'data', 'end', 'error'] as const;

/** What must not have happened. */
const wrong: unknown[] = [];

/** A generator of whole numbers below `limit`, the same ones for the same seed (xorshift32). */
function numbers(seed: number): (limit: number) => number {
  let state = seed | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

/** An attempt that may be given up in any of its sink's calls, holds back what comes at times, and never twice in a row. */
class RestlessAttempt extends OutboundAttempt {
  givesUpIn: (typeof CALLS)[number] | null = null;
  holds = false;
  givenUp = false;

  get isDone(): boolean {
    return this.over || this.givenUp;
  }

  onSent(): void {
    this.#called('sent');
  }

  override onHead(...args: Parameters<OutboundAttempt['onHead']>): void {
    super.onHead(...args);
    this.#called('head');
  }

  override onData(chunk: Buffer): boolean {
    super.onData(chunk);
    this.#called('data');
    if (!this.holds) return true;
    setImmediate(() => this.attempt.resume());
    return false;
  }

  override onEnd(...args: Parameters<OutboundAttempt['onEnd']>): void {
    super.onEnd(...args);
    this.#called('end');
  }

  override onError(...args: Parameters<OutboundAttempt['onError']>): void {
    super.onError(...args);
    this.#called('error');
  }

  giveUp(): void {
    this.givenUp = true;
    this.attempt.abort();
  }

  #called(name: (typeof CALLS)[number]): void {
    if (this.givenUp) wrong.push(`${name} after the attempt was given up`);
    if (this.givesUpIn === name) this.giveUp();
  }
}

it(`no connection, timer or listener is lost in ${ATTEMPTS} attempts with random faults`, {
  timeout: 60_000 + ATTEMPTS * 30,
}, async () => {
  const seed = Number(process.env.SOAK_SEED ?? Date.now() % 2 ** 31);
  console.info(`SOAK_SEED=${seed}`);
  const below = numbers(seed);
  const onWarning = (warning: Error) => wrong.push(warning);
  process.on('warning', onWarning);
  onTestFinished(() => void process.off('warning', onWarning));
  using timers = watchTimers();
  const before = openSockets().length;
  {
    let calm = false;
    await using upstream = await RawUpstream.start(async (connection) => {
      for (;;) {
        await connection.until(() => isAsked(connection) || connection.ended !== null, 'head', 600_000);
        if (connection.ended !== null) return;
        const { text } = connection;
        // Early: while the request's body is still on its way.
        if (!calm && !text.includes('/silent') && below(4) === 0) await misbehave(connection, below);
        const request = await connection.request({ withinMs: 600_000 });
        if (request.target === '/silent') continue;
        if (calm) connection.send(ANSWERS[0]!);
        else await misbehave(connection, below);
      }
    });
    await using lane = outboundLane(
      upstream.url,
      { maxConnections: CONNECTIONS, responseTimeoutMs: 300, idleBodyTimeoutMs: 300 },
      'fast',
    );
    const running = new Set<RestlessAttempt>();
    for (let nth = 0; nth < ATTEMPTS; nth++) {
      await until(() => running.size < AT_ONCE || [...running].some((attempt) => attempt.isDone));
      for (const attempt of running) if (attempt.isDone) running.delete(attempt);
      running.add(begin(lane, below));
    }
    await until(() => [...running].every((attempt) => attempt.isDone));

    // Each connection can still be had: that many requests are with the upstream at one time, and no more.
    calm = true;
    const silent = Array.from(
      { length: CONNECTIONS + 1 },
      () => new OutboundAttempt(lane, { path: '/silent' }),
    );
    const asked = () =>
      upstream.connections.filter(({ ended, text }) => ended === null && text.includes('GET /silent')).length;
    await until(() => asked() === CONNECTIONS);
    expect(silent.filter(({ attempt }) => attempt.queued)).toHaveLength(silent.length - CONNECTIONS);
    for (const { attempt } of silent) attempt.abort();
    expect((await new OutboundAttempt(lane).ended()).body).toBe('ok');
    await lane.close();
    await until(() => upstream.connections.every(({ ended }) => ended !== null));
  }
  await eventually(() => expect(timers.running()).toEqual([]));
  await eventually(() => expect(openSockets()).toHaveLength(before));
  expect(wrong).toEqual([]);
});

function isAsked({ unconsumed }: UpstreamConnection): boolean {
  return unconsumed.includes('\r\n\r\n');
}

/** Sends an answer in pieces of any size, as far as it likes, and then anything may happen. */
async function misbehave(connection: UpstreamConnection, below: (limit: number) => number): Promise<void> {
  const bytes = Buffer.from(ANSWERS[below(ANSWERS.length)]!, 'latin1');
  const end = below(4) === 0 ? below(bytes.length + 1) : bytes.length;
  for (let at = 0; at < end; ) {
    const piece = below(3) === 0 ? 1 + below(40) : end;
    connection.send(bytes.subarray(at, Math.min(end, at + piece)));
    at += piece;
    if (at < end) await new Promise((resolve) => setImmediate(resolve));
    if (at > 2_000) break;
  }
  const { socket }: { socket: Socket } = connection;
  switch (below(8)) {
    case 0:
      connection.end();
      break;
    case 1:
      reset(connection);
      break;
    case 2:
      setTimeout(() => (below(2) === 0 ? connection.end() : reset(connection)), below(4));
      break;
    case 3:
      setTimeout(() => socket.destroyed || connection.send('HTTP/1.1 200 OK\r\n\r\nEVIL'), below(4));
  }
}

/** Node loses the handle of a socket that is reset while its end is on the way. */
function reset(connection: UpstreamConnection): void {
  if (!connection.socket.writableEnded) connection.reset();
}

function begin(lane: ReturnType<typeof outboundLane>, below: (limit: number) => number): RestlessAttempt {
  const method = METHODS[below(METHODS.length)]!;
  const body = method.startsWith('P') ? new ClientBody(below(2) === 0 ? 8 : null) : null;
  const attempt = new RestlessAttempt(lane, { method, body });
  if (below(3) === 0) attempt.givesUpIn = CALLS[below(CALLS.length)]!;
  attempt.holds = below(3) === 0;
  if (below(5) === 0) setTimeout(() => attempt.isDone || attempt.giveUp(), below(6));
  if (body !== null) void upload(body, attempt, below);
  return attempt;
}

async function upload(
  body: ClientBody,
  attempt: RestlessAttempt,
  below: (limit: number) => number,
): Promise<void> {
  const how = below(6);
  await until(() => body.started || attempt.isDone);
  if (!body.started) return;
  if (how === 0) await body.fail('aborted');
  else {
    await body.send('1234');
    if (how === 1) await body.fail('timeout');
    else if (how === 2) setTimeout(() => attempt.isDone || attempt.giveUp(), 5);
    else await body.end('5678');
  }
}
