/** The bytes of one answer as they pass, up to a limit. */
export class Recording {
  readonly #maxBytes: number;
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Copies: a body that comes byte by byte would otherwise be kept as a million small buffers, each with a slab of the
   * socket's behind it.
   *
   * @returns false when it is more than may be kept
   */
  add(chunk: Buffer): boolean {
    const length = this.#length + chunk.length;
    if (length > this.#maxBytes) return false;
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(
        Math.min(this.#maxBytes, Math.max(length, 2 * this.#bytes.length)),
      );
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length = length;
    return true;
  }

  get length(): number {
    return this.#length;
  }

  /** Exactly the bytes, without what was allocated ahead. */
  body(): Buffer {
    if (this.#length === this.#bytes.length) return this.#bytes;
    const exact = Buffer.allocUnsafeSlow(this.#length);
    this.#bytes.copy(exact, 0, 0, this.#length);
    return exact;
  }
}
