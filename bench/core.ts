import { cpus } from 'node:os';
import { makeCases, stateBytes } from './cases.ts';
import { type Effort, type Measured, measure, ratio } from './measure.ts';

/**
 * The circuit breaker beside opossum and cockatiel, in one run: npm run bench:core [-- --json] [-- --quick].
 * bench/README.md says how to read it.
 */

interface Target {
  readonly what: string;
  readonly value: number;
  readonly unit: '×' | 'bytes';
  readonly target: string;
  readonly met: boolean;
}

const asJson = process.argv.includes('--json');
const effort: Effort = process.argv.includes('--quick')
  ? { rounds: 3, roundMs: 5 }
  : { rounds: 25, roundMs: 60 };

const cases = await makeCases();
const { close, ...named } = cases;
const names = Object.keys(named) as (keyof typeof named)[];
const results = await measure(Object.values(named), effort);
close();
const of = (name: keyof typeof named): Measured => results[names.indexOf(name)] as Measured;

const atLeast = (what: string, value: number, min: number): Target => ({
  what,
  value,
  unit: '×',
  target: `≥ ${min}`,
  met: value >= min,
});
const atMost = (what: string, value: number, max: number, unit: Target['unit']): Target => ({
  what,
  value,
  unit,
  target: `≤ ${max}`,
  met: value <= max,
});

const targets: readonly Target[] = [
  atLeast('acquire + settle cheaper than cockatiel execute', ratio(of('closed'), of('cockatiel')), 10),
  atLeast('acquire + settle cheaper than opossum fire', ratio(of('closed'), of('opossum')), 15),
  atLeast('execute cheaper than cockatiel execute', ratio(of('execute'), of('cockatiel')), 2),
  atLeast(
    'refusal without an Error cheaper than cockatiel’s',
    ratio(of('refusal'), of('cockatielRefusal')),
    10,
  ),
  atLeast('refusal without an Error cheaper than opossum’s', ratio(of('refusal'), of('opossumRefusal')), 10),
  atMost('shared memory dearer than private', ratio(of('closed'), of('closedShared')), 3, '×'),
  // Under half a byte per call is the noise of asking.
  atMost('allocated by acquire + settle, per call', Math.round(of('closed').bytes), 0, 'bytes'),
  atMost('allocated by acquire + settle, shared, per call', Math.round(of('closedShared').bytes), 0, 'bytes'),
  atMost('allocated by acquire + settle, timed, per call', Math.round(of('timed').bytes), 0, 'bytes'),
  atMost('state of a breaker with ten buckets', stateBytes(), 256, 'bytes'),
];

const machine = {
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  node: process.version,
  v8: process.versions.v8,
};

if (asJson) {
  const measured = results.map(({ name, ns, bytes }) => ({ name, ns, bytes }));
  console.log(JSON.stringify({ machine, effort, measured, targets }, null, 2));
} else {
  console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node} (V8 ${machine.v8})\n`);
  table(
    ['call', 'ns', 'bytes allocated'],
    results.map(({ name, ns, bytes }) => [name, ns.toFixed(1), String(Math.round(bytes))]),
  );
  console.log('');
  table(
    ['target', 'measured', 'wanted', ''],
    targets.map(({ what, value, unit, target, met }) => [
      what,
      `${unit === '×' ? value.toFixed(1) : value} ${unit}`,
      target,
      met ? 'met' : 'MISSED',
    ]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  console.log(line(head));
  console.log(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);
  for (const row of rows) console.log(line(row));
}
