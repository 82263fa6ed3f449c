import type { HeaderList } from '../../http/message.ts';

/** All values of a field, in order; `name` in lower case. */
export function valuesOf(headers: HeaderList, name: string): string[] {
  const values: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const field = headers[at] as string;
    if (field.length === name.length && field.toLowerCase() === name) values.push(headers[at + 1] as string);
  }
  return values;
}

/** The fields for which `kept` is true; it gets each name in lower case. */
export function fieldsThat(headers: HeaderList, kept: (name: string, value: string) => boolean): string[] {
  const out: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const field = headers[at] as string;
    const value = headers[at + 1] as string;
    if (kept(field.toLowerCase(), value)) out.push(field, value);
  }
  return out;
}
