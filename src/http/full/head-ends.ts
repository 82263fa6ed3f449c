const BLANK_LINE = Buffer.from('\r\n\r\n');

/**
 * Finds the places where a request head may end, in bytes that come in pieces. Node's parser takes no bare line feed, so
 * that every head ends in these four bytes; that they can stand in a body as well costs a shorter piece and nothing else.
 */
export class HeadEnds {
  /** The last bytes before the next piece, as far as they may begin a blank line. */
  #before = '';

  /** Where the first such place at or after `at` is, or -1. */
  next(chunk: Buffer, at: number): number {
    if (this.#before !== '') {
      const seam = this.#before + chunk.toString('latin1', at, at + 3);
      const found = seam.indexOf('\r\n\r\n');
      if (found !== -1) return at + found + BLANK_LINE.length - this.#before.length;
    }
    const found = chunk.indexOf(BLANK_LINE, at);
    return found === -1 ? -1 : found + BLANK_LINE.length;
  }

  /** The bytes that have been parsed, and whether they ended at such a place. */
  passed(piece: Buffer, atEnd: boolean): void {
    const last = piece[piece.length - 1];
    this.#before =
      atEnd || (last !== 0x0d && last !== 0x0a)
        ? ''
        : (this.#before + piece.toString('latin1', Math.max(0, piece.length - 3))).slice(-3);
  }
}
