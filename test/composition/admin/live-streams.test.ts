import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LiveStreams, MAX_STREAMS, MAX_UNREAD_BYTES } from '../../../src/admin/live/live-streams.ts';
import type { Overview } from '../../../src/admin/live/live-types.ts';
import type { Address } from '../../../src/config/gateway-config.ts';
import { EventFeed } from '../../../src/observe/event-feed.ts';
import type { TrafficSample } from '../../../src/observe/traffic-sample.ts';
import { FakeTime } from '../../helpers/fake-time.ts';
import { SseClient } from '../../helpers/sse-client.ts';
import { until } from '../../helpers/until.ts';

let time = new FakeTime();
let feed = new EventFeed();
let computed = 0;
let padding = '';
let failing = false;
let errors: unknown[] = [];
let tellSample: ((sample: TrafficSample) => void) | null = null;
let streams = newStreams();
let responses: ServerResponse[] = [];

function newStreams(): LiveStreams {
  return new LiveStreams({
    overview: () => {
      if (failing) throw new Error('of the overview');
      return { at: ++computed, padding } as unknown as Overview;
    },
    history: {
      on: (listener) => {
        tellSample = listener;
        return () => {
          tellSample = null;
        };
      },
    },
    events: feed,
    onError: (error) => errors.push(error),
    timer: time,
  });
}

const server = createServer((request, response) => {
  responses.push(response);
  const after = new URL(request.url!, 'http://x').searchParams.get('after');
  streams.join(response, after === null ? null : Number(after));
});
let address: Address;
const clients: SseClient[] = [];

async function watch(path = '/'): Promise<SseClient> {
  const client = await SseClient.open(address, path);
  clients.push(client);
  return client;
}

const action = (name: string) => feed.tell({ type: 'admin', at: 1, action: name, from: 'test' });

beforeEach(async () => {
  time = new FakeTime();
  feed = new EventFeed();
  computed = 0;
  padding = '';
  failing = false;
  errors = [];
  responses = [];
  streams = newStreams();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
});
afterEach(async () => {
  streams.close();
  for (const client of clients.splice(0)) client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('the streams', () => {
  it('begin with an overview, and bring one every second', async () => {
    const viewer = await watch();
    expect((await viewer.first(1, 'overview'))[0]!.data.at).toBe(1);
    expect(viewer.retryMs).toBe(1000);
    await time.advance(999);
    expect(computed).toBe(1);
    await time.advance(1);
    await time.advance(1000);
    expect((await viewer.first(3, 'overview')).map(({ data }) => data.at)).toEqual([1, 2, 3]);
  });

  it('bring samples and events as they come, events with their numbers', async () => {
    action('before');
    const viewer = await watch();
    await viewer.first(1, 'overview');
    tellSample!({ at: 5 } as TrafficSample);
    action('after');
    expect((await viewer.first(1, 'sample'))[0]).toMatchObject({ id: null, data: { at: 5 } });
    expect(await viewer.first(1, 'event')).toMatchObject([{ id: 2, data: { action: 'after', id: 2 } }]);
  });

  it('bring what was missed to whoever says how far it has seen', async () => {
    for (const name of ['a', 'b', 'c']) action(name);
    const viewer = await watch('/?after=1');
    await viewer.first(2, 'event');
    action('d');
    expect((await viewer.first(3, 'event')).map(({ id }) => id)).toEqual([2, 3, 4]);
  });

  it('compute an overview once for all viewers, and none without any', async () => {
    const viewers = [await watch(), await watch(), await watch()];
    await until(() => viewers.every((viewer) => viewer.of('overview').length === 1));
    expect(computed).toBe(3);
    await time.advance(1000);
    await Promise.all(viewers.map((viewer) => viewer.first(2, 'overview')));
    expect(computed).toBe(4);
    viewers[0]!.close();
    await until(() => streams.size === 2);
    expect(time.pending).toBe(1);
    for (const viewer of viewers) viewer.close();
    await until(() => streams.size === 0);
    expect(time.pending).toBe(0);
    expect(tellSample).toBeNull();
    await time.advance(5000);
    action('for nobody');
    expect(computed).toBe(4);
    const late = await watch();
    await late.first(1, 'overview');
    await time.advance(1000);
    await late.first(2, 'overview');
  });

  it('leave one who does not read, and nobody else', async () => {
    const reading = await watch();
    const stuck = await stuckViewer(address);
    await until(() => streams.size === 2);
    padding = 'x'.repeat(MAX_UNREAD_BYTES / 4);
    for (let second = 1; second <= 200 && streams.size === 2; second++) {
      await time.advance(1000);
      await reading.first(second + 1, 'overview');
    }
    expect(streams.size).toBe(1);
    expect(responses[1]!.destroyed).toBe(true);
    const seen = computed;
    await time.advance(1000);
    await until(() => reading.of('overview').at(-1)?.data.at === seen + 1);
    stuck.destroy();
  });

  it('keep one who reads, however long an overview is', async () => {
    padding = 'x'.repeat(2 * MAX_UNREAD_BYTES);
    const reading = await watch();
    for (let second = 1; second <= 3; second++) {
      await reading.first(second, 'overview');
      await time.advance(1000);
    }
    await reading.first(4, 'overview');
    expect(streams.size).toBe(1);
  });

  it('have room for so many and no more, until one leaves', async () => {
    const viewers = await Promise.all(Array.from({ length: MAX_STREAMS }, () => watch()));
    expect(() => streams.checkRoom()).toThrow(expect.objectContaining({ code: 'TOO_MANY_STREAMS' }));
    viewers[0]!.close();
    await until(() => streams.size === MAX_STREAMS - 1);
    expect(() => streams.checkRoom()).not.toThrow();
  });

  it('end together, one with unread bytes too, and take no more', async () => {
    const viewer = await watch();
    await stuckViewer(address);
    await until(() => streams.size === 2);
    padding = 'x'.repeat(MAX_UNREAD_BYTES / 4);
    while (responses[1]!.writableLength === 0) await time.advance(1000);
    streams.close();
    await until(() => viewer.ended !== null);
    expect(viewer.ended).toBe('end');
    expect(responses[1]!.destroyed).toBe(true);
    expect(time.pending).toBe(0);
    const late = await watch();
    await until(() => late.ended === 'end');
    expect(late.messages).toEqual([]);
  });

  it('end when there is nothing to show, and the gateway goes on', async () => {
    const viewer = await watch();
    await viewer.first(1, 'overview');
    failing = true;
    await time.advance(1000);
    await until(() => viewer.ended === 'end');
    expect(errors).toMatchObject([{ message: 'of the overview' }]);
    failing = false;
    await (await watch()).first(1, 'overview');
  });
});

/** A client that asks and never reads. */
async function stuckViewer({ host, port }: Address): Promise<Socket> {
  const socket = connect(port, host);
  socket.pause();
  socket.on('error', () => {});
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  return socket;
}
