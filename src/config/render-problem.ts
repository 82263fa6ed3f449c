import type { ConfigPlace, ConfigProblem } from './config-error.ts';

/** Characters of an excerpt: it must fit a terminal together with its margin. */
const EXCERPT_WIDTH = 100;

/**
 * `file:line:column: message`, then the line of the file and a caret under the place:
 *
 * ```text
 * gateway.yaml:7:5: unknown key "target"; did you mean "targets"?
 *   7 |     target: http://127.0.0.1:9001
 *     |     ^^^^^^
 * ```
 */
export function renderProblem(problem: ConfigProblem): string {
  const { place } = problem;
  const lines = [
    place === null
      ? `${problem.file}: ${problem.message}`
      : `${problem.file}:${place.line}:${place.column}: ${problem.message}`,
  ];
  if (place !== null && place.text.trim() !== '') lines.push(...excerpt(place));
  if (problem.hint !== null) lines.push(`  hint: ${problem.hint}`);
  return lines.join('\n');
}

function excerpt(place: ConfigPlace): string[] {
  const caretAt = place.column - 1;
  const from = place.text.length <= EXCERPT_WIDTH ? 0 : Math.max(0, caretAt - EXCERPT_WIDTH / 2);
  const cut = place.text.slice(from, from + EXCERPT_WIDTH);
  const before = from > 0 ? '…' : '';
  const after = from + cut.length < place.text.length ? '…' : '';
  const indent = before.length + caretAt - from;
  const carets = Math.max(1, Math.min(place.length, before.length + cut.length - indent));
  const margin = String(place.line);
  return [
    `  ${margin} | ${before}${printable(cut)}${after}`,
    `  ${' '.repeat(margin.length)} | ${' '.repeat(indent)}${'^'.repeat(carets)}`,
  ];
}

/** A file's control characters must not reach the terminal; each keeps its width, so that the caret stays right. */
function printable(text: string): string {
  return text.replace(/\t/g, ' ').replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '�');
}
