import { describe, expect, it } from 'vitest';
import type { InboundBodyError, RequestHandler } from '../../../src/http/message.ts';
import { Refusal } from '../../../src/http/refusal.ts';
import { answer, TestLane } from '../../helpers/test-lane.ts';
import { until } from '../../helpers/until.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** Answers as a gateway would: with the status that belongs to how the body broke. */
function refusing(errors: InboundBodyError[] = []): RequestHandler {
  return (request, reply) => {
    if (request.body === null) {
      answer(reply, 'none');
      return;
    }
    request.body.start({
      onChunk: () => {},
      onEnd: () => answer(reply, 'complete'),
      onError: (error) => {
        errors.push(error);
        const code = error.code === 'too_large' ? 'BODY_TOO_LARGE' : 'REQUEST_TIMEOUT';
        reply.head(new Refusal(code, '').status, '', ['Content-Length', '0']);
        reply.end();
      },
    });
  };
}

describe('sizes', () => {
  it('duty 53: takes a target of 8,000 octets and answers a longer one than allowed with 414', async () => {
    await using lane = await TestLane.start();
    await using client = await lane.connect();
    const longest = `/${'a'.repeat(8_191)}`;
    expect((await client.ask(GET.replace('/', longest))).body.toString()).toBe(longest);
    for (const length of [8_192, 20_000, 200_000]) {
      await using other = await lane.connect();
      const response = await other.ask(GET.replace('/', `/${'a'.repeat(length)}`));
      expect(response.status).toBe(414);
      expect(response.json().error?.code).toBe('URI_TOO_LONG');
      expect(await other.closed()).toBe('end');
    }
  });

  it('duty 53: answers 431 to too many octets of fields, in one or in many', async () => {
    await using lane = await TestLane.start();
    const one = `X: ${'a'.repeat(40_000)}\r\n`;
    const many = `X: ${'a'.repeat(500)}\r\n`.repeat(90);
    const flood = `X: ${'a'.repeat(200_000)}\r\n`;
    for (const fields of [one, many, flood]) {
      await using client = await lane.connect();
      const response = await client.ask(`GET / HTTP/1.1\r\nHost: a\r\n${fields}\r\n`);
      expect(response.status).toBe(431);
      expect(response.json().error?.code).toBe('HEADERS_TOO_LARGE');
      expect(await client.closed()).toBe('end');
    }
    expect(lane.handled.length).toBe(0);
  });

  it('duty 53: answers 431 to one field more than allowed; none is dropped silently', async () => {
    await using lane = await TestLane.start();
    const fields = (count: number) => Array.from({ length: count }, (_, at) => `X-${at}: ${at}\r\n`).join('');
    await using client = await lane.connect();
    expect((await client.ask(`GET / HTTP/1.1\r\nHost: a\r\n${fields(99)}\r\n`)).status).toBe(200);
    expect(lane.handled[0]?.request.headers.length).toBe(200);
    for (const count of [100, 130, 2_000]) {
      await using other = await lane.connect();
      expect((await other.ask(`GET / HTTP/1.1\r\nHost: a\r\n${fields(count)}\r\n`)).status).toBe(431);
    }
    expect(lane.handled.length).toBe(1);
  });

  it('duty 53: answers 413 at once when Content-Length says too much', async () => {
    await using lane = await TestLane.start(refusing(), { maxBodyBytes: 100 });
    await using client = await lane.connect();
    const response = await client.ask('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n');
    expect(response.status).toBe(413);
    expect(response.header('connection')).toBe('close');
    expect(lane.handled.length).toBe(0);
    expect(await client.closed()).toBe('end');
  });

  it('duty 53: ends a chunked body that grows too large, with 413 and close', async () => {
    const errors: InboundBodyError[] = [];
    await using lane = await TestLane.start(refusing(errors), { maxBodyBytes: 100 });
    await using client = await lane.connect();
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect((await client.ask(`${head}64\r\n${'a'.repeat(100)}\r\n0\r\n\r\n`)).status).toBe(200);
    const response = await client.ask(`${head}65\r\n${'a'.repeat(101)}\r\n`);
    expect(response.status).toBe(413);
    expect(response.header('connection')).toBe('close');
    expect(errors.map(({ code }) => code)).toEqual(['too_large']);
    client.send(`0\r\n\r\n${GET}`);
    expect(await client.closed()).toBe('end');
    expect(lane.handled.length).toBe(2);
  });

  it('duty 34: the answer to a client that sends on regardless is not lost in a reset', async () => {
    await using lane = await TestLane.start(refusing(), { maxBodyBytes: 100 });
    for (let nth = 0; nth < 10; nth++) {
      await using client = await lane.connect();
      client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n');
      client.stopReading();
      for (let sent = 0; sent < 30; sent++) client.send(Buffer.alloc(100_000, 'a'));
      await until(() => client.socket.writableLength === 0);
      client.readOn();
      expect((await client.response()).status).toBe(413);
      expect(await client.closed()).toBe('end');
    }
  });
});

