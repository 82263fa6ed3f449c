/** `gateway`: what the gateway says of itself. */
export type LogName = 'gateway' | 'access';

const WORD: Readonly<Record<LogName, number>> = { gateway: 0, access: 1 };

/** How many lines were not written because nobody read them in time: of all threads that count in the same memory. */
export class DroppedLines {
  /** To give to another thread. */
  readonly words: Int32Array;

  /** @param words two, shared or not. @default shared ones */
  constructor(words: Int32Array = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT))) {
    this.words = words;
  }

  add(log: LogName, lines: number): void {
    Atomics.add(this.words, WORD[log], lines);
  }

  /** Since the start; begins anew after 4,294,967,295. */
  total(log: LogName): number {
    return Atomics.load(this.words, WORD[log]) >>> 0;
  }
}

/** Of text that consists of whole lines. */
export function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
