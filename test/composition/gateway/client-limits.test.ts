import { describe, expect, it } from 'vitest';
import { GatewayPath, get, postHead } from '../../helpers/gateway-path.ts';

const BIG = 16 * 1024 * 1024;

describe('a client’s own limits', () => {
  it('duty 54: a body that stops in mid-upload is a 408, the upstream’s request ends, excluded', async () => {
    await using path = await GatewayPath.start(() => {}, { server: 'body_timeout: 150ms' });
    const client = await path.connect();
    client.send(`${postHead(6)}s`);
    const answer = await client.response();
    expect([answer.status, answer.json().error?.code]).toEqual([408, 'REQUEST_TIMEOUT']);
    await (await path.upstream.connection()).closed();
    await path.judged({ excluded: 1 });
  });

  it('duty 53: a body that grows too large is a 413, the upstream’s request ends, excluded', async () => {
    await using path = await GatewayPath.start(() => {}, { server: 'max_body_size: 10B' });
    const client = await path.connect();
    client.send(`${postHead('chunked')}5\r\nabcde\r\n`);
    const upstream = await path.upstream.connection();
    await upstream.waitFor('abcde');
    client.send('6\r\nfghijk\r\n');
    const answer = await client.response();
    expect([answer.status, answer.json().error?.code]).toEqual([413, 'BODY_TOO_LARGE']);
    expect(answer.header('connection')).toBe('close');
    await upstream.closed();
    expect(upstream.text).not.toContain('fghijk');
    await path.judged({ excluded: 1 });
  });

  it('duty 23: a body whose framing breaks is a 400, the upstream’s request ends, excluded', async () => {
    await using path = await GatewayPath.start(() => {});
    const client = await path.connect();
    client.send(`${postHead('chunked')}5\r\nabcde\r\n`);
    const upstream = await path.upstream.connection();
    await upstream.waitFor('abcde');
    client.send('zz\r\n');
    expect((await client.response()).status).toBe(400);
    await upstream.closed();
    await path.judged({ excluded: 1 });
  });

  it('a body that breaks after an early head cuts the answer, excluded', async () => {
    await using path = await GatewayPath.start(
      async (connection) => {
        await connection.waitFor('abcde');
        connection.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n');
      },
      { server: 'max_body_size: 10B' },
    );
    const client = await path.connect();
    client.send(`${postHead('chunked')}5\r\nabcde\r\n`);
    await client.waitFor('part');
    client.send('6\r\nfghijk\r\n0\r\n\r\n');
    expect(await client.closed()).toBe('reset');
    expect(client.text).not.toMatch(/0\r\n\r\n$/);
    await path.judged({ excluded: 1 });
  });

  it('send_timeout: a client that never reads its answer is cut, excluded', async () => {
    await using path = await GatewayPath.start(
      async (connection) => {
        await connection.request();
        connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${BIG}\r\n\r\n`);
        connection.send(Buffer.alloc(BIG));
      },
      { server: 'send_timeout: 200ms' },
    );
    const client = await path.connect();
    client.stopReading();
    client.send(get());
    await (await path.upstream.connection()).closed();
    await path.judged({ excluded: 1 });
  });
});
