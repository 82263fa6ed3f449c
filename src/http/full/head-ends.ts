const BLANK_LINE = Buffer.from('\r\n\r\n');

/**
 * Fewer bytes than any request for a WebSocket, whose fields alone are longer. Without it a body of nothing but blank lines
 * would be given to the parser four bytes at a time, at a hundred times the usual cost.
 */
const SHORTEST = 128;

/**
 * Finds the places where the head of an upgrade may end, in bytes that come in pieces. Node's parser takes no bare line
 * feed, so that every head ends in these four bytes and has them nowhere else; that they can stand in a body as well costs
 * a shorter part and nothing more.
 */
export class HeadEnds {
  /** The last bytes before the next part, as far as they may begin a blank line. */
  #before = '';
  /** Bytes since the last place where a head has ended, if one did. */
  #since = 0;

  /** Where the first such place behind `at` is, or -1. */
  next(chunk: Buffer, at: number): number {
    const earliest = at + SHORTEST - this.#since;
    if (this.#before !== '') {
      const seam = this.#before + chunk.toString('latin1', at, at + 3);
      const found = seam.indexOf('\r\n\r\n');
      const end = at + found + BLANK_LINE.length - this.#before.length;
      if (found !== -1 && end >= earliest) return end;
    }
    const found = chunk.indexOf(BLANK_LINE, Math.max(at, earliest - BLANK_LINE.length));
    return found === -1 ? -1 : found + BLANK_LINE.length;
  }

  /** The bytes that have been parsed, and whether a head may begin behind them. */
  passed(part: Buffer, atEnd: boolean): void {
    const last = part[part.length - 1];
    this.#since = atEnd ? 0 : this.#since + part.length;
    this.#before =
      atEnd || (last !== 0x0d && last !== 0x0a)
        ? ''
        : (this.#before + part.toString('latin1', Math.max(0, part.length - 3))).slice(-3);
  }
}
