import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requires } from '../helpers/requires.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { dashboards } from './dashboards.ts';
import { promtool } from './promtool.ts';

/** What Grafana puts in the place of its variables. */
const VARIABLES: Readonly<Record<string, string>> = {
  job: 'breakwater',
  instance: '.*',
  route: '.*',
  __rate_interval: '4m',
};

function questionOf(title: string): string {
  const panel = dashboards.get('breakwater-overview')?.panels.find((one) => one.title === title);
  return (panel?.targets?.[0]?.expr ?? 'no such panel').replace(
    /\$(\w+)/g,
    (whole, name: string) => VARIABLES[name] ?? whole,
  );
}

interface Scene {
  readonly series: Readonly<Record<string, string>>;
  /** When it is looked at; a sample is taken each minute. */
  readonly at: string;
  readonly value: number;
}

async function holds(title: string, { series, at, value }: Scene) {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'panel.test.yml');
  const input_series = Object.entries(series).map(([name, values]) => ({ series: name, values }));
  const expr = `round(${questionOf(title)}, 0.001)`;
  const promql_expr_test = [{ expr, eval_time: at, exp_samples: [{ labels: '{}', value }] }];
  await writeFile(file, JSON.stringify({ tests: [{ interval: '1m', input_series, promql_expr_test }] }));
  return promtool(['test', 'rules', file]);
}

const requests = (statusClass: string): string =>
  `gateway_requests_total{job="breakwater",instance="a",route="/a/*",status_class="${statusClass}"}`;

describe.skipIf(!requires('prometheus').available)('a panel', () => {
  it.each(['Answered with 5xx', 'Answered by a fallback'])('"%s" says 0 while nobody asks', async (title) => {
    const series = {
      [requests('2xx')]: '0+3x5 15+0x20',
      [requests('5xx')]: '0+3x5 15+0x20',
      'gateway_fallbacks_total{job="breakwater",instance="a",route="/a/*"}': '0+3x5 15+0x20',
    };
    expect(await holds(title, { series, at: '4m', value: 0.5 })).toMatchObject({ status: 0 });
    expect(await holds(title, { series, at: '20m', value: 0 })).toMatchObject({ status: 0 });
  });

  it('"Error budget left, 30 days" weighs a route that is new by what it was asked for', async () => {
    const of = (rate: string, route: string): string =>
      `route:${rate}:rate5m{job="breakwater",route="${route}"}`;
    const series = {
      'slo:gateway_request_errors:ratio': '0.001+0x99',
      [of('gateway_requests', '/old')]: '100+0x99',
      [of('gateway_request_errors', '/old')]: '0+0x99',
      // There for 10 of 100 minutes: 5.5 of 11,000 have failed, half of the 0.1 % that may.
      [of('gateway_requests', '/new')]: '_x90 100+0x9',
      [of('gateway_request_errors', '/new')]: '_x90 0.55+0x9',
    };
    const value = 0.5;
    expect(await holds('Error budget left, 30 days', { series, at: '99m', value })).toMatchObject({
      status: 0,
    });
  });
});
