import { stripVTControlCharacters } from 'node:util';

/** One line in which nothing can move the cursor or change the terminal, whatever a name or a service's words hold. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ');
}
