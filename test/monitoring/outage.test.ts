import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { requires } from '../helpers/requires.ts';
import { labelQueries, queries } from './dashboards.ts';
import { OutageStage } from './outage-stage.ts';
import { promtool } from './promtool.ts';
import { alerts, recordings } from './rule-files.ts';
import { selectorsOf } from './selectors-of.ts';
import { type RunningPrometheus, type Series, startPrometheus } from './start-prometheus.ts';
import { SteadyTraffic } from './steady-traffic.ts';

/** What Grafana puts in the place of its variables, as if somebody looked at all of it, right after the outage. */
const VARIABLES: Readonly<Record<string, string>> = {
  job: 'breakwater',
  instance: '.*',
  route: '.*',
  service: '.*',
  upstream: '.*',
  __rate_interval: '12s',
  __range: '5m',
};

/** Zero in an outage that the gateway itself survives. */
const QUIET = /gateway_log_lines_dropped_total/;

const filled = (text: string): string =>
  text.replace(/\$(\w+)/g, (whole, name: string) => VARIABLES[name] ?? whole);

const numbers = (series: readonly Series[]): number[] =>
  series.flatMap(({ values }) => values).filter((value) => Number.isFinite(value));

describe.skipIf(!requires('prometheus').available)('a Prometheus that has watched an outage', () => {
  let stage: OutageStage;
  let prometheus: RunningPrometheus;

  beforeAll(async () => {
    stage = await OutageStage.open();
    const { host } = new URL(stage.gateway.adminUrl);
    prometheus = await startPrometheus(host, stage.gateway.adminToken);
    await until('up{job="breakwater"} == 1');
    // Counters must be seen at zero before they count: the first scrape of a series tells no rate.
    const traffic = new SteadyTraffic(stage.gateway.url);
    try {
      await until('sum(gateway_requests_total{status_class="2xx"}) > 50');
      stage.weather = 'foul';
      await until('max_over_time(circuit_breaker_state{service="auth-service-http"}[1m]) == 2');
      await until('rate(circuit_breaker_rejections_total{service="auth-service-http"}[1m]) > 0');
      await until('rate(circuit_breaker_timeouts_total{service="auth-service-http"}[1m]) > 0');
      await until('sum(rate(gateway_fallbacks_total[1m])) > 0');
      await until('rate(circuit_breaker_would_reject_total{service="watched"}[1m]) > 0');
      stage.weather = 'fair';
      await until('circuit_breaker_state{service="auth-service-http"} == 0');
      await until('increase(gateway_bulkhead_timeouts_total[1m]) > 0');
      await until('max(gateway_bulkhead_queued) > 0');
      // Workers tell of themselves every five seconds.
      await until('count(rate(gateway_worker_event_loop_active_seconds_total[1m]) > 0) == 2');
      await until('sum(rate(nodejs_gc_duration_seconds_sum[1m])) > 0');
    } finally {
      traffic.stop();
    }
  }, 180_000);

  afterAll(async () => {
    await prometheus?.[Symbol.asyncDispose]();
    await stage?.[Symbol.asyncDispose]();
  });

  async function until(expr: string): Promise<void> {
    await eventually(async () => {
      const [found] = await prometheus.now(expr);
      if (found === undefined)
        throw new Error(`not seen: ${expr}\n${(await prometheus.troubles()).join('\n')}`);
    }, 60_000);
  }

  it('could scrape everything and evaluate every rule', async () => {
    // On a busy machine one scrape of many may take too long.
    await eventually(async () => expect(await prometheus.troubles()).toEqual([]));
  });

  it.each(queries.map((query) => [query.where, query] as const))('has values for %s', async (_, query) => {
    const { expr, instant } = query;
    const series = await (instant ? prometheus.now(filled(expr)) : prometheus.sinceStart(filled(expr)));
    const values = numbers(series);
    expect([expr, values.length > 0]).toEqual([expr, true]);
    // An empty query would be a mistake; one that never moves has most likely one too.
    if (!QUIET.test(expr)) expect([expr, values.some((value) => value !== 0)]).toEqual([expr, true]);
  });

  it.each(labelQueries.map((query) => [query.where, query] as const))(
    'has choices for %s',
    async (_, query) => {
      const found = await prometheus.series(filled(query.series));
      expect(found.map((labels) => labels[query.label])).toContainEqual(expect.stringMatching(/./));
    },
  );

  it.each(recordings.map(({ record }) => [record]))('has recorded %s', async (record) => {
    expect(numbers(await prometheus.sinceStart(record))).toContainEqual(expect.any(Number));
  });

  it.each(alerts.map(({ alert, expr }) => [alert, expr]))(
    'has every series that %s looks at',
    async (_, expr) => {
      const selectors = selectorsOf(expr);
      expect(selectors).not.toEqual([]);
      for (const selector of selectors) {
        expect([selector, (await prometheus.series(selector)).length > 0]).toEqual([selector, true]);
      }
    },
  );

  it('has seen the one alert that needs no patience', async () => {
    const [fired] = await prometheus.now('ALERTS{alertname="CircuitBreakerWouldOpen", alertstate="firing"}');
    expect(fired?.labels).toMatchObject({ service: 'watched', severity: 'info', job: 'breakwater' });
  });

  it('got metrics that promtool has nothing to say about', async () => {
    const { adminUrl, adminToken } = stage.gateway;
    const answer = await fetch(`${adminUrl}/metrics`, {
      headers: { authorization: `Bearer ${adminToken}`, connection: 'close' },
    });
    expect(promtool(['check', 'metrics'], await answer.text())).toEqual({ status: 0, output: '' });
  });
});
