import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { freePort } from '../../helpers/free-port.ts';
import { answerWith, get } from '../../helpers/gateway-path.ts';
import { OtlpReceiver } from '../../helpers/otlp-receiver.ts';
import { openSockets, watchTimers } from '../../helpers/process-resources.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { itInOneThread, TEST_WORKERS } from '../../helpers/test-gateway.ts';
import { PolicyPath } from '../policies/policy-path.ts';
import { TracedPath } from './traced-path.ts';

const answering = () => RawUpstream.answering(answerWith('fine'));
const NEVER = 'sample: 100%, export: { interval: 1m }';

const lossesOf = ({ path }: TracedPath) =>
  path.gateway.logLines.filter(({ event }) => event === 'spans_lost');

async function ask(traced: TracedPath, times: number): Promise<void> {
  const client = await traced.path.connect();
  for (let nth = 0; nth < times; nth++) expect((await client.ask(get('/a?key=hush'))).status).toBe(200);
  client.destroy();
}

// The first here: what the tests before it close may take its time.
itInOneThread.each([
  ['answers', null],
  ['hangs', () => {}],
  [
    'answers 503',
    (response: { writeHead(status: number): { end(): void } }) => response.writeHead(503).end(),
  ],
])('a gateway that has stopped leaves nothing behind when its collector %s', async (_, behaviour) => {
  const before = openSockets();
  using timers = watchTimers();
  const api = await answering();
  const receiver = await OtlpReceiver.start();
  receiver.behaviour = behaviour;
  const { path } = await TracedPath.start({ api }, {}, receiver);
  for (let nth = 0; nth < 3; nth++) expect((await path.ask(get())).status).toBe(200);
  await eventually(() => expect(receiver.requests.length).toBeGreaterThan(0));
  await path[Symbol.asyncDispose]();
  await api.close();
  await receiver.close();
  await eventually(() => expect([openSockets(), timers.running()]).toEqual([before, []]));
});