describe('times', () => {
  const SHORT = 200;

  it('duty 54: answers 408 when a head drips in too slowly, however many bytes come', async () => {
    await using lane = await TestLane.start(undefined, { headerTimeoutMs: SHORT });
    await using client = await lane.connect();
    client.send('GET / HTTP/1.1\r\nHost: a\r\n');
    const drip = setInterval(() => client.send('X: a\r\n'), 20);
    const response = await client.response();
    clearInterval(drip);
    expect(response.status).toBe(408);
    expect(response.json().error?.code).toBe('REQUEST_TIMEOUT');
    expect(response.header('connection')).toBe('close');
    expect(await client.closed()).toBe('end');
    expect(lane.handled.length).toBe(0);
  });

  it('duty 54: the same on a connection that has served requests', async () => {
    await using lane = await TestLane.start(undefined, { headerTimeoutMs: SHORT });
    for (const [first, rest] of [
      [GET, 'GET / HT'],
      [`${GET}GET / HT`, ''],
      [GET, '\r\n'],
    ] as const) {
      await using client = await lane.connect();
      expect((await client.ask(first)).status).toBe(200);
      client.send(rest);
      expect((await client.response()).status).toBe(408);
      expect(await client.closed()).toBe('end');
    }
  });

  it('closes a new connection that sends nothing, without an answer', async () => {
    await using lane = await TestLane.start(undefined, { headerTimeoutMs: SHORT });
    await using client = await lane.connect();
    expect(await client.closed()).toBe('end');
    expect(client.text).toBe('');
  });

  it('closes a kept connection after the idle timeout, without an answer', async () => {
    await using lane = await TestLane.start(undefined, { idleTimeoutMs: SHORT });
    await using client = await lane.connect();
    await client.ask(GET);
    expect(await client.closed()).toBe('end');
    expect(client.unconsumed.length).toBe(0);
    await until(() => lane.lane.connections === 0);
  });

  it('keeps a connection that is used, however old it is', async () => {
    await using lane = await TestLane.start(undefined, { idleTimeoutMs: 1_500 });
    await using client = await lane.connect();
    for (let nth = 0; nth < 5; nth++) {
      expect((await client.ask(GET)).status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    expect(client.ended).toBeNull();
  });

  it('the time for a head is over with the head, however it came', async () => {
    await using lane = await TestLane.start(undefined, { headerTimeoutMs: SHORT });
    await using client = await lane.connect();
    client.send(GET.slice(0, 20));
    await until(() => lane.sockets[0]?.bytesRead === 20);
    expect((await client.ask(GET.slice(20))).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 3 * SHORT));
    expect((await client.ask(GET)).status).toBe(200);
  });

  it('no time limit of connections ends a request that is being handled', async () => {
    await using lane = await TestLane.start(
      (_, reply) => void setTimeout(() => answer(reply, 'late'), 4 * SHORT),
      { headerTimeoutMs: SHORT, idleTimeoutMs: SHORT, bodyTimeoutMs: SHORT, sendTimeoutMs: SHORT },
    );
    await using client = await lane.connect();
    expect((await client.ask(GET)).body.toString()).toBe('late');
  });

  it('duty 54: ends a body that stops, with 408 and close', async () => {
    const errors: InboundBodyError[] = [];
    await using lane = await TestLane.start(refusing(errors), { bodyTimeoutMs: SHORT });
    for (const framing of ['Content-Length: 10', 'Transfer-Encoding: chunked']) {
      await using client = await lane.connect();
      const response = await client.ask(`POST / HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n5\r\nab`);
      expect(response.status).toBe(408);
      expect(response.header('connection')).toBe('close');
      expect(await client.closed()).toBe('end');
    }
    expect(errors.map(({ code }) => code)).toEqual(['timeout', 'timeout']);
  });

  it('a body that somebody holds back is not the client’s fault', async () => {
    const errors: InboundBodyError[] = [];
    await using lane = await TestLane.start(
      (request, reply) => {
        refusing(errors)(request, reply);
        request.body?.pause();
        setTimeout(() => request.body?.resume(), 4 * SHORT);
      },
      { bodyTimeoutMs: SHORT },
    );
    await using client = await lane.connect();
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nab');
    await until(() => lane.handled.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 3 * SHORT));
    client.send('cdefghij');
    expect((await client.response()).body.toString()).toBe('complete');
    expect(errors).toEqual([]);
  });

  it('cuts a client that does not read its answer', async () => {
    await using lane = await TestLane.start(
      (_, reply) => {
        reply.head(200, '', []);
        const fill = () => {
          while (!reply.closed && reply.write(Buffer.alloc(65_536)));
        };
        reply.onDrain(fill);
        fill();
      },
      { sendTimeoutMs: SHORT },
    );
    await using client = await lane.connect();
    client.stopReading();
    client.send(GET);
    let gone = false;
    await until(() => lane.handled.length === 1);
    lane.handled[0]?.reply.onClientGone(() => {
      gone = true;
    });
    await until(() => lane.lane.connections === 0);
    expect(gone).toBe(true);
  });
});

describe('connections', () => {
  it('are limited in number: one more is told 503 and closed, and later ones are served again', async () => {
    await using lane = await TestLane.start(undefined, { maxConnections: 2 });
    await using first = await lane.connect();
    await using second = await lane.connect();
    expect((await first.ask(GET)).status).toBe(200);
    expect((await second.ask(GET)).status).toBe(200);
    await using third = await lane.connect();
    const response = await third.response();
    expect(response.status).toBe(503);
    expect(response.json().error?.code).toBe('SHUTTING_DOWN');
    expect(response.header('retry-after')).toBe('1');
    await third.closed();
    expect(lane.lane.connections).toBe(2);
    first.destroy();
    await until(() => lane.lane.connections === 1);
    await using fourth = await lane.connect();
    expect((await fourth.ask(GET)).status).toBe(200);
  });
});
