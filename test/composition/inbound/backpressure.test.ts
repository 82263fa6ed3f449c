import { describe, expect, it } from 'vitest';
import { answer, readBody, TestLane } from '../../helpers/test-lane.ts';
import { until } from '../../helpers/until.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

describe('backpressure', () => {
  it('of a client that does not read holds the handler back', async () => {
    let written = 0;
    let drains = 0;
    const total = 30_000_000;
    await using lane = await TestLane.start((_, reply) => {
      reply.head(200, '', ['Content-Length', String(total)]);
      const fill = () => {
        while (written < total) {
          const size = Math.min(50_000, total - written);
          written += size;
          if (!reply.write(Buffer.alloc(size, 'x'))) return;
        }
        reply.onDrain(null);
        reply.end();
      };
      reply.onDrain(() => {
        drains++;
        fill();
      });
      fill();
    });
    await using client = await lane.connect();
    client.stopReading();
    client.send(GET);
    let before = -1;
    await until(() => {
      const still = written === before && written > 0;
      before = written;
      return still;
    });
    expect(written).toBeLessThan(total);
    client.readOn();
    const response = await client.response({ withinMs: 60_000 });
    expect(response.body.length).toBe(total);
    expect(drains).toBeGreaterThan(0);
  }, 90_000);

  it('of the handler holds the client back', async () => {
    let received = 0;
    const total = 30_000_000;
    await using lane = await TestLane.start(
      (request, reply) => {
        request.body?.start({
          onChunk: (chunk) => {
            received += chunk.length;
          },
          onEnd: () => answer(reply, String(received)),
          onError: () => {},
        });
        request.body?.pause();
      },
      { maxBodyBytes: null },
    );
    await using client = await lane.connect();
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${total}\r\n\r\n`);
    client.send(Buffer.alloc(total, 'x'));
    await until(() => lane.handled.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(received).toBe(0);
    expect(client.socket.writableLength).toBeGreaterThan(0);
    expect(lane.sockets[0]?.bytesRead).toBeLessThan(1_000_000);
    const { body } = lane.handled[0]!.request;
    expect(body?.complete).toBe(false);
    body?.resume();
    expect((await client.response({ withinMs: 60_000 })).body.toString()).toBe(String(total));
    expect(body?.complete).toBe(true);
  }, 90_000);

  it('nothing of a body is delivered before it is started', async () => {
    await using lane = await TestLane.start((request, reply) => {
      setTimeout(() => readBody(request, (body) => answer(reply, body ?? '')), 50);
    });
    await using client = await lane.connect();
    const text = 'x'.repeat(500_000);
    const response = await client.ask(
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    );
    expect(response.body.toString() === text).toBe(true);
  });

  it('duty 34: an early answer reaches a client that is still sending, and then the connection ends', async () => {
    await using lane = await TestLane.start(
      (request, reply) => {
        request.body?.discard();
        answer(reply, Buffer.alloc(1_000_000, 'x'));
      },
      { maxBodyBytes: null },
    );
    await using client = await lane.connect();
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n');
    client.send(Buffer.alloc(20_000_000, 'y'));
    const response = await client.response();
    expect(response.body.length).toBe(1_000_000);
    expect(response.header('connection')).toBe('close');
    expect(await client.closed()).toBe('end');
  });
});
