import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { answerWith, GatewayPath, get, postHead } from '../../helpers/gateway-path.ts';
import { itInOneThread, TEST_WORKERS } from '../../helpers/test-gateway.ts';

const BIG = 16 * 1024 * 1024;

describe('a route’s timeout at whose end the upstream is waited for, but was not for most of it', () => {
  it('before the head, when the client had most of it for its body: 504, excluded', async () => {
    await using path = await GatewayPath.start(() => {}, { route: 'timeout: 1s' });
    const client = await path.connect();
    client.send(`${postHead(2)}a`);
    await new Promise((resolve) => setTimeout(resolve, 800));
    client.send('b');
    expect((await client.response()).status).toBe(504);
    await path.judged({ excluded: 1 });
  });

  it('after the head, when a client had most of it that did not read: excluded, though it reads in the end', async () => {
    await using path = await GatewayPath.start(
      async (connection) => {
        await connection.request();
        connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${BIG + 1}\r\n\r\n`);
        connection.send(Buffer.alloc(BIG));
      },
      // What is left of it must do for the 16 MiB, through more threads than there may be cores.
      { route: `timeout: ${3 * TEST_WORKERS}s` },
    );
    const client = await path.connect();
    client.stopReading();
    client.send(get());
    const upstream = await path.upstream.connection();
    await eventually(() => expect(upstream.socket.writableLength).toBeGreaterThan(0));
    await new Promise((resolve) => setTimeout(resolve, 1800 * TEST_WORKERS));
    client.readOn();
    await client.until(() => client.received.length > BIG, 'all that was sent');
    expect(await client.closed()).toBe('reset');
    await path.judged({ excluded: 1 });
  });

  // Each worker has a connection of its own to the target, so that the second request may not have to wait.
  itInOneThread('while the gateway had no connection to spare: 504, excluded', async () => {
    await using path = await GatewayPath.start(
      async (connection) => {
        await connection.request();
        await second;
        connection.send(answerWith('first'));
        // And nothing for the second.
      },
      { upstream: 'max_connections: 1', route: 'timeout: 2s' },
    );
    let queued = () => {};
    const second = new Promise<void>((resolve) => {
      queued = resolve;
    });
    const first = await path.connect();
    first.send(get('/first'));
    const upstream = await path.upstream.connection();
    await upstream.waitFor('/first');
    const waiting = await path.connect();
    waiting.send(get('/second'));
    await new Promise((resolve) => setTimeout(resolve, 1300));
    queued();
    expect((await first.response()).body.toString()).toBe('first');
    await upstream.waitFor('/second');
    expect((await waiting.response()).status).toBe(504);
    await path.judged({ successes: 1, excluded: 1 });
  });
});
