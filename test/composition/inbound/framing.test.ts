import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InboundBodyError } from '../../../src/http/message.ts';
import { answer, readBody, TestLane } from '../../helpers/test-lane.ts';
import { until } from '../../helpers/until.ts';

let lane: TestLane;
const broken: InboundBodyError[] = [];

beforeAll(async () => {
  lane = await TestLane.start((request, reply) => {
    if (request.target === '/watched') {
      request.body?.start({
        onChunk: () => {},
        onEnd: () => answer(reply, 'complete'),
        onError: (error) => {
          broken.push(error);
          reply.head(400, '', ['Content-Length', '0']);
          reply.end();
        },
      });
    } else readBody(request, (body) => answer(reply, body ?? 'none'));
  });
});
afterAll(() => lane[Symbol.asyncDispose]());

const POST = 'POST / HTTP/1.1\r\nHost: a\r\n';
const WATCHED = 'POST /watched HTTP/1.1\r\nHost: a\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n\r\n';

describe('the length of a request body', () => {
  it.each([
    [
      'duty 15: Content-Length before Transfer-Encoding',
      'Content-Length: 3\r\nTransfer-Encoding: chunked',
      400,
    ],
    [
      'duty 15: Transfer-Encoding before Content-Length',
      'Transfer-Encoding: chunked\r\nContent-Length: 3',
      400,
    ],
    ['duty 17: chunked twice', 'Transfer-Encoding: chunked, chunked', 400],
    ['duty 17: chunked in two lines', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', 400],
    ['duty 17: chunked not last', 'Transfer-Encoding: chunked, gzip', 400],
    ['duty 17: an empty coding', 'Transfer-Encoding:', 400],
    ['duty 17: chunked behind a vertical tab', 'Transfer-Encoding: \x0bchunked', 400],
    ['duty 17: an unknown coding', 'Transfer-Encoding: gzip', 501],
    ['duty 17: an unknown coding before chunked', 'Transfer-Encoding: gzip, chunked', 501],
    ['duty 17: a coding that looks like chunked', 'Transfer-Encoding: xchunked', 501],
    ['duty 18: an empty length', 'Content-Length:', 400],
    ['duty 18: +5', 'Content-Length: +5', 400],
    ['duty 18: -5', 'Content-Length: -5', 400],
    ['duty 18: 0x5', 'Content-Length: 0x5', 400],
    ['duty 18: 1_0', 'Content-Length: 1_0', 400],
    ['duty 18: two lengths', 'Content-Length: 3\r\nContent-Length: 4', 400],
    ['duty 18: the same length twice', 'Content-Length: 3\r\nContent-Length: 3', 400],
    ['duty 18: a list of lengths', 'Content-Length: 3, 3', 400],
    ['duty 18: a length with a space inside', 'Content-Length: 3 3', 400],
    ['duty 18: more than can be counted exactly', 'Content-Length: 9007199254740993', 400],
    ['duty 18: more than 64 bits', 'Content-Length: 99999999999999999999', 400],
  ])('%s is refused', async (_, fields, status) => {
    const before = lane.handled.length;
    await using client = await lane.connect();
    const response = await client.ask(`${POST}${fields}\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect(response.status).toBe(status);
    expect(response.header('connection')).toBe('close');
    await client.closed();
    expect(client.unconsumed.length).toBe(0);
    expect(lane.handled.length).toBe(before);
  });

  it('duty 16: Transfer-Encoding in HTTP/1.0 is refused', async () => {
    const before = lane.handled.length;
    await using client = await lane.connect();
    const response = await client.ask(`POST / HTTP/1.0\r\n${CHUNKED}0\r\n\r\n`);
    expect(response.status).toBe(400);
    expect(lane.handled.length).toBe(before);
  });
});

describe('a chunked request body', () => {
  it.each([
    ['duty 21: a chunk size over 64 bits', 'fffffffffffffffff\r\nab'],
    ['duty 21: a negative chunk size', '-1\r\nab\r\n0\r\n\r\n'],
    ['duty 21: a chunk size with sign', '+2\r\nab\r\n0\r\n\r\n'],
    ['duty 21: a chunk size with prefix', '0x2\r\nab\r\n0\r\n\r\n'],
    ['duty 21: an empty chunk size', '\r\nab\r\n0\r\n\r\n'],
    ['duty 21: a space before the chunk size', ' 2\r\nab\r\n0\r\n\r\n'],
    ['duty 21: a space behind the chunk size', '2 \r\nab\r\n0\r\n\r\n'],
    ['duty 22: LF in a chunk extension', '2;a\nab\r\n0\r\n\r\n'],
    ['duty 22: NUL in a chunk extension', '2;a\0\r\nab\r\n0\r\n\r\n'],
    ['duty 22: CR in a chunk extension', '2;a\rb\r\nab\r\n0\r\n\r\n'],
    ['duty 23: chunk data longer than its size', '2\r\nabc\r\n0\r\n\r\n'],
    ['duty 23: bare LF behind chunk data', '2\r\nab\n0\r\n\r\n'],
    ['duty 11: bare LF behind a chunk size', '2\nab\r\n0\r\n\r\n'],
    ['duty 9: a folded trailer', '2\r\nab\r\n0\r\nX: a\r\n b\r\n\r\n'],
    ['duty 15: Content-Length as a trailer', '2\r\nab\r\n0\r\nContent-Length: 9\r\n\r\n'],
  ])('%s is refused, in one piece with the head or behind it', async (_, body) => {
    for (const together of [true, false]) {
      const before = lane.handled.length;
      const errors = broken.length;
      await using client = await lane.connect();
      client.send(`${WATCHED}${CHUNKED}`);
      if (!together) {
        await until(() => lane.handled.length > before);
      }
      client.send(`${body}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`);
      const response = await client.response();
      expect(response.status).toBe(400);
      expect(response.header('connection')).toBe('close');
      await client.closed();
      expect(client.unconsumed.length).toBe(0);
      expect(lane.handled.slice(before).map(({ request }) => request.target)).not.toContain('/smuggled');
      if (!together) expect(broken.slice(errors).map(({ code }) => code)).toEqual(['malformed']);
    }
  });

  it('duty 22: drops chunk extensions', async () => {
    await using client = await lane.connect();
    const response = await client.ask(`${POST}${CHUNKED}2;a=b;c="d"\r\nab\r\n1;x\r\nc\r\n0;y\r\n\r\n`);
    expect(response.body.toString()).toBe('abc');
  });

  it('duty 22: caps chunk extensions', async () => {
    await using client = await lane.connect();
    const response = await client.ask(`${WATCHED}${CHUNKED}2;${'a'.repeat(40_000)}\r\nab\r\n0\r\n\r\n`);
    expect(response.status).toBe(400);
    expect(broken.at(-1)?.code).toBe('malformed');
    expect(await client.closed()).toBe('end');
  });

  it('duty 25: drops trailers and never merges them', async () => {
    await using client = await lane.connect();
    const response = await client.ask(`${POST}${CHUNKED}2\r\nab\r\n0\r\nX-Late: 1\r\nHost: evil\r\n\r\n`);
    expect(response.body.toString()).toBe('ab');
    const { request } = lane.handled.at(-1)!;
    expect(request.headers).toEqual(['Host', 'a', 'Transfer-Encoding', 'chunked']);
    expect((await client.ask('GET / HTTP/1.1\r\nHost: a\r\n\r\n')).status).toBe(200);
  });

  it('duty 25: caps trailers', async () => {
    await using client = await lane.connect();
    client.send(`${WATCHED}${CHUNKED}0\r\n`);
    const response = await client.ask(`X: ${'a'.repeat(60_000)}\r\n\r\n`);
    expect(response.status).toBe(400);
    expect(await client.closed()).toBe('end');
  });
});

describe('a body that breaks off', () => {
  it.each([
    ['Content-Length', `${WATCHED}Content-Length: 10\r\n\r\nabc`],
    ['chunked', `${WATCHED}${CHUNKED}5\r\nabc`],
    ['chunked, before the last chunk', `${WATCHED}${CHUNKED}3\r\nabc\r\n`],
  ])('duty 24: is told as aborted and never as complete (%s)', async (_, bytes) => {
    for (const leave of ['end', 'reset'] as const) {
      const errors = broken.length;
      const before = lane.handled.length;
      await using client = await lane.connect();
      client.send(bytes);
      await until(() => lane.handled.length > before);
      client[leave]();
      await until(() => broken.length > errors);
      expect(broken.at(-1)?.code).toBe('aborted');
      expect(lane.handled.at(-1)?.request.body?.complete).toBe(false);
    }
  });
});
