import type { Socket } from 'node:net';
import type { ServerLimits } from './server-limits.ts';

/** What a connection is waiting for, as its clock has to know. */
export interface ConnectionState {
  /** A request is in work or in line. */
  readonly busy: boolean;
  /** Somebody waits for bytes of a request body. */
  readonly wantsBody: boolean;
}

export type Expiry = 'head' | 'idle' | 'body' | 'send';

/**
 * The time limits of one connection, looked at by the lane's ticker instead of timers of their own: a plain request
 * sets none, and a limit is overrun by one tick at most. Progress is what the socket counts, so that
 * neither a drip of empty lines nor writes into a full buffer pass for it.
 */
export class ConnectionClock {
  readonly #socket: Socket;
  readonly #limits: ServerLimits;
  /** Since when a request head is being received; 0 when none is. */
  #headSince = 0;
  #idleSince: number;
  #bodySince = 0;
  #bodyBytes = 0;
  #sendSince = 0;
  #sentBytes = 0;
  #fresh = true;

  constructor(socket: Socket, limits: ServerLimits, now: number) {
    this.#socket = socket;
    this.#limits = limits;
    this.#idleSince = now;
  }

  /** True while bytes of a head have come and its end has not. */
  get inHead(): boolean {
    return this.#headSince !== 0;
  }

  headBegins(now: number): void {
    if (this.#headSince === 0) this.#headSince = now;
  }

  headEnds(): void {
    this.#headSince = 0;
    this.#fresh = false;
  }

  restBegins(now: number): void {
    this.#idleSince = now;
  }

  /** Which limit is over, if any. */
  tick(now: number, state: ConnectionState): Expiry | null {
    if (this.#sendExpired(now)) return 'send';
    if (state.busy) return this.#bodyExpired(now, state.wantsBody) ? 'body' : null;
    const limits = this.#limits;
    if (this.#headSince !== 0) return now - this.#headSince > limits.headerTimeoutMs ? 'head' : null;
    // A new connection was opened to send a request, so it has only the time for a head.
    const rest = this.#fresh ? Math.min(limits.headerTimeoutMs, limits.idleTimeoutMs) : limits.idleTimeoutMs;
    return now - this.#idleSince > rest ? 'idle' : null;
  }

  #bodyExpired(now: number, wanted: boolean): boolean {
    const bytes = this.#socket.bytesRead;
    if (!wanted || bytes !== this.#bodyBytes || this.#bodySince === 0) {
      this.#bodySince = now;
      this.#bodyBytes = bytes;
      return false;
    }
    return now - this.#bodySince > this.#limits.bodyTimeoutMs;
  }

  #sendExpired(now: number): boolean {
    const pending = this.#socket.writableLength;
    const sent = this.#socket.bytesWritten - pending;
    if (pending === 0 || sent !== this.#sentBytes || this.#sendSince === 0) {
      this.#sendSince = now;
      this.#sentBytes = sent;
      return false;
    }
    return now - this.#sendSince > this.#limits.sendTimeoutMs;
  }
}