describe('a collector', () => {
  it('gets the fields and the path that are configured', async () => {
    await using api = await answering();
    await using receiver = await OtlpReceiver.start();
    const tracing =
      "sample: 100%, service_name: edge, headers: { X-Api-Key: 's3cret', content-type: text/plain }";
    await using traced = await TracedPath.start({ api }, { tracing }, receiver);
    const { server } = await traced.trace(1);
    expect(server.resource).toMatchObject({ 'service.name': 'edge' });
    expect(receiver.requests[0]).toMatchObject({ url: '/v1/traces', headers: { 'x-api-key': 's3cret' } });
    expect(receiver.complaints).toEqual([]);
  });

  it('gets what is left when the gateway stops', async () => {
    await using api = await answering();
    await using traced = await TracedPath.start({ api }, { tracing: NEVER });
    await ask(traced, 5);
    expect(traced.receiver.spans).toEqual([]);
    await traced.path.gateway.stop();
    expect(traced.receiver.spans).toHaveLength(10);
    expect(lossesOf(traced)).toEqual([]);
  });

  it('gets a batch as soon as it is full, and no larger one', async () => {
    await using api = await answering();
    const tracing = 'sample: 100%, export: { interval: 1m, batch: 10 }';
    await using traced = await TracedPath.start({ api }, { tracing });
    await ask(traced, 5 * TEST_WORKERS);
    await eventually(() => expect(traced.receiver.requests.length).toBeGreaterThan(0));
    for (const { spans } of traced.receiver.requests) expect(spans).toBe(10);
  });

  it('that is busy gets them again, and none twice', async () => {
    await using api = await answering();
    await using traced = await TracedPath.start({ api });
    let refused = 0;
    traced.receiver.behaviour = (response) => {
      refused++;
      traced.receiver.behaviour = null;
      response.writeHead(503, { 'Retry-After': '0' }).end();
    };
    const { server } = await traced.trace(1);
    expect(refused).toBe(1);
    expect(traced.receiver.spans.filter(({ spanId }) => spanId === server.spanId)).toHaveLength(1);
    expect(lossesOf(traced)).toEqual([]);
  });

  it.each([
    ['answers 503', 503],
    ['answers 400', 400],
  ])('that %s costs spans and nothing else, and the log says so once', async (_, status) => {
    await using api = await answering();
    const tracing = 'sample: 100%, export: { interval: 10ms, batch: 1, queue: 4, timeout: 5s }';
    await using traced = await TracedPath.start({ api }, { tracing });
    traced.receiver.behaviour = (response) => response.writeHead(status).end('s3cret words of the collector');
    await ask(traced, 30);
    await eventually(() => expect(lossesOf(traced).length).toBeGreaterThanOrEqual(1));
    await traced.path.gateway.stop();
    const losses = lossesOf(traced);
    // The first one, and the rest at the end; of each thread.
    expect(losses.length).toBeLessThanOrEqual(2 * TEST_WORKERS);
    const told = losses.reduce((sum, { lost, dropped }) => sum + Number(lost) + Number(dropped), 0);
    expect(told).toBe(60);
    expect(losses.map(({ reason }) => reason)).toContain(`the collector answered ${status}`);
    expect(JSON.stringify(traced.path.gateway.logLines)).not.toMatch(/s3cret|hush/);
  });

  it('that is not there costs spans and nothing else', async () => {
    await using api = await answering();
    await using receiver = await OtlpReceiver.start();
    const tracing = 'sample: 100%, export: { interval: 10ms, timeout: 1s }';
    await using traced = await TracedPath.start({ api }, { tracing }, receiver);
    await receiver.close();
    await ask(traced, 10);
    await eventually(() => {
      expect(lossesOf(traced)[0]).toMatchObject({
        level: 'warn',
        endpoint:
          receiver === undefined ? '' : expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1\/traces$/),
        reason: 'the collector cannot be reached: ECONNREFUSED',
      });
    });
  });

  it('that comes back gets what happens from then on', async () => {
    await using api = await answering();
    const port = await freePort();
    const tracing = `sample: 100%, export: { interval: 10ms, timeout: 1s }`;
    await using path = await PolicyPath.start(
      { api },
      { top: `tracing: { endpoint: 'http://127.0.0.1:${port}', ${tracing} }` },
    );
    await path.ask(get());
    await using receiver = await OtlpReceiver.start(port);
    await eventually(async () => {
      await path.ask(get());
      expect(receiver.spans.length).toBeGreaterThan(0);
    });
  });

  it('that hangs holds up neither requests nor, for its whole minute, the end', async () => {
    await using api = await answering();
    const held = createServer();
    await new Promise<void>((resolve) => held.listen(0, '127.0.0.1', resolve));
    const { port } = held.address() as { port: number };
    const tracing = 'sample: 100%, export: { interval: 10ms, batch: 10, queue: 50, timeout: 1m }';
    const path = await PolicyPath.start(
      { api },
      { top: `tracing: { endpoint: 'http://127.0.0.1:${port}', ${tracing} }` },
    );
    const client = await path.connect();
    for (let nth = 0; nth < 200; nth++) expect((await client.ask(get())).status).toBe(200);
    await path[Symbol.asyncDispose]();
    const lines = path.gateway.logLines.filter(({ event }) => event === 'spans_lost');
    expect(lines.reduce((sum, { lost, dropped }) => sum + Number(lost) + Number(dropped), 0)).toBe(400);
    expect(lines.some(({ dropped }) => Number(dropped) > 0)).toBe(true);
    held.close();
  });

  it('that takes a part only is believed', async () => {
    await using api = await answering();
    await using traced = await TracedPath.start({ api }, { tracing: NEVER });
    traced.receiver.behaviour = (response) => response.end('{"partialSuccess":{"rejectedSpans":"1"}}');
    await ask(traced, 1);
    await traced.path.gateway.stop();
    expect(lossesOf(traced)).toMatchObject([{ lost: 1, reason: 'the collector did not take them' }]);
  });
});

describe('two workers', () => {
  it('both send their spans, and all that is left when they stop', async () => {
    await using api = await answering();
    await using receiver = await OtlpReceiver.start();
    await using traced = await TracedPath.start({ api }, { server: 'workers: 2', tracing: NEVER }, receiver);
    const clients = await Promise.all(Array.from({ length: 40 }, () => traced.path.connect()));
    for (const client of clients) await client.ask(get());
    await traced.path.gateway.stop();
    expect(receiver.spans).toHaveLength(80);
    expect(receiver.requests.length).toBeGreaterThanOrEqual(2);
  }, 60_000);
});
