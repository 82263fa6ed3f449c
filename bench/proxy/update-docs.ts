import { readFileSync, writeFileSync } from 'node:fs';

const BEGIN = '<!-- bench:proxy -->';
const END = '<!-- end -->';

/**
 * Puts the text between the two marks of a Markdown file.
 *
 * @throws Error when the marks are not there
 */
export function updateDocs(file: string, text: string): void {
  const before = readFileSync(file, 'utf8');
  const begin = before.indexOf(BEGIN);
  const end = before.indexOf(END, begin);
  if (begin === -1 || end === -1) throw new Error(`${file} has no ${BEGIN} … ${END}`);
  writeFileSync(file, `${before.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${before.slice(end)}`);
}
