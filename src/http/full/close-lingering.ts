import type { Socket } from 'node:net';

/** A client that has stopped sending has read the answer, or never will. */
const SILENCE_MS = 2_000;
/** For a client that sends on: long enough for one that reads only after a large body, and then enough is enough. */
const TOTAL_MS = 10_000;

/**
 * Closes so that the last answer arrives (RFC 9112 §9.6): our side is ended, and what the client still sends is read
 * and thrown away for a while. Closing at once would let the system answer those bytes with a reset, which
 * destroys answers that the client has received but not read.
 */
export class LingeringClose {
  readonly #socket: Socket;
  #since = 0;
  #lastBytes = 0;
  #lastAt = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.end();
    socket.resume();
  }

  /** Looks at the clock; called by the lane's ticker. The time counts from when the answer has gone out. */
  tick(now: number): void {
    const socket = this.#socket;
    if (!socket.writableFinished) return;
    const bytes = socket.bytesRead;
    if (this.#since === 0) this.#since = now;
    if (this.#lastAt === 0 || bytes !== this.#lastBytes) {
      this.#lastBytes = bytes;
      this.#lastAt = now;
    }
    if (now - this.#lastAt > SILENCE_MS || now - this.#since > TOTAL_MS) socket.destroy();
  }
}
