import { describe, expect, it } from 'vitest';
import { answer, readBody, TestLane } from '../../helpers/test-lane.ts';

const POST = 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n';
const GET = 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n';

describe('Expect', () => {
  it('duty 32: 100 Continue is sent when the body is started, once, and the connection is kept', async () => {
    await using lane = await TestLane.start();
    await using client = await lane.connect();
    for (let nth = 0; nth < 2; nth++) {
      const interim = await client.ask(`${POST}\r\n`);
      expect(interim.raw.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
      const final = await client.ask('abc');
      expect(final.body.toString()).toBe('abc');
      expect(final.header('connection')).toBeUndefined();
    }
    expect((await client.ask(GET)).body.toString()).toBe('/next');
  });

  it('duty 32: is not sent when the whole body has come already', async () => {
    await using lane = await TestLane.start();
    await using client = await lane.connect();
    const response = await client.ask(`${POST}\r\nabc`);
    expect(response.status).toBe(200);
    expect(response.body.toString()).toBe('abc');
    // Node closes then; the client must be told.
    expect(response.header('connection')).toBe('close');
    expect(await client.closed()).toBe('end');
  });

  it('duty 32: a final answer without it closes, because the client may or may not send the body', async () => {
    await using lane = await TestLane.start((request, reply) => {
      request.body?.discard();
      answer(reply, 'no');
    });
    await using client = await lane.connect();
    const response = await client.ask(`${POST}\r\n`);
    expect(response.status).toBe(200);
    expect(response.header('connection')).toBe('close');
    client.send(GET);
    expect(await client.closed()).toBe('end');
    expect(client.unconsumed.length).toBe(0);
    expect(lane.handled.length).toBe(1);
  });

  it('duty 32: an upstream’s own 100 does not repeat it', async () => {
    await using lane = await TestLane.start((request, reply) => {
      readBody(request, (body) => answer(reply, body ?? ''));
      reply.interim(100, []);
    });
    await using client = await lane.connect();
    expect((await client.ask(`${POST}\r\n`)).status).toBe(100);
    expect((await client.ask('abc')).status).toBe(200);
  });

  it('duty 33: an unknown expectation is answered 417', async () => {
    await using lane = await TestLane.start();
    for (const expectation of ['200-ok', '100-continue-not', '100-continue, other', 'x=100-continue']) {
      await using client = await lane.connect();
      const response = await client.ask(POST.replace('100-continue', expectation).concat('\r\n'));
      expect(response.status).toBe(417);
      expect(response.json().error?.code).toBe('EXPECTATION_FAILED');
      expect(response.header('connection')).toBe('close');
    }
    expect(lane.handled.length).toBe(0);
  });

  it('duty 31: an HTTP/1.0 client gets no 100', async () => {
    await using lane = await TestLane.start();
    await using client = await lane.connect();
    const response = await client.ask(`${POST.replace('1.1', '1.0')}\r\nabc`);
    expect(response.status).toBe(200);
    expect(client.text).not.toContain('100 Continue');
  });

  it('a body over the limit is refused before it is sent', async () => {
    await using lane = await TestLane.start(undefined, { maxBodyBytes: 2 });
    await using client = await lane.connect();
    expect((await client.ask(`${POST}\r\n`)).status).toBe(413);
    expect(await client.closed()).toBe('end');
  });
});
