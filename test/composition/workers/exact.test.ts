import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { answerWith, get } from '../../helpers/gateway-path.ts';
import { RawClient } from '../../helpers/raw-client.ts';
import { startTestUpstream } from '../../helpers/test-gateway.ts';
import { until } from '../../helpers/until.ts';
import { handling } from '../policies/policy-path.ts';
import { CrewPath } from './crew-path.ts';

const FAILED = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n';

/** Holds what is asked until it is told to answer, and knows how many it holds. */
async function holding() {
  let now = 0;
  let most = 0;
  let requests = 0;
  const release: (() => void)[] = [];
  const upstream = await startTestUpstream((_, response) => {
    requests++;
    most = Math.max(most, ++now);
    release.push(() => {
      now--;
      response.end('held');
    });
  });
  return Object.assign(upstream, {
    counts: () => ({ now, most, requests }),
    releaseAll: () => {
      for (const one of release.splice(0)) one();
    },
  });
}

describe('two workers have one circuit breaker', () => {
  it('which the fifth failure opens once, whoever saw the first four', async () => {
    await using api = await handling((connection) => connection.send(FAILED));
    await using path = await CrewPath.start(
      [`api: { targets: ['${api.url}'], circuit_breaker: { failure_threshold: 5, open_timeout: 60s } }`],
      ['{ path: /*, upstream: api }'],
    );
    const [one, two] = [await path.connect(1), await path.connect(2)];
    for (const client of [one, two, one, two]) expect((await client.ask(get('/'))).status).toBe(503);
    expect((await path.admin('/breakers/api')).state).toBe('CLOSED');
    expect((await one.ask(get('/'))).status).toBe(503);
    for (const client of [one, two]) {
      const answer = await client.ask(get('/'));
      expect(answer.status).toBe(503);
      expect(answer.json().error?.code).toBe('CIRCUIT_BREAKER_OPEN');
    }
    await eventually(() => expect(path.transitions('api')).toEqual(['CLOSED OPEN']));
    const { transitions, totals } = await path.admin('/breakers/api');
    expect({ transitions, totals }).toMatchObject({
      transitions: 1,
      totals: { failures: 5, rejections: 2 },
    });
    expect(path.transitions('api')).toEqual(['CLOSED OPEN']);
  });

  it('whose half-open probes are counted for both', async () => {
    await using api = await holding();
    await using path = await CrewPath.start(
      [
        `api: { targets: ['${api.url}'], circuit_breaker: { failure_threshold: 1, half_open_requests: 1, success_threshold: 1, open_timeout: 1ms } }`,
      ],
      ['{ path: /*, upstream: api }'],
    );
    const [one, two] = [await path.connect(1), await path.connect(2)];
    await path.admin('/breakers/api/open', 'POST');
    await path.admin('/breakers/api/release', 'POST');
    one.send(get('/'));
    await until(() => api.counts().now === 1);
    expect((await path.admin('/breakers/api')).state).toBe('HALF_OPEN');
    expect((await two.ask(get('/'))).json().error?.code).toBe('CIRCUIT_BREAKER_OPEN');
    expect(api.counts().requests).toBe(1);
    api.releaseAll();
    expect((await one.response()).status).toBe(200);
    await eventually(async () => expect((await path.admin('/breakers/api')).state).toBe('CLOSED'));
  });
});

describe('two workers have one bulkhead', () => {
  it('whose slot that one holds the other waits for, and gets', async () => {
    await using api = await holding();
    await using path = await CrewPath.start(
      [`api: { targets: ['${api.url}'], bulkhead: { max_concurrent: 1, queue: 1, queue_timeout: 30s } }`],
      ['{ path: /*, upstream: api }'],
    );
    const [one, two, third] = [await path.connect(1), await path.connect(2), await path.connect(2)];
    one.send(get('/'));
    await until(() => api.counts().now === 1);
    two.send(get('/'));
    await eventually(async () =>
      expect((await path.admin('/health')).data.api.bulkhead).toMatchObject({ in_use: 1, queued: 1 }),
    );
    expect((await third.ask(get('/'))).json().error?.code).toBe('BULKHEAD_FULL');
    api.releaseAll();
    expect((await one.response()).status).toBe(200);
    await until(() => api.counts().requests === 2);
    api.releaseAll();
    expect((await two.response()).status).toBe(200);
    expect(api.counts().most).toBe(1);
  });

  it('and under load never more requests are at the upstream than it has slots', async () => {
    let now = 0;
    let most = 0;
    await using api = await startTestUpstream((_, response) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now--;
        response.end('done');
      }, 2);
    });
    await using path = await CrewPath.start(
      [`api: { targets: ['${api.url}'], bulkhead: { max_concurrent: 3 } }`],
      ['{ path: /*, upstream: api }'],
    );
    const clients = await Promise.all([1, 2, 1, 2, 1, 2, 1, 2].map((worker) => path.connect(worker)));
    const codes = await Promise.all(clients.map((client) => ask(client, 60)));
    const all = codes.flat();
    expect(new Set(all)).toEqual(new Set([200, 503]));
    expect(most).toBe(3);
    const rejected = all.filter((status) => status === 503).length;
    await eventually(async () =>
      expect((await path.admin('/health')).data.api.bulkhead).toMatchObject({ in_use: 0, rejected }),
    );
  });
});

describe('two workers have one retry budget', () => {
  it('so that of many that fail at once no more try again than it allows', async () => {
    let attempts = 0;
    await using api = await handling((connection) => {
      attempts++;
      connection.send(FAILED);
    });
    await using path = await CrewPath.start(
      [`api: { targets: ['${api.url}'], circuit_breaker: { failure_threshold: 1000 } }`],
      [
        '{ path: /*, upstream: api, retry: { attempts: 2, backoff: { initial: 400ms, jitter: none }, budget: 20% } }',
      ],
    );
    const clients = await Promise.all([1, 2, 1, 2, 1, 2, 1, 2, 1, 2].map((worker) => path.connect(worker)));
    const answers = await Promise.all(clients.map((client) => client.ask(get('/'))));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 503));
    // Three may always; a fifth of ten is less.
    expect(attempts).toBe(13);
    expect(await path.metric('gateway_retries_total{route="/*",upstream="api"}')).toBe(3);
  });
});

describe('two workers have one count of connections', () => {
  it('of which those beyond max_connections are turned away, whoever they are dealt to', async () => {
    await using api = await handling((connection) => connection.send(answerWith('well')));
    await using path = await CrewPath.start(
      [`api: { targets: ['${api.url}'] }`],
      ['{ path: /*, upstream: api }'],
      { server: 'max_connections: 30' },
    );
    const { port } = path.gateway.address;
    const clients = await Promise.all(Array.from({ length: 40 }, () => RawClient.connect(port)));
    const answers = await Promise.all(clients.map((client) => client.ask(get('/'))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(30);
    for (const client of clients) client.destroy();
    await eventually(async () => {
      const answer = await fetch(`${path.gateway.url}/`, { headers: { connection: 'close' } });
      expect(await answer.text()).toBe('well');
    });
  });
});

async function ask(client: RawClient, times: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let nth = 0; nth < times; nth++) statuses.push((await client.ask(get('/'))).status);
  return statuses;
}
