import { describe, expect, it } from 'vitest';
import type { EventList, Overview } from '../../../src/admin/live/live-types.ts';
import type { TransitionEvent } from '../../../src/observe/gateway-event.ts';
import { eventually } from '../../helpers/eventually.ts';
import { get } from '../../helpers/gateway-path.ts';
import { SseClient } from '../../helpers/sse-client.ts';
import { DEAD } from '../policies/policy-path.ts';
import { CrewPath } from '../workers/crew-path.ts';

describe('with two workers', () => {
  it('what one of them brings about is told once, with its causes, and what both count is added up', async () => {
    await using path = await CrewPath.start(
      [`dead: { targets: ['${DEAD}'], circuit_breaker: { failure_threshold: 4 } }`],
      ['{ path: /*, upstream: dead }'],
    );
    const viewer = await SseClient.open(path.gateway.adminAddress!);
    const [one, two] = [await path.connect(1), await path.connect(2)];
    for (const client of [one, two, one, two]) expect((await client.ask(get('/'))).status).toBe(502);
    for (const client of [one, two, two]) expect((await client.ask(get('/'))).status).toBe(503);
    const opened = (await viewer.first(1, 'event'))[0]!.data as TransitionEvent;
    expect(opened).toMatchObject({ type: 'transition', breaker: 'dead', upstream: 'dead', to: 'OPEN' });
    expect(opened.samples.at(-1)).toMatchObject({ upstream: 'dead', kind: 'connect', code: 'ECONNREFUSED' });
    const overview = await eventually(async () => {
      const now: Overview = await path.admin('/overview');
      expect(now.upstreams[1]!.totals).toMatchObject({ requests: 7, classes: { '5xx': 7 }, rejected: 3 });
      return now;
    });
    expect(overview.gateway).toMatchObject({ workers: 2, status: 'degraded' });
    expect(overview.gateway.connections).toBeGreaterThanOrEqual(2);
    expect(overview.upstreams[1]).toMatchObject({ name: 'dead', breaker: { state: 'OPEN' } });
    expect(overview.upstreams[1]!.failures).toHaveLength(4);
    const { events }: EventList = await path.admin('/events');
    expect(events.filter(({ type }) => type === 'transition')).toEqual([opened]);
    viewer.close();
  });

  it('an operator’s doing is told in the order in which it was done', async () => {
    await using path = await CrewPath.start([], ['{ path: /*, upstream: nowhere }']);
    for (const verb of ['open', 'release', 'close']) await path.admin(`/breakers/nowhere/${verb}`, 'POST');
    const { events }: EventList = await path.admin('/events');
    expect(events.filter(({ type }) => type === 'admin')).toMatchObject([
      { action: 'force open nowhere' },
      { action: 'release nowhere' },
      { action: 'force closed nowhere' },
    ]);
  });

  it('the death of one is told, and its successor', async () => {
    await using path = await CrewPath.start([], ['{ path: /*, upstream: nowhere }']);
    await path.crew.workers[0]!.terminate();
    await eventually(async () => {
      const { events }: EventList = await path.admin('/events');
      expect(events).toMatchObject([
        { type: 'gateway', what: 'started', detail: expect.stringContaining('2 workers') },
        { type: 'gateway', what: 'worker_died', detail: expect.stringContaining('worker 1') },
        { type: 'gateway', what: 'worker_replaced', detail: expect.stringContaining('worker 1') },
      ]);
    });
  });

  it('an upstream that always fails floods nobody: a worker passes on five samples of it a second', async () => {
    await using path = await CrewPath.start(
      [`dead: { targets: ['${DEAD}'], circuit_breaker: { mode: disabled } }`],
      ['{ path: /*, upstream: dead }'],
    );
    const client = await path.connect(1);
    const requests = Array.from({ length: 12 }, (_, nth) => get('/', [`X-Request-Id: nth-${nth}`]));
    // In one write: all of them fail within the same second.
    client.send(requests.join(''));
    for (const _ of requests) expect((await client.response()).status).toBe(502);
    const { upstreams }: Overview = await path.admin('/overview');
    expect(upstreams[1]!.targets).toMatchObject([{ failures: 12 }]);
    const ids = upstreams[1]!.failures.map(({ requestId }) => requestId);
    expect(ids).toEqual(['nth-0', 'nth-1', 'nth-2', 'nth-3', 'nth-4']);
  });
});
