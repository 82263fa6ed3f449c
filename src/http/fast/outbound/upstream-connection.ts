import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { UpstreamError } from '../../message.ts';
import type { FastAttempt } from './fast-attempt.ts';
import type { SocketOpener } from './open-socket.ts';
import { ResponseParser } from './response-parser.ts';

/** What a connection asks of its pool. */
export interface ConnectionHome {
  readonly connectTimeoutMs: number;
  readonly keepAliveMs: number;
  /** False when the pool wants no connection to rest any more. */
  readonly keeps: boolean;
  /** It stands, and has nothing to do. `wasOpening`: it was being made for whoever waits. */
  opened(connection: UpstreamConnection, wasOpening: boolean): void;
  /** A connection that was opened for whoever waits could not be made, and is lost already. */
  notOpened(error: Error): void;
  /** A response is complete, and it can be used again. */
  released(connection: UpstreamConnection): void;
  /** The attempt has to go out over a new connection. */
  again(attempt: FastAttempt): void;
  /** It is of no use any more. */
  lost(connection: UpstreamConnection): void;
}

const EMPTY = Buffer.alloc(0);

/**
 * A connection that has rested for less did not end because it rested: servers wait for two seconds and more. So its end is no
 * accident of two messages that cross, but what the upstream has made of the request.
 */
const CROSSING_AFTER_MS = 1_000;

/** One connection to an upstream: it carries one request at a time, and rests between two. */
export class UpstreamConnection {
  readonly socket: Socket;
  readonly #home: ConnectionHome;
  readonly #parser = new ResponseParser();
  /** Whom it was opened for; null: whoever waits. */
  readonly #reserved: FastAttempt | null;
  #attempt: FastAttempt | null = null;
  #standing = false;
  #gone = false;
  /** It has rested at least once. */
  #rested = false;
  /** How long before the request that it carries. */
  #restedMs = 0;
  #unrefd = false;
  /** Bytes of a response that is held back. */
  #rest: Buffer = EMPTY;
  /** When it was opened, or began to rest. */
  #since = performance.now();

  constructor(home: ConnectionHome, opener: SocketOpener, reserved: FastAttempt | null) {
    this.#home = home;
    this.#reserved = reserved;
    this.socket = opener.open((bytes) => this.#onBytes(bytes));
    this.socket.on(opener.ready, () => this.#opened());
    this.socket.on('drain', () => this.#attempt?.drained());
    this.socket.on('end', () => this.#broke(null));
    this.socket.on('error', (error) => this.#broke(error));
    this.socket.on('close', () => this.#broke(new Error('The connection was closed.')));
  }

  /** It is being made for whoever waits. */
  get isOpening(): boolean {
    return !this.#standing && this.#reserved === null;
  }

  /** Its response is held back by the client. */
  get held(): boolean {
    return this.#parser.held;
  }

  /** Carries this attempt's request. */
  take(attempt: FastAttempt): void {
    if (this.#unrefd) {
      this.#unrefd = false;
      this.socket.ref();
    }
    const now = performance.now();
    this.#restedMs = this.#rested ? now - this.#since : 0;
    this.#attempt = attempt;
    this.#parser.begin(attempt, attempt.toHead);
    attempt.send(this, now);
  }

  /** The client takes bytes again. */
  resume(): void {
    if (!this.#parser.held) return;
    const rest = this.#rest;
    this.#rest = EMPTY;
    this.#parse(rest);
    if (!this.#parser.held && !this.#gone) this.socket.resume();
  }

  /** Its attempt is over before the response is. */
  giveUp(): void {
    this.#attempt = null;
    this.#end();
  }

  /** Ends its attempt with this error, and itself. */
  fail(error: unknown): void {
    const attempt = this.#attempt ?? (this.#standing ? null : this.#reserved);
    this.#attempt = null;
    this.#end();
    attempt?.failed(error);
  }

  /** Looks at the time. */
  check(now: number): void {
    if (this.#attempt !== null) {
      this.#attempt.check(now);
    } else if (!this.#standing) {
      if (now - this.#since >= this.#home.connectTimeoutMs) {
        this.#broke(new UpstreamError('connect_timeout', 'The connection did not stand in time.'));
      }
    } else if (now - this.#since >= Math.min(this.#home.keepAliveMs, this.#parser.restMs)) {
      this.#end();
    } else if (!this.#unrefd) {
      // Only now, because most connections rest for a moment.
      this.#unrefd = true;
      this.socket.unref();
    }
  }

  #opened(): void {
    if (this.#gone) return;
    const wasOpening = this.isOpening;
    this.#standing = true;
    if (this.#reserved !== null && !this.#reserved.isOver) this.take(this.#reserved);
    else {
      this.#beginRest();
      this.#home.opened(this, wasOpening);
    }
  }

  #beginRest(): void {
    this.#rested = true;
    this.#since = performance.now();
  }

  #onBytes(bytes: Buffer): void {
    // Nobody has asked (RFC 9112 §9.2).
    if (this.#attempt === null) this.#end();
    else {
      this.#attempt.heard(performance.now());
      this.#parse(bytes);
    }
  }

  #parse(bytes: Buffer): void {
    const attempt = this.#attempt;
    if (attempt === null) return;
    let used: number;
    try {
      used = this.#parser.execute(bytes);
    } catch (error) {
      this.fail(error);
      return;
    }
    // Given up meanwhile.
    if (this.#attempt !== attempt) return;
    if (this.#parser.complete) this.#complete(attempt, used < bytes.length);
    else if (this.#parser.held) {
      this.socket.pause();
      this.#rest = bytes.subarray(used);
    }
  }

  /** @param moreCame bytes behind the response, which nobody has asked for */
  #complete(attempt: FastAttempt, moreCame: boolean): void {
    this.#attempt = null;
    const usable = this.#parser.keep && !moreCame && attempt.requestSent && !attempt.toHead;
    if (usable && this.#home.keeps && !this.#gone) {
      this.#beginRest();
      this.#home.released(this);
    } else this.#end();
    attempt.ended(this.#parser.trailers);
  }

  /** @param error null when the other side has ended it */
  #broke(error: Error | null): void {
    if (this.#gone) return;
    const attempt = this.#attempt;
    this.#attempt = null;
    if (!this.#standing) {
      this.#end();
      const reason = error ?? new Error('The connection was closed.');
      if (this.#reserved === null) this.#home.notOpened(reason);
      else this.#reserved.failed(reason);
      return;
    }
    const isEnd = error === null && this.#parser.endsWithConnection;
    this.#end();
    if (attempt === null) return;
    if (isEnd) attempt.ended([]);
    else if (this.#rested && !this.#parser.started && attempt.takeBack(this.#restedMs >= CROSSING_AFTER_MS))
      this.#home.again(attempt);
    else attempt.failed(error ?? new Error('The upstream closed the connection.'));
  }

  #end(): void {
    this.#parser.stop();
    this.#rest = EMPTY;
    if (this.#gone) return;
    this.#gone = true;
    this.socket.destroy();
    this.#home.lost(this);
  }
}
