import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ExchangeRecorder } from '../../../src/observe/exchange-recorder.ts';
import { GatewayMetrics } from '../../../src/observe/metrics.ts';
import { breakerSnapshot } from '../../helpers/breaker-snapshot.ts';
import { eventually } from '../../helpers/eventually.ts';
import { exchangeRecord } from '../../helpers/exchange-record.ts';
import { freePort } from '../../helpers/free-port.ts';
import { requires } from '../../helpers/requires.ts';
import { startProcess } from '../../helpers/start-process.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const MINUTE = 60_000;
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const PATH = '/"\\\n/ü/*';

/** Metrics with a series of each kind, served as the admin API does. */
async function serveMetrics() {
  const routes = [{ path: PATH, upstream: 'auth' }];
  const recorder = new ExchangeRecorder({ routes, upstreams: ['auth'], exemplars: true });
  recorder.finished(
    exchangeRecord({ route: PATH, durationMs: 700, traceId: TRACE_ID, traceSampled: true, attempts: 2 }),
  );
  recorder.answered({ name: 'auth' }, 650);
  const observing = breakerSnapshot('auth', { mode: 'observe', wouldBe: 'OPEN', wouldOpens: 3 });
  const metrics = new GatewayMetrics({
    routes,
    recorder,
    breakers: () => [{ snapshot: () => observing }],
    upstreams: () => [{ name: 'auth', targets: [], bulkhead: null }],
  });
  const types = new Set<string>();
  const server = createServer((request, response) => {
    metrics.expose(request.headers.accept).then(({ contentType, body }) => {
      types.add(contentType);
      response.writeHead(200, { 'Content-Type': contentType }).end(body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    types,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function startPrometheus(target: string, folder: string) {
  const port = await freePort();
  const config = `${folder}/prometheus.yml`;
  await writeFile(
    config,
    `global: { scrape_interval: 1s }
scrape_configs: [{ job_name: gateway, static_configs: [{ targets: ['${target}'] }] }]
`,
  );
  const child = await startProcess({
    name: 'prometheus',
    command: 'prometheus',
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=exemplar-storage',
      '--log.format=json',
    ],
    env: { PATH: process.env.PATH },
    readyWhen: ({ msg }) => msg.startsWith('Server is ready'),
    readyTimeoutMs: MINUTE,
  });
  // biome-ignore lint/suspicious/noExplicitAny: a test says with its assertions what it expects of the shape
  const ask = async (path: string): Promise<any> => {
    const url = `http://127.0.0.1:${port}/api/v1/${path}`;
    const answer = await fetch(url, { headers: { connection: 'close' } });
    return ((await answer.json()) as { data: unknown }).data;
  };
  return { ask, [Symbol.asyncDispose]: () => child.kill('SIGKILL').then(() => {}) };
}

describe.skipIf(!requires('prometheus').available)('a real Prometheus', () => {
  it('scrapes OpenMetrics by itself, finds nothing to complain of, and keeps the exemplars', {
    timeout: 2 * MINUTE,
  }, async () => {
    await using folder = await temporaryFolder();
    await using gateway = await serveMetrics();
    await using prometheus = await startPrometheus(gateway.target, folder.path);
    const value = async (query: string): Promise<string | undefined> => {
      const { result } = await prometheus.ask(`query?query=${encodeURIComponent(query)}`);
      return result[0]?.value[1];
    };
    await eventually(async () => {
      const { activeTargets } = await prometheus.ask('targets');
      expect(activeTargets).toMatchObject([{ health: 'up', lastError: '' }]);
    }, MINUTE);
    expect([...gateway.types]).toEqual(['application/openmetrics-text; version=1.0.0; charset=utf-8']);
    const route = JSON.stringify(PATH);
    expect(await value(`gateway_requests_total{route=${route}}`)).toBe('1');
    expect(await value(`gateway_retries_total{route=${route}}`)).toBe('1');
    expect(await value('circuit_breaker_would_open')).toBe('1');
    expect(await value('circuit_breaker_would_open_total')).toBe('3');
    expect(await value('gateway_upstream_duration_seconds_bucket{le="1.0"}')).toBe('1');
    expect(await value('histogram_quantile(1, gateway_request_duration_seconds_bucket)')).toBe('1');
    const span = `start=${Date.now() / 1000 - 600}&end=${Date.now() / 1000 + 60}`;
    const exemplars = await prometheus.ask(
      `query_exemplars?query=gateway_request_duration_seconds_bucket&${span}`,
    );
    expect(exemplars).toMatchObject([
      {
        seriesLabels: { route: PATH, le: '1.0', upstream: 'auth', method: 'GET', status_class: '2xx' },
        exemplars: [{ labels: { trace_id: TRACE_ID }, value: '0.7' }],
      },
    ]);
  });
});
