import { describe, expect, it } from 'vitest';
import { answer, TestLane } from '../../helpers/test-lane.ts';

const HEAD = 'GET / HTTP/1.1\r\nHost: a\r\n';

describe('of what is refused while its head is read', () => {
  it.each([
    ['BAD_REQUEST', 'GET / HTTP/1.1\r\n\r\n'],
    ['BAD_REQUEST', 'GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n'],
    ['BODY_TOO_LARGE', `${HEAD}Content-Length: 2000000\r\n\r\n`],
    ['URI_TOO_LONG', `${HEAD.replace('/', `/${'a'.repeat(9_000)}`)}\r\n`],
    ['EXPECTATION_FAILED', `${HEAD}Expect: a-miracle\r\n\r\n`],
    ['HEADERS_TOO_LARGE', `${HEAD}X: ${'a'.repeat(40_000)}\r\n\r\n`],
    ['METHOD_NOT_IMPLEMENTED', `${HEAD.replace('GET', 'CONNECT').replace('/', 'a:1')}\r\n`],
    ['HTTP_VERSION_NOT_SUPPORTED', `${HEAD.replace('1.1', '1.2')}\r\n`],
  ])('%s is told once, with the peer’s address', async (code, bytes) => {
    await using lane = await TestLane.start();
    await using client = await lane.connect();
    expect((await client.ask(bytes)).json().error?.code).toBe(code);
    expect(lane.refused).toEqual([`${code} 127.0.0.1`]);
    expect(lane.handled).toEqual([]);
  });

  it.each([HEAD, 'PURGE / HTTP/1.1\r\n'])('what comes too slowly is told', async (bytes) => {
    await using lane = await TestLane.start(undefined, { headerTimeoutMs: 100 });
    await using client = await lane.connect();
    expect((await client.ask(bytes)).status).toBe(408);
    expect(lane.refused).toEqual(['REQUEST_TIMEOUT 127.0.0.1']);
  });

  it('a connection for which there is no room is told', async () => {
    await using lane = await TestLane.start(undefined, { maxConnections: 1 });
    await using first = await lane.connect();
    expect((await first.ask(`${HEAD}\r\n`)).status).toBe(200);
    await using second = await lane.connect();
    expect((await second.response()).status).toBe(503);
    expect(lane.refused).toEqual(['SHUTTING_DOWN 127.0.0.1']);
  });

  it('a head that is cut short is told', async () => {
    await using lane = await TestLane.start();
    await using client = await lane.connect();
    client.send(HEAD);
    client.socket.end();
    expect((await client.response()).status).toBe(400);
    expect(lane.refused).toEqual(['BAD_REQUEST 127.0.0.1']);
  });

  it('nothing is told of a request that the handler has been given, whatever became of it', async () => {
    await using lane = await TestLane.start((request, reply) => {
      if (request.target === '/throws') throw new Error('on purpose');
      answer(reply, 'well');
    });
    for (const [target, status] of Object.entries({ '/': 200, '/throws': 500 })) {
      await using client = await lane.connect();
      expect((await client.ask(`${HEAD.replace('/', target)}\r\n`)).status).toBe(status);
    }
    expect(lane.refused).toEqual([]);
  });
});
