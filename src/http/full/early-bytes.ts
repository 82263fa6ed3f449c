import type { Socket } from 'node:net';

/** A client that sends more before it knows whether it may is held back by TCP. */
const ENOUGH = 64 * 1_024;

/**
 * Keeps what a client sends behind a request for an upgrade until that is answered. They are not HTTP after a 101, and
 * nobody knows what they are after anything else (RFC 9110 §7.8). They are read, so that a client that leaves is noticed.
 */
export class EarlyBytes {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get length(): number {
    return this.#length;
  }

  add(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length >= ENOUGH) this.#socket.pause();
  }

  /** Hands them over. */
  take(): Buffer[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#length = 0;
    return chunks;
  }
}
