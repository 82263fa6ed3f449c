import type { ConfigPlace } from './config-error.ts';
import type { SourceRange } from './yaml/located.ts';

/** From offsets to lines and columns of one text. */
export class Places {
  readonly #source: string;
  readonly #lineStarts: readonly number[];

  constructor(source: string) {
    this.#source = source;
    const starts = [0];
    for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
    this.#lineStarts = starts;
  }

  /** Number of the line, from 1, in which the offset lies. */
  line(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#lineStarts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  /** An offset outside the text is taken for its end; a range over several lines is shown by its first. */
  place([start, end]: SourceRange): ConfigPlace {
    const from = Math.min(Math.max(0, start), this.#source.length);
    const line = this.line(from);
    const lineStart = this.#lineStarts[line - 1]!;
    const text = this.#text(line);
    // Within "\r\n" there is nothing to point at: the end of the line is meant.
    const column = Math.min(from - lineStart, text.length) + 1;
    const length = Math.max(1, Math.min(end - from, text.length - column + 1));
    return { line, column, length, text };
  }

  #text(line: number): string {
    const next = this.#lineStarts[line] ?? this.#source.length + 1;
    return this.#source.slice(this.#lineStarts[line - 1], next - 1).replace(/\r$/, '');
  }
}
