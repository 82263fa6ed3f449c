import { describe, expect, it } from 'vitest';
import { GatewayMetrics } from '../../../src/observe/metrics.ts';
import { breakerSnapshot } from '../../helpers/breaker-snapshot.ts';
import { exchangeRecord } from '../../helpers/exchange-record.ts';
import { OPEN_METRICS, openMetricsMistakes } from '../../helpers/open-metrics.ts';

/** Every character that has to be escaped. */
const ROUTES = [
  { path: '/auth/*', upstream: 'auth' },
  { path: '/"\\\n/ü', upstream: 'auth' },
];

function gatewayMetrics(): GatewayMetrics {
  const observing = { mode: 'observe', wouldBe: 'OPEN', wouldOpens: 3 } as const;
  const metrics = new GatewayMetrics({
    routes: ROUTES,
    breakers: () => [{ snapshot: () => breakerSnapshot('auth', observing) }],
    upstreams: () => [{ name: 'auth', targets: [], bulkhead: null }],
  });
  for (const { path, upstream } of ROUTES) {
    metrics.recorder.finished(exchangeRecord({ route: path, upstream, durationMs: 700 }));
  }
  metrics.recorder.answered({ name: 'auth' }, 3);
  return metrics;
}

describe('OpenMetrics', () => {
  it('breaks no rule of its grammar', async () => {
    const { body, contentType } = await gatewayMetrics().expose(OPEN_METRICS);
    expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(openMetricsMistakes(body)).toEqual([]);
  });

  it('has the same series under the same names as the text format, but for how whole bounds are written', async () => {
    const metrics = gatewayMetrics();
    const series = (body: string) =>
      body
        .split('\n')
        .filter((line) => /^(gateway|circuit_breaker)_/.test(line))
        .map((line) => line.replace(/ \S+$/, '').replace(/le="(\d+)\.0"/, 'le="$1"'));
    const open = series((await metrics.expose(OPEN_METRICS)).body);
    expect(open).toEqual(series((await metrics.expose()).body));
    expect(open.length).toBeGreaterThan(80);
  });

  it('leaves the text format as it is, though both are asked for at once', async () => {
    const metrics = gatewayMetrics();
    const text = async () =>
      (await metrics.expose()).body.split('\n').filter((line) => line.startsWith('# TYPE'));
    const before = await text();
    const [, during] = await Promise.all([
      metrics.expose(OPEN_METRICS),
      text(),
      metrics.expose(OPEN_METRICS),
    ]);
    expect(during).toEqual(before);
    expect(await text()).toEqual(before);
    expect(before).toContain('# TYPE gateway_requests_total counter');
  });

  it('writes whole bounds of buckets with a fraction', async () => {
    const { body } = await gatewayMetrics().expose(OPEN_METRICS);
    const bounds = [...body.matchAll(/^gateway_upstream_duration_seconds_bucket\{le="([^"]+)"/gm)].map(
      ([, le]) => le,
    );
    expect(bounds).toEqual([
      ...['0.001', '0.0025', '0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5'],
      ...['1.0', '2.5', '5.0', '10.0', '30.0', '+Inf'],
    ]);
  });

  it('has no counter whose name is that of a gauge', async () => {
    const { body } = await gatewayMetrics().expose(OPEN_METRICS);
    expect(body).toContain('# TYPE circuit_breaker_would_open gauge\n');
    expect(body).toContain('# TYPE circuit_breaker_would_open_total unknown\n');
    expect(body).toContain('\ncircuit_breaker_would_open_total{service="auth"} 3\n');
  });
});
