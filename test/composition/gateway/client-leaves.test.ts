import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { answerWith, GatewayPath, get, postHead } from '../../helpers/gateway-path.ts';
import type { RawClient } from '../../helpers/raw-client.ts';

const LEAVING: readonly (readonly [string, (client: RawClient) => void])[] = [
  ['RST', (client) => client.reset()],
  ['FIN of both sides', (client) => client.destroy()],
];

describe.each(LEAVING)(
  'a client that leaves by %s ends the upstream’s request and counts nowhere',
  (_name, leave) => {
    it('before the head', async () => {
      await using path = await GatewayPath.start(() => {});
      const client = await path.connect();
      client.send(get());
      const upstream = await path.upstream.connection();
      await upstream.request();
      leave(client);
      await upstream.closed();
      await path.judged({ excluded: 1 });
    });

    it('while it uploads', async () => {
      await using path = await GatewayPath.start(() => {});
      const client = await path.connect();
      client.send(`${postHead(100)}part`);
      const upstream = await path.upstream.connection();
      await upstream.waitFor('part');
      leave(client);
      await upstream.closed();
      expect(upstream.text).toMatch(/part$/);
      await path.judged({ excluded: 1 });
    });

    it('while the upstream does not take its upload', async () => {
      await using path = await GatewayPath.start((connection) => void connection.socket.pause(), {
        server: 'max_body_size: unlimited',
      });
      const client = await path.connect();
      const size = 32 * 1024 * 1024;
      client.send(postHead(size));
      client.send(Buffer.alloc(size));
      const upstream = await path.upstream.connection();
      let left = -1;
      await eventually(() => {
        const before = left;
        left = client.socket.writableLength;
        expect(left).toBe(before);
      });
      leave(client);
      upstream.socket.resume();
      await upstream.closed();
      await path.judged({ excluded: 1 });
    });

    it('in the middle of its answer', async () => {
      await using path = await GatewayPath.start(async (connection) => {
        await connection.request();
        connection.send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart');
      });
      const client = await path.connect();
      client.send(get());
      await client.waitFor('part');
      leave(client);
      await (await path.upstream.connection()).closed();
      await path.judged({ excluded: 1 });
    });

    it('in the middle of an answer that it does not read', async () => {
      await using path = await GatewayPath.start(async (connection) => {
        await connection.request();
        connection.send(`HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n${'x'.repeat(30_000_000)}`);
      });
      const client = await path.connect();
      client.stopReading();
      client.send(get());
      const upstream = await path.upstream.connection();
      await upstream.request();
      let left = -1;
      await eventually(() => {
        const before = left;
        left = upstream.socket.writableLength;
        expect(left).toBe(before);
      });
      leave(client);
      await upstream.closed();
      await path.judged({ excluded: 1 });
    });

    it('after a failure status: that failure stays counted', async () => {
      await using path = await GatewayPath.start(async (connection) => {
        await connection.request();
        connection.send('HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\npart');
      });
      const client = await path.connect();
      client.send(get());
      await client.waitFor('part');
      leave(client);
      await (await path.upstream.connection()).closed();
      await path.judged({ failures: 1 });
    });

    it('while its request waits for a connection to the upstream: it is never sent', async () => {
      await using path = await GatewayPath.start(
        async (connection) => {
          const { target } = await connection.request();
          await released;
          connection.send(answerWith(target));
          const next = await connection.request();
          connection.send(answerWith(next.target));
        },
        { upstream: 'max_connections: 1' },
      );
      let release = () => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const first = await path.connect();
      first.send(get('/first'));
      const upstream = await path.upstream.connection();
      await upstream.waitFor('/first');
      const leaver = await path.connect();
      leaver.send(get('/leaver'));
      // Both are judged only at their end, so a third tells that the second has been taken in.
      expect((await path.ask(get('/health/live'))).status).toBe(200);
      leave(leaver);
      await path.judged({ excluded: 1 });
      release();
      expect((await first.response()).body.toString()).toBe('/first');
      expect((await path.ask(get('/last'))).body.toString()).toBe('/last');
      expect(upstream.text).not.toContain('/leaver');
      await path.judged({ successes: 2, excluded: 1 });
    });
  },
);

describe('a client that ended its side only', () => {
  // TCP does not tell it from one that is gone for good, and upstreams must not work on for those.
  it('while it waits for its answer has left', async () => {
    await using path = await GatewayPath.start(() => {});
    const client = await path.connect();
    client.send(get());
    const upstream = await path.upstream.connection();
    await upstream.request();
    client.end();
    await upstream.closed();
    await path.judged({ excluded: 1 });
  });

  it('in the middle of its upload has left', async () => {
    await using path = await GatewayPath.start(() => {});
    const client = await path.connect();
    client.send(`${postHead(100)}part`);
    const upstream = await path.upstream.connection();
    await upstream.waitFor('part');
    client.end();
    await upstream.closed();
    await path.judged({ excluded: 1 });
  });
});
