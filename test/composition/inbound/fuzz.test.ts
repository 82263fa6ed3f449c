import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseResponse } from '../../helpers/raw-message.ts';
import { answer, TestLane } from '../../helpers/test-lane.ts';
import { until } from '../../helpers/until.ts';

/** Long enough for a busy machine, short enough that a hang fails the test. */
const WITHIN_MS = 20_000;
const RUNS = 300;

let lane: TestLane;

beforeAll(async () => {
  lane = await TestLane.start(
    (request, reply) => {
      if (request.body === null) {
        answer(reply, 'none');
        return;
      }
      request.body.start({
        onChunk: () => {},
        onEnd: () => answer(reply, 'all'),
        onError: (error) => {
          if (error.code === 'aborted') return;
          reply.head(error.code === 'too_large' ? 413 : 400, '', ['Content-Length', '0']);
          reply.end();
        },
      });
    },
    { maxBodyBytes: 5_000, headerTimeoutMs: 2_000, bodyTimeoutMs: 2_000, idleTimeoutMs: 2_000 },
  );
});
afterAll(() => lane[Symbol.asyncDispose]());

/**
 * Sends the pieces, ends its side, and reads to the end. Every answer must be whole and well-formed; returns their statuses.
 * The connection must end by itself, and the lane must go on serving others.
 */
async function send(pieces: readonly Buffer[], endsFirst = true): Promise<number[]> {
  const client = await lane.connect();
  try {
    for (const piece of pieces) {
      client.send(piece);
      await new Promise(setImmediate);
    }
    if (endsFirst) client.end();
    const end = await client.closed(WITHIN_MS);
    const statuses: number[] = [];
    // What was sent may hold HEAD requests, whose answers only the sender could tell from others; none is generated.
    for (let at = 0; at < client.received.length; ) {
      const parsed = parseResponse(client.received.subarray(at), false, end);
      // A cut answer is allowed only where the connection was reset.
      if (parsed === null) {
        expect(end).not.toBe('end');
        break;
      }
      statuses.push(parsed.value.status);
      at += parsed.length;
    }
    return statuses;
  } finally {
    client.destroy();
  }
}

async function expectAlive(): Promise<void> {
  const client = await lane.connect();
  const response = await client.ask('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(response.status).toBe(200);
  client.destroy();
  await until(() => lane.lane.connections === 0, WITHIN_MS);
  expect(lane.reports).toEqual([]);
}

const SEEDS = [
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET http://b/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: 1\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab',
  'OPTIONS * HTTP/1.0\r\n\r\n',
  'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n',
  'PUT / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 1\r\n\r\nx',
  'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
];

const FRAGMENTS = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '\r\n\r\n',
  'HTTP/1.1',
  'HTTP/2.0',
  'Host: b\r\n',
  'Content-Length: 3\r\n',
  'Content-Length: 99999999999999999999\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: gzip\r\n',
  'Upgrade: x\r\n',
  'Connection: upgrade, close\r\n',
  'Expect: x\r\n',
  '0\r\n\r\n',
  'ffffffff\r\n',
  '-1',
  '#',
  '%',
  '\xff',
  'a'.repeat(9_000),
  'X: y\r\n'.repeat(150),
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
];

/** A valid request, or several, with pieces put in, cut out and overwritten, in pieces of any size. */
const mutated = fc
  .record({
    seeds: fc.array(fc.constantFrom(...SEEDS), { minLength: 1, maxLength: 4 }),
    edits: fc.array(
      fc.record({
        at: fc.nat(),
        cut: fc.nat({ max: 12 }),
        put: fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ unit: 'binary-ascii', maxLength: 4 })),
      }),
      { maxLength: 4 },
    ),
    cuts: fc.array(fc.nat(), { maxLength: 4 }),
  })
  .map(({ seeds, edits, cuts }) => {
    let text = seeds.join('');
    for (const { at, cut, put } of edits) {
      const place = at % (text.length + 1);
      text = text.slice(0, place) + put + text.slice(place + cut);
    }
    return split(Buffer.from(text, 'latin1'), cuts);
  });

function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, nth) => bytes.subarray(from, places[nth] ?? bytes.length));
}

describe('bytes of any kind', () => {
  it('that are random are refused or left unanswered, and harm nobody', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
        const statuses = await send([Buffer.from(bytes)]);
        for (const status of statuses) expect(status).toBeGreaterThanOrEqual(400);
      }),
      { numRuns: RUNS },
    );
    await expectAlive();
  }, 300_000);

  it('that were requests once are answered whole or refused, and harm nobody', async () => {
    await fc.assert(
      fc.asyncProperty(mutated, async (pieces) => {
        const statuses = await send(pieces);
        // After a refusal by the lane nothing more is answered; only interim answers and 200 come before it.
        for (const status of statuses.slice(0, -1)) expect([100, 200]).toContain(status);
      }),
      { numRuns: 3 * RUNS },
    );
    await expectAlive();
  }, 300_000);

  it('of valid requests are answered the same however they are cut', async () => {
    const valid = fc.record({
      requests: fc.array(fc.constantFrom(...SEEDS.slice(2, 4), SEEDS[0]!), { minLength: 1, maxLength: 6 }),
      cuts: fc.array(fc.nat(), { maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(valid, async ({ requests, cuts }) => {
        // The last request ends the connection, so that no answer is lost to a client that ends it first.
        const bytes = Buffer.from([...requests, SEEDS[1]].join(''), 'latin1');
        const statuses = await send(split(bytes, cuts), false);
        expect(statuses).toEqual([...requests.map(() => 200), 200]);
      }),
      { numRuns: RUNS },
    );
    await expectAlive();
  }, 300_000);
});
