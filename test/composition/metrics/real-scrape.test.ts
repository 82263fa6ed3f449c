import { readFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { answerWith, get } from '../../helpers/gateway-path.ts';
import { OPEN_METRICS, openMetricsMistakes } from '../../helpers/open-metrics.ts';
import { RawClient } from '../../helpers/raw-client.ts';
import { startTestGateway, type TestGateway } from '../../helpers/test-gateway.ts';
import { handling } from '../policies/policy-path.ts';
import { CrewPath } from '../workers/crew-path.ts';

vi.setConfig({ testTimeout: 60_000 });

const MANUAL = new URL('../../../docs/observability.md', import.meta.url);

async function scrape(gateway: TestGateway, accept = 'text/plain'): Promise<string> {
  return (await fetch(`${gateway.adminUrl}/metrics`, { headers: { accept, connection: 'close' } })).text();
}

/** The lines of a metric, without those that are 0, as `{labels} value`. */
function seriesOf(text: string, name: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && !line.endsWith(' 0'))
    .map((line) => line.slice(name.length));
}

/** Name, type and labels of each metric in the tables of the manual. */
async function documented(): Promise<string[]> {
  const manual = await readFile(MANUAL, 'utf8');
  const rows = manual.matchAll(/^\| `([a-z_0-9]+)` \| (gauge|counter|histogram) \|([^|]*)\|/gm);
  let above = '';
  return [...rows].map(([, name, type, labels = '']) => {
    const own = [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).join(',');
    if (labels.trim() !== 'as above') above = own;
    return `${name} ${type} ${above}`;
  });
}

/** The same of a scrape; labels of the first series of each. */
function scraped(text: string): string[] {
  return [...text.matchAll(/^# TYPE ((?:gateway|circuit_breaker)_\S+) (\w+)$/gm)].map(([, name, type]) => {
    const first = new RegExp(`^${name}(?:_bucket)?(?:\\{(.*)\\})? [^ ]+$`, 'm').exec(text);
    if (first === null) return `${name} has no series`;
    const labels = [...(first[1] ?? '').matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)].map(([, label]) => label);
    return `${name} ${type} ${labels.filter((label) => label !== 'le').join(',')}`;
  });
}

describe('a real scrape', () => {
  it('has every metric of the manual, with its type and labels, and no other', async () => {
    await using api = await handling((connection, { target }) => {
      const fields = ['Cache-Control: max-age=60'];
      connection.send(target === '/bad' ? answerWith('', [], '500 Bad') : answerWith('well', fields));
    });
    await using path = await CrewPath.start(
      [
        `api: { targets: ['${api.url}'], bulkhead: { max_concurrent: 9 } }`,
        `trial: { targets: ['${api.url}'], circuit_breaker: { mode: observe } }`,
      ],
      [
        '{ path: /*, upstream: api, cache: {} }',
        '{ path: /bad, upstream: api, retry: { attempts: 2, on: [status], statuses: [500] }, fallback: [{ static: { status: 200 } }] }',
      ],
    );
    const client = await RawClient.connect(path.gateway.address.port);
    await client.ask(get('/well'));
    await client.ask(get('/bad'));
    await eventually(async () => {
      const text = await scrape(path.gateway);
      expect(scraped(text).sort()).toEqual((await documented()).sort());
    });
    client.destroy();
    const open = await scrape(path.gateway, OPEN_METRICS);
    expect(openMetricsMistakes(open)).toEqual([]);
  });
});

describe.each([true, false])('the errors of the gateway itself (fast lane: %s)', (fastLane) => {
  it('are counted once each if the client was told, whoever refused it, and only then', async () => {
    await using api = await handling((connection, { target }) => {
      if (target === '/cut') {
        connection.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
        connection.end();
      } else connection.send(answerWith('', [], '500 Bad'));
    });
    await using gateway = await startTestGateway(
      `server: { listen: 127.0.0.1:0, fast_lane: ${fastLane}, max_header_size: 1KiB }
upstreams:
  api: { targets: ['${api.url}'], circuit_breaker: { failure_threshold: 2 } }
  down: { targets: ['http://127.0.0.1:1'], circuit_breaker: { failure_threshold: 2 } }
routes:
  - { path: /cut, upstream: api }
  - { path: /kept/*, upstream: down, fallback: [{ static: { status: 503 } }] }
  - { path: /down/*, upstream: down, methods: [GET] }
`,
      { admin: true },
    );
    const ask = async (bytes: string): Promise<number> => {
      const client = await RawClient.connect(gateway.address.port);
      const { status } = await client.ask(bytes);
      client.destroy();
      return status;
    };
    expect(await ask('GET / HTTP/1.1\r\nHost : a\r\n\r\n')).toBe(400);
    expect(await ask(get('/x', [`X-Large: ${'x'.repeat(2000)}`]))).toBe(431);
    expect(await ask('GET / HTTP/3.0\r\nHost: a\r\n\r\n')).toBe(505);
    expect(await ask(get('/nowhere'))).toBe(404);
    expect(await ask('POST /down/ HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n')).toBe(405);
    // Each kept from the client, by an answer of the same status.
    expect(await ask(get('/kept/'))).toBe(503);
    expect(await ask(get('/down/'))).toBe(502);
    expect(await ask(get('/kept/'))).toBe(503);
    for (let nth = 0; nth < 2; nth++) expect(await ask(get('/down/'))).toBe(503);
    const cut = await RawClient.connect(gateway.address.port);
    cut.send(get('/cut'));
    await cut.closed();
    await eventually(async () =>
      expect(seriesOf(await scrape(gateway), 'gateway_refusals_total')).toEqual([
        '{code="BAD_REQUEST"} 1',
        '{code="ROUTE_NOT_FOUND"} 1',
        '{code="METHOD_NOT_ALLOWED"} 1',
        '{code="HEADERS_TOO_LARGE"} 1',
        '{code="UPSTREAM_UNREACHABLE"} 1',
        '{code="CIRCUIT_BREAKER_OPEN"} 2',
        '{code="HTTP_VERSION_NOT_SUPPORTED"} 1',
      ]),
    );
    expect(seriesOf(await scrape(gateway), 'gateway_upstream_failures_total')).toEqual([
      '{upstream="api",kind="reset"} 1',
      '{upstream="down",kind="connect"} 2',
    ]);
  });
});

