const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const MINUTE = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });
const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

/** `14:03:27`, in the time zone of whoever looks. */
export const timeOfDay = (at: number): string => TIME.format(at);

/** `14:03` */
export const minuteOfDay = (at: number): string => MINUTE.format(at);

/** `Sat 28 Nov` */
export const dayOf = (at: number): string => DAY.format(at);

/** `12,345` */
export const count = (value: number): string => WHOLE.format(value);

/** `1 failure`, `12,345 failures` */
export function countOf(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Requests a second: `0`, `0.4`, `12.5`, `340`, `12.3K`. */
export function rate(value: number): string {
  if (value === 0) return '0';
  if (value < 0.05) return '<0.1';
  if (value < 100) return String(Math.round(value * 10) / 10);
  return value < 10_000 ? WHOLE.format(value) : COMPACT.format(value);
}

/** A latency: `0.4 ms`, `12 ms`, `1.25 s`; null: `–`. */
export function latency(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 10) return `${Math.round(ms * 10) / 10} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return `${Math.round(ms / 10) / 100} s`;
}

/** `50%`, `12.5%` */
export const percent = (value: number): string => `${Math.round(value * 10) / 10}%`;

/** A span for people, in its two largest units: `800 ms`, `42 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function span(ms: number): string {
  if (ms < 950) return `${Math.max(0, Math.round(ms / 10) * 10)} ms`;
  return wholeSeconds(Math.round(ms / 1000));
}

/** What is left until then, never less than what it will be: `42 s`, `1 min 20 s`. */
export function left(ms: number): string {
  return wholeSeconds(Math.max(0, Math.ceil(ms / 1000)));
}

/** The same for where there is little room: `42`, `4:57`, `2 h`. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 60) return String(seconds);
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** `just now`, `42 s ago` */
export function ago(ms: number): string {
  return ms < 1000 ? 'just now' : `${wholeSeconds(Math.floor(ms / 1000))} ago`;
}

function wholeSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return pair(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return pair(hours, 'h', minutes % 60, 'min');
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function pair(first: number, unit: string, second: number, secondUnit: string): string {
  return second === 0 ? `${first} ${unit}` : `${first} ${unit} ${second} ${secondUnit}`;
}

/** `a`, `a and b`, `a, b and c`; of more than `most` the others as a number. */
export function listOf(names: readonly string[], most = 3): string {
  const shown =
    names.length > most ? [...names.slice(0, most - 1), `${names.length - most + 1} more`] : names;
  if (shown.length < 2) return shown[0] ?? '';
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
