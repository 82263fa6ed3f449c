import { expect, it } from 'vitest';
import { ClientBody, OutboundAttempt, outboundLane } from '../../helpers/outbound-attempt.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { until } from '../../helpers/until.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const CONNECTIONS = 4;
const ROUNDS = 60;

/** What the upstream does for each path. */
const ANSWERS: Record<string, string | Buffer | null> = {
  '/ok': OK,
  '/close': OK.replace('OK\r\n', 'OK\r\nConnection: close\r\n'),
  '/chunked': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n\r\n',
  '/204': 'HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok',
  '/interim': `HTTP/1.1 103 Early Hints\r\n\r\n${OK}`,
  '/bad': 'HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok',
  '/switch': 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
  '/unasked': OK + OK,
  '/half': 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello',
  '/silent': null,
};

/** Paths whose attempts have to be given up, or would wait for their time limit. */
const ENDLESS = new Set(['/half', '/silent']);

it('no connection is lost, whatever requests, answers and users do', { timeout: 120_000 }, async () => {
  await using upstream = await RawUpstream.start(async (connection) => {
    for (;;) {
      const { target } = await connection.request({ withinMs: 600_000 });
      if (target === '/fin') connection.end();
      else if (target === '/rst') connection.reset();
      else {
        const answer = ANSWERS[target];
        if (typeof answer === 'string') connection.send(answer);
      }
    }
  });
  await using lane = outboundLane(upstream.url, { maxConnections: CONNECTIONS });
  const paths = [...Object.keys(ANSWERS), '/fin', '/rst'];
  const methods = ['GET', 'HEAD', 'POST', 'DELETE'];
  const bodyOf = (method: string) => (method === 'POST' || method === 'DELETE' ? new ClientBody() : null);

  for (let round = 0; round < ROUNDS; round++) {
    const attempts = paths.map((path, at) => {
      const method = methods[(round + at) % methods.length] as string;
      const body = bodyOf(method);
      const attempt = new OutboundAttempt(lane, { method, path, body });
      if (body !== null) void finish(body, (round + at) % 3, attempt);
      const givenUp = ENDLESS.has(path) || (round * at) % 7 === 3;
      if (givenUp) {
        setTimeout(
          () => {
            attempt.attempt.abort();
            body?.discard();
          },
          (round + at) % 4,
        );
      }
      return { attempt, givenUp };
    });
    expect(() => new OutboundAttempt(lane, { path: '*' })).toThrow(TypeError);
    expect(() => new OutboundAttempt(lane, { headers: ['Host', 'a', 'Upgrade', 'h2c'] })).toThrow(TypeError);
    await until(() => attempts.every(({ attempt, givenUp }) => givenUp || attempt.over));
  }

  // Each connection can still be had: that many requests are with the upstream at one time.
  const seen = upstream.connections.length;
  const before = upstream.connections.filter(({ ended }) => ended === null);
  const waiting = Array.from({ length: CONNECTIONS }, () => new OutboundAttempt(lane, { path: '/silent' }));
  const asked = () =>
    [...before, ...upstream.connections.slice(seen)].filter(
      ({ ended, text }) => ended === null && text.endsWith('\r\n\r\n') && text.includes('GET /silent'),
    ).length;
  await until(() => asked() === CONNECTIONS);
  for (const { attempt } of waiting) attempt.abort();

  expect((await new OutboundAttempt(lane, { path: '/ok' }).ended()).body).toBe('ok');
  await lane.close();
  await until(() => upstream.connections.every(({ ended }) => ended !== null));
});

/** A client that sends all of its body, breaks off in it, or leaves at once. */
async function finish(body: ClientBody, how: number, attempt: OutboundAttempt): Promise<void> {
  await until(() => body.started || body.discarded || attempt.over);
  if (!body.started) return;
  if (how !== 2) await body.send('body');
  if (how === 0) await body.end();
  else await body.fail('aborted');
}