describe('what is counted', () => {
  it('is of whoever was asked: attempts of the secondary are its own, with their time', async () => {
    await using second = await handling((connection) => connection.send(answerWith('second')));
    await using first = await handling((connection) => connection.send(answerWith('', [], '503 Bad')));
    await using gateway = await startTestGateway(
      `upstreams:
  first: { targets: ['${first.url}'] }
  second: { targets: ['${second.url}'] }
routes: [{ path: /*, upstream: first, retry: { attempts: 2, on: [status], statuses: [503] }, fallback: [{ upstream: second }] }]
`,
      { admin: true },
    );
    expect(await (await fetch(`${gateway.url}/`, { method: 'PUT', body: 'seven!!' })).text()).toBe('second');
    await eventually(async () => {
      const text = await scrape(gateway);
      expect(seriesOf(text, 'gateway_upstream_duration_seconds_count')).toEqual([
        '{upstream="first"} 2',
        '{upstream="second"} 1',
      ]);
      expect(seriesOf(text, 'gateway_upstream_failures_total')).toEqual([
        '{upstream="first",kind="status"} 2',
      ]);
      expect(seriesOf(text, 'gateway_target_requests_total')).toEqual([
        `{upstream="first",target="${first.url}"} 2`,
        `{upstream="second",target="${second.url}"} 1`,
      ]);
      expect(seriesOf(text, 'gateway_request_body_bytes_total')).toEqual(['{route="/*",upstream="first"} 7']);
      expect(seriesOf(text, 'gateway_response_body_bytes_total')).toEqual([
        '{route="/*",upstream="first"} 6',
      ]);
    });
  });

  it('survives the worker that counted it, and its successor counts on', async () => {
    await using api = await handling((connection) => connection.send(answerWith('', [], '500 Bad')));
    await using path = await CrewPath.start(
      [`api: { targets: ['${api.url}'], circuit_breaker: { failure_threshold: 1000 } }`],
      ['{ path: /*, upstream: api }'],
    );
    const counts = async () => {
      const text = await scrape(path.gateway);
      return [
        ...seriesOf(text, 'gateway_requests_total'),
        ...seriesOf(text, 'gateway_upstream_failures_total'),
        ...seriesOf(text, 'gateway_target_failures_total'),
        ...seriesOf(text, 'gateway_refusals_total'),
      ].filter((line) => /"api"|BAD_REQUEST/.test(line));
    };
    const expected = (times: number) => [
      `{route="/*",upstream="api",method="GET",status_class="5xx"} ${times}`,
      `{upstream="api",kind="status"} ${times}`,
      `{upstream="api",target="${api.url}"} ${times}`,
      `{code="BAD_REQUEST"} ${times}`,
    ];
    for (const worker of [1, 2]) {
      const client = await path.connect(worker);
      expect((await client.ask(get('/'))).status).toBe(500);
      expect((await client.ask('GET / HTTP/1.1\r\nHost : a\r\n\r\n')).status).toBe(400);
    }
    await eventually(async () => expect(await counts()).toEqual(expected(2)));
    await path.crew.workers[0]!.terminate();
    await eventually(() => expect(path.lines('worker_replaced')).toHaveLength(1), 30_000);
    expect(await counts()).toEqual(expected(2));
    const client = await path.connect(1);
    expect((await client.ask(get('/'))).status).toBe(500);
    expect((await client.ask('GET / HTTP/1.1\r\nHost : a\r\n\r\n')).status).toBe(400);
    await eventually(async () => expect(await counts()).toEqual(expected(3)));
  });

  it('of connections is how many are open now', async () => {
    await using api = await handling((connection) => connection.send(answerWith('well')));
    await using gateway = await startTestGateway(
      `upstreams: { api: { targets: ['${api.url}'] } }\nroutes: [{ path: /*, upstream: api }]\n`,
      { admin: true },
    );
    const open = async () => /^gateway_client_connections (\d+)$/m.exec(await scrape(gateway))?.[1];
    const clients = await Promise.all([1, 2, 3].map(() => RawClient.connect(gateway.address.port)));
    for (const client of clients) expect((await client.ask(get('/'))).status).toBe(200);
    expect(await open()).toBe('3');
    clients[0]!.destroy();
    await eventually(async () => expect(await open()).toBe('2'));
    for (const client of clients) client.destroy();
    await eventually(async () => expect(await open()).toBe('0'));
  });
});
