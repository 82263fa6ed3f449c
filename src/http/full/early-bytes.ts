import type { Socket } from 'node:net';

/** A client that sends more before it knows whether it may is held back by TCP. */
const ENOUGH = 64 * 1_024;
const FIRST_PIECE = 1_024;

/**
 * Keeps what a client sends behind a request for an upgrade until that is answered. They are not HTTP after a 101, and
 * nobody knows what they are after anything else (RFC 9110 §7.8). They are read, so that a client that leaves is noticed.
 */
export class EarlyBytes {
  readonly #socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get length(): number {
    return this.#length;
  }

  /** Copies: sixty thousand bytes that come one by one would otherwise be kept as as many buffers, which take 40 MB. */
  add(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(FIRST_PIECE, length, 2 * this.#bytes.length));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length = length;
    if (length >= ENOUGH) this.#socket.pause();
  }

  /** Hands them over. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
    return taken;
  }
}
