import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { answerWith, get } from '../../helpers/gateway-path.ts';
import { RawClient } from '../../helpers/raw-client.ts';
import { startTestUpstream } from '../../helpers/test-gateway.ts';
import { until } from '../../helpers/until.ts';
import { handling } from '../policies/policy-path.ts';
import { CrewPath } from './crew-path.ts';

/** Answers `/well` at once; leaves everything else waiting. */
const waiting = () =>
  handling((connection, { target }) => {
    if (target === '/well') connection.send(answerWith('well'));
  });

const route = '{ path: /*, upstream: api }';

/** What an uncaught exception in it looks like from outside: an order that it does not know. */
function misorder(path: CrewPath, worker: number): void {
  const handle = path.crew.workers[worker - 1];
  (handle as unknown as { send(message: object): void }).send({ type: 'dance' });
}

describe('a worker that dies', () => {
  it('is replaced, told of once with its cause, and the requests of the other go on', async () => {
    await using api = await waiting();
    await using path = await CrewPath.start([`api: { targets: ['${api.url}'] }`], [route]);
    const [one, two] = [await path.connect(1), await path.connect(2)];
    two.send(get('/hold'));
    const held = await api.connection();
    await held.waitFor('/hold');
    misorder(path, 1);
    await one.closed();
    await eventually(() => expect(path.lines('worker_replaced')).toHaveLength(1));
    expect(path.lines('worker_died')).toMatchObject([
      { worker: 1, level: 'error', replaced_in_ms: 0, msg: expect.stringContaining('"dance"') },
    ]);
    held.send(answerWith('kept'));
    expect((await two.response()).body.toString()).toBe('kept');
    expect((await two.ask(get('/well'))).body.toString()).toBe('well');
    expect((await (await path.connect(1)).ask(get('/well'))).body.toString()).toBe('well');
  });

  it('gives its slots and its place among the calls under way back, each once', async () => {
    await using api = await waiting();
    await using path = await CrewPath.start(
      [`api: { targets: ['${api.url}'], bulkhead: { max_concurrent: 2, queue: 1, queue_timeout: 30s } }`],
      [route],
    );
    const [one, two, third] = [await path.connect(1), await path.connect(2), await path.connect(2)];
    one.send(get('/hold'));
    two.send(get('/hold'));
    await eventually(async () => expect(await inUse(path)).toMatchObject({ in_use: 2 }));
    third.send(get('/well'));
    await eventually(async () => expect(await inUse(path)).toMatchObject({ in_use: 2, queued: 1 }));
    await path.crew.workers[0]!.terminate();
    expect((await third.response()).body.toString()).toBe('well');
    await eventually(async () => expect(await inUse(path)).toMatchObject({ in_use: 1, queued: 0 }));
    two.destroy();
    await eventually(async () => expect(await inUse(path)).toMatchObject({ in_use: 0, queued: 0 }));
  });

  it('gives the half-open probes that it had back, so that the other may send one', async () => {
    await using api = await waiting();
    await using path = await CrewPath.start(
      [
        `api: { targets: ['${api.url}'], circuit_breaker: { failure_threshold: 1, half_open_requests: 1, half_open_timeout: 10m, success_threshold: 1, open_timeout: 1ms } }`,
      ],
      [route],
    );
    const [one, two] = [await path.connect(1), await path.connect(2)];
    await path.admin('/breakers/api/open', 'POST');
    await path.admin('/breakers/api/release', 'POST');
    one.send(get('/hold'));
    await eventually(async () => expect((await path.admin('/breakers/api')).half_open_in_flight).toBe(1));
    expect((await two.ask(get('/well'))).status).toBe(503);
    await path.crew.workers[0]!.terminate();
    await eventually(async () => expect((await path.admin('/breakers/api')).half_open_in_flight).toBe(0));
    expect((await two.ask(get('/well'))).body.toString()).toBe('well');
  });

  it('in the middle of traffic leaves nothing taken, counted or open behind, and no other answer is wrong', async () => {
    await using api = await startTestUpstream((_, response) => setTimeout(() => response.end('well'), 5));
    await using path = await CrewPath.start(
      [`api: { targets: ['${api.url}'], bulkhead: { max_concurrent: 4, queue: 100, queue_timeout: 30s } }`],
      ['{ path: /*, upstream: api, retry: { attempts: 2, budget: 50% } }'],
    );
    let over = false;
    const wrong: unknown[] = [];
    let right = 0;
    const client = async () => {
      while (!over) {
        const asking = await RawClient.connect(path.gateway.address.port).catch(() => null);
        // Its connection may be that of a dying worker; what it is answered must be the answer.
        const answer = await asking?.ask(get('/')).catch(() => null);
        asking?.destroy();
        if (answer?.status === 200 && answer.body.toString() === 'well') right++;
        else if (answer != null) wrong.push([answer.status, answer.body.toString()]);
      }
    };
    const clients = Array.from({ length: 12 }, client);
    for (const [nth, worker] of [1, 2, 1, 2].entries()) {
      const before = right;
      await until(() => right > before + 50);
      await path.crew.workers[worker - 1]!.terminate();
      await eventually(() => expect(path.lines('worker_replaced')).toHaveLength(nth + 1), 30_000);
    }
    const before = right;
    await until(() => right > before + 50);
    over = true;
    await Promise.all(clients);
    expect(wrong).toEqual([]);
    await eventually(async () => {
      expect(await inUse(path)).toMatchObject({ in_use: 0, queued: 0 });
      expect(await inFlight(path)).toBe(0);
    });
    const { totals } = await path.admin('/breakers/api');
    // But what one had answered and not yet counted when it died, one for each slot at most.
    expect(totals.successes).toBeGreaterThanOrEqual(right - 4 * 4);
  });

  it('takes its connections with it, and no more of them are counted', async () => {
    await using api = await waiting();
    await using path = await CrewPath.start([`api: { targets: ['${api.url}'] }`], [route]);
    const one = await path.connect(1);
    one.send(get('/hold'));
    await eventually(async () => expect(await inFlight(path)).toBe(1));
    await path.crew.workers[0]!.terminate();
    await one.closed();
    await eventually(async () => expect(await inFlight(path)).toBe(0));
  });
});

async function inUse(path: CrewPath): Promise<unknown> {
  return (await path.admin('/health')).data.api.bulkhead;
}

async function inFlight(path: CrewPath): Promise<number> {
  return (await path.admin('/health')).data.api.targets[0].in_flight;
}
