import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Dashboard, dashboards, labelQueries, type Panel } from './dashboards.ts';
import { repository } from './repository.ts';

const boards = [...dashboards];
const panels = boards.flatMap(([file, { panels }]) => panels.map((panel) => [file, panel] as const));
/** Those that show something. */
const shown = panels.filter(([, { type }]) => type !== 'row');

/** Dashboards that a link within a dashboard leads to. */
const ledTo = (panel: Panel): string[] =>
  (panel.fieldConfig?.defaults.links ?? []).map(({ url }) => /^\/d\/([\w-]+)/.exec(url)?.[1] ?? url);

function overlap(one: Panel['gridPos'], other: Panel['gridPos']): boolean {
  const apart =
    one.x + one.w <= other.x ||
    other.x + other.w <= one.x ||
    one.y + one.h <= other.y ||
    other.y + other.h <= one.y;
  return !apart;
}

describe.each(boards)('dashboard %s', (file, board: Dashboard) => {
  it('is found under the same address after every change: its uid is the name of its file', () => {
    expect(board.uid).toBe(file);
    expect(board.description).not.toBe('');
  });

  it('is of the schema of a current Grafana, and leads to the others', () => {
    expect(board.schemaVersion).toBeGreaterThanOrEqual(41);
    expect(board.tags).toContain('breakwater');
    expect(board.links).toContainEqual(
      expect.objectContaining({
        type: 'dashboards',
        tags: ['breakwater'],
        includeVars: true,
        keepTime: true,
      }),
    );
  });

  it('lets its reader choose the data source, the job and the gateway', () => {
    const [source, job, instance] = board.templating.list;
    expect(source).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
    expect([job?.name, instance?.name]).toEqual(['job', 'instance']);
  });

  it('has panels side by side, none over another, none beyond the edge, each with a number of its own', () => {
    for (const [index, { gridPos, title }] of board.panels.entries()) {
      expect([title, gridPos.x + gridPos.w <= 24]).toEqual([title, true]);
      const over = board.panels.slice(index + 1).filter((other) => overlap(gridPos, other.gridPos));
      expect([title, over.map((other) => other.title)]).toEqual([title, []]);
    }
    expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
  });

  it('uses each of its variables, and no other', () => {
    const names = board.templating.list.map(({ name }) => name);
    const text = JSON.stringify(board.panels);
    const used = new Set([...text.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name));
    const grafana = [...used].filter((name) => name.startsWith('__'));
    expect([...used].filter((name) => !grafana.includes(name)).sort()).toEqual([...names].sort());
  });
});

describe('every panel', () => {
  it.each(shown.map(([file, panel]) => [file, panel.title, panel] as const))(
    '%s / %s has a unit, a description and questions',
    (_, __, { description = '', fieldConfig, targets = [] }) => {
      expect(fieldConfig?.defaults.unit).toMatch(/^\w+$/);
      expect(description).toMatch(/\.$/);
      expect(targets).not.toEqual([]);
      for (const { datasource } of targets) {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
        expect(datasource).toEqual({ type: 'prometheus', uid: '${datasource}' });
      }
    },
  );

  it('says a state in words, not by its colour alone', () => {
    const states = shown.filter(([, { type }]) => type === 'state-timeline');
    expect(states.length).toBeGreaterThanOrEqual(4);
    for (const [, { title, fieldConfig }] of states) {
      expect([title, fieldConfig?.defaults.mappings]).toEqual([
        title,
        [{ type: 'value', options: expect.anything() }],
      ]);
    }
  });

  it('takes its rates over $__rate_interval, so that they hold at every zoom', () => {
    for (const [, { title, targets = [] }] of shown) {
      for (const { expr } of targets) {
        const ranges = [...expr.matchAll(/\b(?:rate|increase)\([^[]*\[([^\]]+)\]/g)].map(
          ([, range]) => range,
        );
        expect([title, ranges.filter((range) => !/^\$__(rate_interval|range)$/.test(range ?? ''))]).toEqual([
          title,
          [],
        ]);
      }
    }
  });

  it('leads, if anywhere, to a dashboard that is there', () => {
    const links = shown.flatMap(([, panel]) => ledTo(panel));
    expect(links).not.toEqual([]);
    for (const uid of links) expect([...dashboards.keys()]).toContain(uid);
  });
});

describe('provisioning', () => {
  const read = (file: string) => parse(readFileSync(`${repository}deploy/${file}`, 'utf8'));

  it('gives the data source the uid that the dashboards begin with, and the interval of the scrapes', () => {
    const [source] = read('grafana/provisioning/datasources/prometheus.yml').datasources;
    for (const [, { templating }] of boards) {
      expect(templating.list[0]).toMatchObject({ current: { value: source.uid } });
    }
    expect(source.jsonData.timeInterval).toBe(read('prometheus/prometheus.yml').global.scrape_interval);
  });

  it('asks the gateways for choices of variables by series and label', () => {
    expect(labelQueries.length).toBeGreaterThan(0);
    for (const { where, series, label } of labelQueries) {
      expect([where, series, label]).toEqual([
        where,
        expect.stringMatching(/^\w+/),
        expect.stringMatching(/^\w+$/),
      ]);
    }
  });
});
