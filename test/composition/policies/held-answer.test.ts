import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { answerWith, get } from '../../helpers/gateway-path.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { itInOneThread } from '../../helpers/test-gateway.ts';
import { DEAD, handling, PolicyPath } from './policy-path.ts';

const bad = answerWith('the own words of the primary', ['X-Primary: yes'], '500 Bad');
const SECONDARY = 'fallback: [{ upstream: other }]';
const STATIC = '{ static: { status: 200, json: { from: static } } }';

describe('the primary’s own answer, held while the chain is asked', () => {
  it('is not lost: large, it goes through whole when nothing else answers', async () => {
    const body = Buffer.alloc(3_000_000, 'why it failed. ').toString('latin1');
    await using primary = await RawUpstream.answering(answerWith(body, [], '500 Bad'));
    await using path = await PolicyPath.start({ api: primary, other: DEAD }, { route: SECONDARY });
    const answer = await path.ask(get());
    expect(answer.status).toBe(500);
    expect(answer.body.equals(Buffer.from(body))).toBe(true);
    await path.idle('api', 'other');
  });

  it('is not lost: still streaming, with trailers, it goes on when nothing else answers', async () => {
    let secondaryAsked = () => {};
    const asked = new Promise<void>((resolve) => {
      secondaryAsked = resolve;
    });
    await using primary = await handling(async (connection) => {
      connection.send('HTTP/1.1 500 Bad\r\nTransfer-Encoding: chunked\r\nTrailer: X-End\r\n\r\n3\r\none\r\n');
      await asked;
      connection.send('3\r\ntwo\r\n');
      setTimeout(() => connection.send('5\r\nthree\r\n0\r\nX-End: yes\r\n\r\n'), 200);
    });
    await using other = await handling((connection) => {
      secondaryAsked();
      setTimeout(() => connection.reset(), 100);
    });
    await using path = await PolicyPath.start({ api: primary, other }, { route: SECONDARY });
    const answer = await path.ask(get());
    expect([answer.status, answer.body.toString(), answer.trailers]).toEqual([
      500,
      'onetwothree',
      [['X-End', 'yes']],
    ]);
  });

  it('is held back by TCP: it does not pile up in the gateway', async () => {
    await using primary = await RawUpstream.answering(answerWith('x'.repeat(30_000_000), [], '500 Bad'));
    await using other = await RawUpstream.start();
    await using path = await PolicyPath.start({ api: primary, other }, { route: SECONDARY });
    const client = await path.connect();
    client.send(get());
    await (await other.connection()).request();
    const upstream = await primary.connection();
    let left = -1;
    let still = 0;
    await eventually(() => {
      const before = left;
      left = upstream.socket.writableLength;
      still = left === before ? still + 1 : 0;
      expect(still).toBeGreaterThan(15);
    });
    expect(left).toBeGreaterThan(10_000_000);
    other.connections[0]?.reset();
    expect((await client.response({ withinMs: 15_000 })).body.length).toBe(30_000_000);
  });

  it('keeps no connection of the primary, when it is small', async () => {
    await using primary = await handling((connection) => connection.send(answerWith('no', [], '503 No')));
    await using other = await handling((connection) => {
      setTimeout(() => connection.send(answerWith('other')), 700);
    });
    await using path = await PolicyPath.start(
      { api: primary, other },
      { route: 'fallback: [{ upstream: other }]', upstreams: { api: 'max_connections: 1' } },
    );
    const from = performance.now();
    const answers = await Promise.all(Array.from({ length: 6 }, () => path.ask(get())));
    for (const answer of answers) expect(answer.body.toString()).toBe('other');
    // And not six times one after the other.
    expect(performance.now() - from).toBeLessThan(3 * 700);
  });

  it('that dies meanwhile is a 502', async () => {
    await using primary = await handling((connection) => {
      connection.send('HTTP/1.1 500 Bad\r\nContent-Length: 100\r\n\r\npart');
      setTimeout(() => connection.reset(), 50);
    });
    await using other = await handling((connection) => void setTimeout(() => connection.send(bad), 400));
    await using path = await PolicyPath.start({ api: primary, other }, { route: SECONDARY });
    const answer = await path.ask(get());
    expect([answer.status, answer.json().error?.code]).toEqual([502, 'UPSTREAM_RESET']);
    await path.judged({ failures: 1 });
    await path.idle('api', 'other');
  });

  it('that is not complete when the route’s time is over is a 504, not an answer without end', async () => {
    await using primary = await handling((connection) =>
      connection.send('HTTP/1.1 500 Bad\r\nContent-Length: 100\r\n\r\npart'),
    );
    await using other = await RawUpstream.start();
    await using path = await PolicyPath.start(
      { api: primary, other },
      { route: `timeout: 500ms, ${SECONDARY}` },
    );
    const answer = await path.ask(get());
    expect([answer.status, answer.json().error?.code]).toEqual([504, 'UPSTREAM_TIMEOUT']);
    await path.idle('api', 'other');
  });

  it('is given up with its connection when it is large and a better one was found', async () => {
    await using primary = await RawUpstream.answering(answerWith('x'.repeat(1_000_000), [], '500 Bad'));
    await using path = await PolicyPath.start({ api: primary }, { route: `fallback: [${STATIC}]` });
    expect((await path.ask(get())).status).toBe(200);
    await primary.connections[0]?.closed();
    await path.idle();
  });

  it('is given up when it trickles, though a better one was found', async () => {
    await using primary = await handling((connection) => {
      connection.send('HTTP/1.1 500 Bad\r\n\r\n');
      const trickle = setInterval(() => connection.send('.'), 50);
      connection.socket.on('close', () => clearInterval(trickle));
    });
    await using path = await PolicyPath.start({ api: primary }, { route: `fallback: [${STATIC}]` });
    expect((await path.ask(get())).status).toBe(200);
    await path.idle();
  });

  // Each worker has connections of its own.
  itInOneThread.each([
    ['at once', STATIC],
    ['after it had been held back', '{ upstream: other }'],
  ])('leaves its connection for the next request when it is small (%s)', async (_name, step) => {
    await using primary = await RawUpstream.answering(bad);
    await using other = await RawUpstream.answering(answerWith('other'));
    await using path = await PolicyPath.start({ api: primary, other }, { route: `fallback: [${step}]` });
    for (const _ of [1, 2, 3]) expect((await path.ask(get())).status).toBe(200);
    expect(primary.connections).toHaveLength(1);
  });

  it('is given up, and so is the secondary, when the client leaves', async () => {
    await using primary = await handling((connection) =>
      connection.send('HTTP/1.1 500 Bad\r\nContent-Length: 100\r\n\r\npart'),
    );
    await using other = await RawUpstream.start();
    await using path = await PolicyPath.start({ api: primary, other }, { route: SECONDARY });
    const client = await path.connect();
    client.send(get());
    await (await other.connection()).request();
    client.reset();
    await primary.connections[0]?.closed();
    await other.connections[0]?.closed();
    await path.judged({ failures: 1 });
    await path.judged({ excluded: 1 }, 'other');
    await path.idle('api', 'other');
  });
});
