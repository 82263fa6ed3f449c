import { median } from '../measure.ts';
import type { Machine } from './machine.ts';
import { QUIET_LOAD } from './machine.ts';
import type { Row, SceneResult } from './row.ts';
import type { Column, Effort, Scene } from './scene.ts';

export interface Report {
  readonly machine: Machine;
  readonly effort: Effort;
  readonly results: readonly SceneResult[];
}

const MIB = 1024 * 1024;

/** What other rows are compared with, by the peer's name. */
const REFERENCES = [
  { name: 'nginx', title: '× nginx' },
  { name: 'http-proxy', title: '× http-proxy' },
];

/** Markdown: a line about the machine, then a table for each scene. */
export function renderReport(report: Report, scenes: readonly Scene[]): string {
  const parts = [renderMachine(report)];
  for (const result of report.results) {
    const scene = scenes.find(({ name }) => name === result.scene);
    if (scene !== undefined) parts.push(renderScene(scene, result));
  }
  return parts.join('\n\n');
}

function renderMachine({ machine, effort }: Report): string {
  const { cpu, cores, kernel, node, wrk, date, load, versions } = machine;
  const peers = Object.entries(versions).flatMap(([name, version]) =>
    version === null ? [] : [`${name} ${version}`],
  );
  const busy =
    load > QUIET_LOAD
      ? ` **The machine was busy with other work (load ${load.toFixed(1)} before the start): these figures show that ` +
        'the benchmark works, and nothing else.**'
      : '';
  return (
    `${date}, ${cpu}, ${cores} cores, Linux ${kernel}, Node ${node}, wrk ${wrk}; ${peers.join(', ')}. ` +
    `Medians of ${effort.rounds} interleaved rounds of ${effort.seconds} s with ${effort.connections} connections, ` +
    `least and most in parentheses.${busy}`
  );
}

export function renderScene(scene: Scene, { rows }: SceneResult): string {
  const [key, ...others] = scene.columns;
  if (key === undefined) throw new Error(`${scene.name} has no columns`);
  const references = REFERENCES.flatMap(({ name, title }) => {
    const row = rows.find(
      ({ subject }) => subject.peer.name === name && subject.variant === scene.variants[0],
    );
    return row === undefined || row.problem !== null ? [] : [{ title, row }];
  });
  const own = scene.variants.length > 1;
  const head = [
    'proxy',
    key.title,
    ...(own ? [`× ${scene.variants[0]}`] : []),
    ...references.map(({ title }) => title),
    ...others.map(({ title }) => title),
    'RSS MiB, peak',
  ];
  const body = rows.map((row) => {
    const name = own ? `${row.subject.peer.title}: ${row.subject.variant}` : row.subject.peer.title;
    if (row.problem !== null)
      return [name, row.problem.replaceAll(/[|\n]/g, ' '), ...head.slice(2).map(() => '')];
    const ownRow = rows.find(
      ({ subject }) => subject.peer === row.subject.peer && subject.variant === scene.variants[0],
    );
    return [
      name,
      cell(row, key),
      ...(own ? [ratio(row, ownRow, key)] : []),
      ...references.map((reference) => ratio(row, reference.row, key)),
      ...others.map((column) => cell(row, column)),
      `${mebibytes(row.rssBytes)}, ${mebibytes(row.peakBytes)}`,
    ];
  });
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = `|-|${'-:|'.repeat(head.length - 1)}`;
  return [`### ${scene.title}`, '', scene.what, '', line(head), rule, ...body.map(line)].join('\n');
}

function valuesOf(row: Row, { key }: Column): number[] {
  return row.samples.map(({ values }) => values[key] ?? Number.NaN);
}

function cell(row: Row, column: Column): string {
  const values = valuesOf(row, column);
  const text = (value: number): string =>
    value.toLocaleString('en', {
      minimumFractionDigits: column.digits,
      maximumFractionDigits: column.digits,
    });
  const middle = text(median(values));
  if (column.spread !== true || values.length < 2) return middle;
  return `${middle} (${text(Math.min(...values))}–${text(Math.max(...values))})`;
}

/** The median of the ratios round by round, in which both ran side by side. */
function ratio(row: Row, reference: Row | undefined, key: Column): string {
  if (reference === undefined || reference.problem !== null) return '–';
  if (reference === row) return '1';
  const others = valuesOf(reference, key);
  return median(valuesOf(row, key).map((value, round) => value / (others[round] ?? Number.NaN))).toFixed(2);
}

function mebibytes(bytes: number | null): string {
  return bytes === null ? '–' : (bytes / MIB).toFixed(0);
}

/** As JSON: what it was measured with, all rounds, nothing rounded. */
export function reportJson({ machine, effort, results }: Report): string {
  const scenes = results.map(({ scene, rows }) => ({
    scene,
    rows: rows.map(({ subject: { peer, variant }, ...rest }) => ({ peer: peer.name, variant, ...rest })),
  }));
  return `${JSON.stringify({ machine, effort, scenes }, null, 2)}\n`;
}
