import { readdirSync, readFileSync } from 'node:fs';
import { DASHBOARDS } from './repository.ts';

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly instant?: boolean;
  readonly datasource: { readonly type: string; readonly uid: string };
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly mappings?: readonly unknown[];
      readonly links?: readonly { readonly url: string }[];
    };
  };
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly query: string | { readonly query: string };
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly schemaVersion: number;
  readonly tags: readonly string[];
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr?: string }[] };
  readonly links: readonly { readonly type: string; readonly tags: readonly string[] }[];
}

export interface Query {
  /** Dashboard and panel, for people. */
  readonly where: string;
  readonly expr: string;
  /** Only the last value is shown. */
  readonly instant: boolean;
}

/** By the name of the file, without `.json`. */
export const dashboards: ReadonlyMap<string, Dashboard> = new Map(
  readdirSync(DASHBOARDS)
    .sort()
    .map((name) => [
      name.replace(/\.json$/, ''),
      JSON.parse(readFileSync(`${DASHBOARDS}/${name}`, 'utf8')) as Dashboard,
    ]),
);

/** Everything that the dashboards ask Prometheus to show, as it stands in them. */
export const queries: readonly Query[] = [...dashboards.values()].flatMap(
  ({ title, panels, annotations }) => [
    ...panels.flatMap((panel) =>
      (panel.targets ?? []).map(({ refId, expr, instant = false }) => ({
        where: `${title} / ${panel.title} / ${refId}`,
        expr,
        instant,
      })),
    ),
    ...annotations.list
      .filter(({ expr }) => expr !== undefined)
      .map(({ name, expr = '' }) => ({ where: `${title} / annotation ${name}`, expr, instant: false })),
  ],
);

/** What the variables ask for: `label_values(series, label)`. */
export const labelQueries: readonly {
  readonly where: string;
  readonly series: string;
  readonly label: string;
}[] = [...dashboards.values()].flatMap(({ title, templating }) =>
  templating.list
    .filter(({ type }) => type === 'query')
    .map(({ name, query }) => {
      const text = typeof query === 'string' ? query : query.query;
      const [, series = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(text) ?? [];
      return { where: `${title} / variable ${name}`, series, label };
    }),
);
