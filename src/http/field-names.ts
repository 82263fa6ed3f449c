import type { HeaderList } from './message.ts';

// RFC 9110 §5.6.2 tchar. A table, because every byte of every name is looked at.
const TOKEN: readonly boolean[] = Array.from({ length: 128 }, (_, code) =>
  /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code)),
);

/** RFC 9110 §5.6.2: field names and methods are tokens. */
export function isToken(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (TOKEN[text.charCodeAt(at)] !== true) return false;
  }
  return text.length > 0;
}

/** RFC 9110 §5.5: visible ASCII, space, tab and obs-text; no CR, LF, NUL nor any other control character. */
export function isFieldValue(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) return false;
  }
  return true;
}

/** First value of a field in a flat list; `name` in lower case. */
export function firstValue(headers: HeaderList, name: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) {
    const field = headers[at] as string;
    if (field.length === name.length && field.toLowerCase() === name) return headers[at + 1];
  }
  return undefined;
}

/** The values of a field, one for each of its lines; `name` in lower case. */
export function valuesOf(headers: HeaderList, name: string): string[] {
  const values: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const field = headers[at] as string;
    if (field.length === name.length && field.toLowerCase() === name) values.push(headers[at + 1] as string);
  }
  return values;
}

/** The members of a comma-separated field (RFC 9110 §5.6.1), all its lines taken together, in lower case. */
export function listMembers(headers: HeaderList, name: string): string[] {
  const members: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const field = headers[at] as string;
    if (field.length !== name.length || field.toLowerCase() !== name) continue;
    for (const part of (headers[at + 1] as string).split(',')) {
      const member = part.trim().toLowerCase();
      if (member !== '') members.push(member);
    }
  }
  return members;
}
