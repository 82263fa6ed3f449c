import { Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AdminBackend } from '../../../src/admin/admin-backend.ts';
import { AdminServer } from '../../../src/admin/admin-server.ts';
import { MAX_STREAMS } from '../../../src/admin/live/live-streams.ts';
import type { Address } from '../../../src/config/gateway-config.ts';
import { EventFeed } from '../../../src/observe/event-feed.ts';
import { adminBackend, NO_PAGE } from '../../helpers/admin-backend.ts';
import { callAdmin } from '../../helpers/admin-client.ts';
import { FakeBreaker } from '../../helpers/fake-breaker.ts';
import { SseClient } from '../../helpers/sse-client.ts';
import { until } from '../../helpers/until.ts';

const STREAM = { Accept: 'text/event-stream' };
const log = { info: () => {}, error: () => {} };
const servers: AdminServer[] = [];
const clients: SseClient[] = [];

async function admin(token: string | null = null, parts: Partial<AdminBackend> = {}) {
  const feed = new EventFeed();
  const backend = adminBackend({ breakers: () => [new FakeBreaker('a-http')], events: feed, ...parts });
  const config = { listen: { host: '127.0.0.1', port: 0 }, token };
  const server = new AdminServer({ config, backend, pageFolder: NO_PAGE, log });
  servers.push(server);
  return { server, feed, address: await server.listen() };
}

async function watch(address: Address, path = '/events', headers = {}): Promise<SseClient> {
  const client = await SseClient.open(address, path, headers);
  clients.push(client);
  return client;
}

const tellSome = (feed: EventFeed): void => {
  for (const what of ['one', 'two', 'three']) feed.tell({ type: 'admin', at: 1, action: what, from: 'test' });
};

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(servers.splice(0).map((server) => server.close(1000)));
});

describe('GET /events', () => {
  it.each([
    ['text/event-stream', 'text/event-stream; charset=utf-8'],
    ['application/json, TEXT/Event-Stream;q=0.5', 'text/event-stream; charset=utf-8'],
    ['text/event-stream;q=0', 'application/json; charset=utf-8'],
    ['text/event-stream; q=0.000, application/json', 'application/json; charset=utf-8'],
    ['*/*', 'application/json; charset=utf-8'],
    ['x-text/event-stream', 'application/json; charset=utf-8'],
  ])('answers Accept: %s with %s', async (accept, type) => {
    const { address } = await admin();
    const { headers } = await callAdmin(address, '/events', { method: 'HEAD', headers: { Accept: accept } });
    expect(headers['content-type']).toBe(type);
  });

  it('lists what is kept, or what came after an event', async () => {
    const { address, feed } = await admin();
    tellSome(feed);
    const ids = async (path: string) =>
      ((await callAdmin(address, path)).json().events as { id: number }[]).map(({ id }) => id);
    expect(await ids('/events')).toEqual([1, 2, 3]);
    expect(await ids('/events?after=2')).toEqual([3]);
  });

  it('is a stream for whoever accepts one, for nobody to store', async () => {
    const { address } = await admin();
    const viewer = await watch(address);
    expect(viewer.response.statusCode).toBe(200);
    expect(viewer.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect((await viewer.first(1, 'overview'))[0]!.data.gateway.status).toBe('healthy');
  });

  it.each([
    ['Last-Event-ID', '/events', { 'Last-Event-ID': '1' }, [2, 3]],
    ['after', '/events?after=2', {}, [3]],
    ['Last-Event-ID, which is newer than its URL', '/events?after=1', { 'Last-Event-ID': '2' }, [3]],
    ['a number from before a restart', '/events?after=77', {}, [1, 2, 3]],
  ])('goes on by %s', async (_what, path, headers, expected) => {
    const { address, feed } = await admin();
    tellSome(feed);
    const viewer = await watch(address, path, headers);
    feed.tell({ type: 'admin', at: 1, action: 'four', from: 'test' });
    await viewer.first(expected.length + 1, 'event');
    expect(viewer.of('event').map(({ id }) => id)).toEqual([...expected, 4]);
  });

  it('answers HEAD with the head alone', async () => {
    const { address } = await admin();
    const head = await callAdmin(address, '/events', { method: 'HEAD', headers: STREAM });
    expect([head.status, head.text]).toEqual([200, '']);
    expect(head.headers['content-type']).toMatch(/^text\/event-stream/);
  });

  it('needs the token like everything else', async () => {
    const { address } = await admin('secret');
    expect((await callAdmin(address, '/events', { headers: STREAM })).status).toBe(401);
    const viewer = await watch(address, '/events', { Authorization: 'Bearer secret' });
    await viewer.first(1, 'overview');
  });

  it('says when there is nothing to show, in place of a stream', async () => {
    const { address } = await admin(null, {
      overview: () => {
        throw new Error('of the overview');
      },
    });
    const reply = await callAdmin(address, '/events', { headers: STREAM });
    expect([reply.status, reply.json()]).toMatchObject([500, { error: { code: 'INTERNAL_ERROR' } }]);
  });

  it('refuses one stream too many, and what is no stream never', async () => {
    const { address } = await admin();
    await Promise.all(Array.from({ length: MAX_STREAMS }, () => watch(address)));
    const refused = await callAdmin(address, '/events', { headers: STREAM });
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toMatch(/^\d+$/);
    expect(refused.json()).toMatchObject({ error: { code: 'TOO_MANY_STREAMS' } });
    expect((await callAdmin(address, '/events')).status).toBe(200);
  });

  it('is not cut for silence, as other connections are', async () => {
    const listened = vi.spyOn(Server.prototype, 'listen');
    const { address } = await admin();
    const sockets: Socket[] = [];
    (listened.mock.contexts.at(-1) as Server).on('connection', (socket) => sockets.push(socket));
    listened.mockRestore();
    const viewer = await watch(address);
    await viewer.first(1, 'overview');
    expect(sockets.map(({ timeout }) => timeout)).toEqual([0]);
    const other = callAdmin(address, '/overview');
    await until(() => sockets.length === 2);
    expect(sockets[1]!.timeout).toBe(30_000);
    await other;
  });

  it('ends when the API closes, at once', async () => {
    const { address, server } = await admin();
    const viewer = await watch(address);
    await viewer.first(1, 'overview');
    // The test would not outlive this.
    await server.close(600_000);
    await until(() => viewer.ended !== null);
    expect(viewer.ended).toBe('end');
  });

  it('tells what an operator has done, and from where', async () => {
    const { address } = await admin();
    const viewer = await watch(address);
    await callAdmin(address, '/breakers/a-http/open', { method: 'POST' });
    await callAdmin(address, '/breakers/nobody/open', { method: 'POST' });
    await callAdmin(address, '/breakers/reset', { method: 'POST' });
    const events = await viewer.first(2, 'event');
    expect(events.map(({ data }) => data)).toMatchObject([
      { type: 'admin', action: 'force open a-http', from: '127.0.0.1', at: expect.any(Number) },
      { type: 'admin', action: 'reset all circuit breakers' },
    ]);
  });
});
