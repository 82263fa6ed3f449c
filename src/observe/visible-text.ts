/** What a terminal may obey, what ends a line somewhere, what is not seen or turns around what is, and half characters. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const PLAIN = /^[\x20-\x7e]*$/;

/** The text with everything that a reader of a log must not stumble over written out: `\x1b`, `\u2028`. */
export function visibleText(text: string): string {
  return PLAIN.test(text) ? text : text.replace(UNSAFE, written);
}

/** No longer than `most` characters, of which the last is `…` when something is missing. */
export function clippedText(text: string, most: number): string {
  // Before it is made visible, too, which takes time and makes it longer.
  const visible = visibleText(text.length > most ? text.slice(0, most + 1) : text);
  return visible.length > most ? `${visible.slice(0, most - 1)}…` : visible;
}

function written(character: string): string {
  const code = (character.codePointAt(0) as number).toString(16);
  if (code.length <= 2) return `\\x${code.padStart(2, '0')}`;
  return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\u{${code}}`;
}
