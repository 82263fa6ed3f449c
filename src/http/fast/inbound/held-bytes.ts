/** More than any usual head, and enough for a client that pipelines. */
const ENOUGH_BYTES = 64 * 1_024;
/** A client that sends byte by byte must not make us keep an object for each of them. */
const ENOUGH_PIECES = 256;

/** Bytes that have come and cannot be used yet, in the pieces in which they came. */
export class HeldBytes {
  #pieces: Buffer[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** True when nothing more should be read until some of it has been used. */
  get isEnough(): boolean {
    return this.#length >= ENOUGH_BYTES || this.#pieces.length >= ENOUGH_PIECES;
  }

  add(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  /** Takes the oldest piece. */
  shift(): Buffer | undefined {
    const piece = this.#pieces.shift();
    this.#length -= piece?.length ?? 0;
    return piece;
  }

  /** Takes all of them, as one. */
  take(): Buffer {
    const [first] = this.#pieces;
    const all = this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces);
    this.clear();
    return all;
  }

  clear(): void {
    this.#pieces = [];
    this.#length = 0;
  }
}
