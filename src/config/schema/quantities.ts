import { ValueError } from './value-error.ts';

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

export const DURATION_PATTERN = String.raw`^\d+(\.\d+)?(ms|s|m|h)$`;
export const PERCENT_PATTERN = String.raw`^\d+(\.\d+)?%$`;
export const SIZE_PATTERN = String.raw`^\d+(\.\d+)?(B|kB|KB|MB|GB|KiB|MiB|GiB)$`;

/**
 * `250ms`, `1.5s`, `5m`, `1h` as milliseconds.
 * @throws {ValueError}
 */
export function parseDuration(text: string): number {
  return parse(text, MILLISECONDS, 'milliseconds', (bare) => `${bare}s or ${bare}ms`);
}

/**
 * `512B`, `64KiB`, `10MB` as bytes.
 * @throws {ValueError}
 */
export function parseSize(text: string): number {
  return parse(text, BYTES, 'bytes', (bare) => `${bare}B or ${bare}KiB`);
}

/**
 * `50%`, `12.5%` as percent, exact to two decimals.
 * @throws {ValueError}
 */
export function parsePercent(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  if (match === null) throw new ValueError(`"${clip(text)}" is not a number with a percent sign`);
  const [, digits, sign] = match;
  const value = Number(digits);
  if (sign === '') {
    // Whoever writes 0.5 may have meant a share of one.
    const share = value > 0 && value <= 1 ? ` or ${Number((value * 100).toFixed(2))}%` : '';
    throw new ValueError(`${clip(text)} has no percent sign: write ${clip(text)}%${share}`);
  }
  const hundredths = Math.round(value * 100);
  if (Math.abs(value * 100 - hundredths) > 1e-6) {
    throw new ValueError(`${clip(text)} has more than two decimals`);
  }
  return hundredths / 100;
}

function parse(
  text: string,
  units: Readonly<Record<string, number>>,
  smallest: string,
  examples: (bare: string) => string,
): number {
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text);
  if (match === null) throw new ValueError(`"${clip(text)}" is not a number with a unit`);
  const [, digits, unit] = match;
  if (unit === '') throw new ValueError(`${clip(text)} has no unit: write ${examples(clip(text))}`);
  if (!Object.hasOwn(units, unit!)) {
    throw new ValueError(`"${clip(unit!)}" is not one of the units ${Object.keys(units).join(', ')}`);
  }
  const exact = Number(digits) * units[unit!]!;
  const whole = Math.round(exact);
  // 1.1 × 1000 is 1100.0000000000002 in floating point and yet a whole number of milliseconds.
  if (Math.abs(exact - whole) > 1e-6 || !Number.isSafeInteger(whole)) {
    throw new ValueError(`${clip(text)} is not a whole number of ${smallest}`);
  }
  return whole;
}

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** The shortest usual way to write it: `60s`, `5m`, `1h`, `1500ms`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds % 1000 !== 0) return `${milliseconds}ms`;
  const seconds = milliseconds / 1000;
  // Up to two minutes people say seconds.
  if (seconds <= 120 || seconds % 60 !== 0) return `${seconds}s`;
  return seconds % 3600 === 0 ? `${seconds / 3600}h` : `${seconds / 60}m`;
}

/** `50%`, `12.5%`. */
export function formatPercent(percent: number): string {
  return `${percent}%`;
}

/** The largest binary unit that divides it, else bytes. */
export function formatSize(bytes: number): string {
  for (const unit of ['GiB', 'MiB', 'KiB'] as const) {
    const factor = BYTES[unit]!;
    if (bytes > 0 && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return `${bytes}B`;
}
