const UNITS = [
  { name: 'd', seconds: 86_400 },
  { name: 'h', seconds: 3600 },
  { name: 'min', seconds: 60 },
  { name: 's', seconds: 1 },
] as const;

/** How long, in at most two units: `48 s`, `3 min 5 s`, `2 h 4 min`. What has begun counts as a whole second. */
export function duration(milliseconds: number): string {
  let left = Math.max(1, Math.ceil(milliseconds / 1000));
  // Up to two minutes people say seconds.
  if (left <= 120) return `${left} s`;
  const texts: string[] = [];
  for (const { name, seconds } of UNITS) {
    const whole = Math.floor(left / seconds);
    // After the first unit only the one right below it: nobody reads seconds beside hours.
    if (whole > 0) texts.push(`${whole} ${name}`);
    else if (texts.length > 0) break;
    left -= whole * seconds;
    if (texts.length === 2) break;
  }
  return texts.join(' ');
}

/** How long ago: a second that is not over does not count, but for the first. */
export function elapsed(milliseconds: number): string {
  return duration(Math.floor(milliseconds / 1000) * 1000);
}

/** `1 failure`, `5 failures`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** `a`, `a and b`, `a, b and c`; of many the first ones and how many more. */
export function listed(names: readonly string[], most = 4): string {
  const shown =
    names.length > most ? [...names.slice(0, most - 1), `${names.length - most + 1} more`] : names;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** In the time zone of whoever reads it: `2026-01-31 12:00:05`. */
export function localTime(unixMs: number): string {
  const at = new Date(unixMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** `999`, `12.3k`, `4.1M`: five characters at most, so that a table does not jump. */
export function shortNumber(value: number): string {
  if (value < 10_000) return String(value);
  if (value < 999_950) return `${(value / 1000).toFixed(1)}k`;
  return value < 999_950_000 ? `${(value / 1e6).toFixed(1)}M` : `${(value / 1e9).toFixed(1)}G`;
}

/** `40%`, `33.3%`. */
export function percent(value: number): string {
  return `${Math.round(value * 10) / 10}%`;
}
