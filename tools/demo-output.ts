import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** One terminal for several programs: each line carries its program's name, in its colour. */

const colours: Record<string, number> = { gateway: 36, auth: 33, school: 32, student: 35, demo: 1 };
const levels: Record<number, string> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
/** In every line, and of no use to somebody who watches. */
const hidden = new Set(['level', 'time', 'msg', 'pid', 'hostname', 'name', 'service', 'v']);
/** Columns for the name: as long as the longest. */
const nameWidth = 7;

const coloured =
  process.env.NO_COLOR === undefined &&
  (process.stdout.isTTY === true || process.env.FORCE_COLOR !== undefined);

function paint(text: string, colour: number): string {
  return coloured ? `\u001b[${colour}m${text}\u001b[0m` : text;
}

/** A pino line as a person reads it; any other line as it is. */
export function readable(line: string): string {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return line;
  }
  if (typeof entry !== 'object' || entry === null || !('msg' in entry)) return line;
  const record = entry as Record<string, unknown>;
  const level = levels[Number(record.level)] ?? String(record.level ?? '');
  const fields = Object.entries(record)
    .filter(([key]) => !hidden.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const tail = fields.length > 0 ? paint(` ${fields.join(' ')}`, 2) : '';
  return `${level.padEnd(5)} ${String(record.msg)}${tail}`;
}

export function say(name: string, line: string): void {
  process.stdout.write(`${paint(`${name.padEnd(nameWidth)} |`, colours[name] ?? 37)} ${line}\n`);
}

export function follow(name: string, stream: Readable): void {
  createInterface({ input: stream }).on('line', (line) => say(name, readable(line)));
}
