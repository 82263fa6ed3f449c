import { stripVTControlCharacters } from 'node:util';

/** Two columns wide: the blocks of East Asian Width W and F (UAX #11), and what is drawn as a picture. */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
/** Takes no column: marks upon other characters, joiners, and what is not drawn. */
const NOTHING = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]+$/u;
/** Every character of it takes one column; most texts are such. */
const NARROW = /^[\x20-\x7e]*$/;

let segmenter: Intl.Segmenter | null = null;

/** What people see as one character each. Made when it is needed first: that takes 17 ms, and few texts need it. */
function graphemes(text: string): Iterable<{ readonly segment: string }> {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** Columns that a text takes in a terminal; colours in it take none. */
export function textWidth(text: string): number {
  if (NARROW.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes(stripVTControlCharacters(text))) width += widthOf(segment);
  return width;
}

/**
 * Cuts a text that is too wide, never within a character, and puts "…" at its end.
 *
 * @param text without colours
 * @param width columns, at least 1
 */
export function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = '';
  let left = width - 1;
  for (const { segment } of graphemes(text)) {
    left -= widthOf(segment);
    if (left < 0) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/** Fills a text with blanks up to a width. @param text may hold colours */
export function pad(text: string, width: number, right = false): string {
  const blanks = ' '.repeat(Math.max(0, width - textWidth(text)));
  return right ? blanks + text : text + blanks;
}

function widthOf(grapheme: string): number {
  if (NOTHING.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}
