/** Bytes of an answer that nobody wants which are read so that its connection can be used again. */
const MOST_BYTES = 64 * 1024;
/** Milliseconds for which they are read: one that trickles is no gain, and keeps its permit. */
const LONGEST_MS = 1000;

/** Bounds how much of an unwanted answer is read, and for how long. */
export class AnswerDrain {
  readonly #giveUp: () => void;
  readonly #timer: NodeJS.Timeout;
  #bytes = 0;

  /** @param giveUp called when it is too much or takes too long */
  constructor(giveUp: () => void) {
    this.#giveUp = giveUp;
    this.#timer = setTimeout(giveUp, LONGEST_MS).unref();
  }

  took(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > MOST_BYTES) this.#giveUp();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
