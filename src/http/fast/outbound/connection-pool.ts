import { setImmediate } from 'node:timers';
import { WaitingLine } from '../../waiting-line.ts';
import type { AttemptHome, FastAttempt } from './fast-attempt.ts';
import type { SocketOpener } from './open-socket.ts';
import { Ticker } from './ticker.ts';
import { type ConnectionHome, UpstreamConnection } from './upstream-connection.ts';

export interface PoolLimits {
  readonly connectTimeoutMs: number;
  readonly responseTimeoutMs: number;
  readonly idleBodyTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly maxConnections: number;
}

/**
 * The connections to one target. The one that rested last is used first, so that those that are not needed grow old and
 * close. When all are taken attempts wait in the order in which they came.
 */
export class ConnectionPool implements ConnectionHome, AttemptHome {
  readonly connectTimeoutMs: number;
  readonly responseTimeoutMs: number;
  readonly idleBodyTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly #maxConnections: number;
  readonly #opener: SocketOpener;
  readonly #ticker: Ticker;
  readonly #connections = new Set<UpstreamConnection>();
  readonly #resting: UpstreamConnection[] = [];
  /** Those that have been used in this turn of the event loop: whether they ended with it is seen in the next. */
  readonly #fresh: UpstreamConnection[] = [];
  readonly #waiting = new WaitingLine<FastAttempt>();
  /** Connections that are being made for whoever waits. */
  #opening = 0;
  /** Attempts that are not over. */
  #running = 0;
  #dispatching = false;
  #closing = false;
  #onClosed: (() => void) | null = null;

  constructor(opener: SocketOpener, limits: PoolLimits) {
    this.connectTimeoutMs = limits.connectTimeoutMs;
    this.responseTimeoutMs = limits.responseTimeoutMs;
    this.idleBodyTimeoutMs = limits.idleBodyTimeoutMs;
    this.keepAliveMs = limits.keepAliveMs;
    this.#maxConnections = limits.maxConnections;
    this.#opener = opener;
    this.#ticker = new Ticker(
      [limits.connectTimeoutMs, limits.responseTimeoutMs, limits.idleBodyTimeoutMs, limits.keepAliveMs],
      (now) => this.#check(now),
    );
  }

  get keeps(): boolean {
    return !this.#closing || this.#waiting.length > 0;
  }

  /** True when there are as many attempts as there may be connections. */
  get allTaken(): boolean {
    return this.#running >= this.#maxConnections;
  }

  enter(attempt: FastAttempt): void {
    this.#running++;
    if (this.#closing) queueMicrotask(() => attempt.failed(closedError()));
    else {
      this.#waiting.join(attempt);
      this.#dispatchSoon();
    }
  }

  leave(attempt: FastAttempt): void {
    this.#waiting.leave(attempt);
  }

  over(): void {
    this.#running--;
    if (this.#closing) this.#closeUnused();
  }

  opened(connection: UpstreamConnection, wasOpening: boolean): void {
    if (wasOpening) this.#opening--;
    const { first } = this.#waiting;
    if (first === null) {
      this.#resting.push(connection);
      return;
    }
    this.#waiting.leave(first);
    connection.take(first);
  }

  notOpened(error: Error): void {
    // Everybody who waits has a connection that is being made.
    const { first } = this.#waiting;
    if (first === null || this.#waiting.length <= this.#opening) return;
    this.#waiting.leave(first);
    first.failed(error);
  }

  released(connection: UpstreamConnection): void {
    this.#fresh.push(connection);
    this.#dispatchSoon();
  }

  again(attempt: FastAttempt): void {
    this.#open(attempt);
  }

  lost(connection: UpstreamConnection): void {
    this.#connections.delete(connection);
    if (connection.isOpening) this.#opening--;
    for (const list of [this.#resting, this.#fresh]) {
      const at = list.lastIndexOf(connection);
      if (at !== -1) list.splice(at, 1);
    }
    if (this.#waiting.length > 0) this.#dispatchSoon();
    if (this.#closing) this.#closeUnused();
  }

  /** Lets running attempts finish. */
  close(): Promise<void> {
    this.#closing = true;
    return new Promise((resolve) => {
      this.#onClosed = resolve;
      for (const connection of [...this.#resting, ...this.#fresh]) connection.giveUp();
      this.#closeUnused();
    });
  }

  /** Ends all attempts and connections. */
  destroy(): void {
    this.#closing = true;
    for (let { first } = this.#waiting; first !== null; first = this.#waiting.first) {
      this.#waiting.leave(first);
      first.failed(closedError());
    }
    for (const connection of [...this.#connections]) connection.fail(closedError());
    this.#closeUnused();
  }

  /**
   * Never at once. A turn of the event loop lies between an attempt, or the end of an answer, and the use of a connection
   * that rests, so that what has come over it unasked, or its end, is seen before a request is written (duty 38). One for
   * all attempts of a turn.
   */
  #dispatchSoon(): void {
    if (this.#dispatching) return;
    this.#dispatching = true;
    setImmediate(() => {
      this.#dispatching = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    for (let { first } = this.#waiting; first !== null; first = this.#waiting.first) {
      const connection = this.#resting.pop();
      if (connection === undefined) break;
      this.#waiting.leave(first);
      connection.take(first);
    }
    const expected = this.#opening + this.#fresh.length;
    const missing = Math.min(this.#waiting.length - expected, this.#maxConnections - this.#connections.size);
    for (let opened = 0; opened < missing; opened++) {
      this.#opening++;
      this.#open(null);
    }
    if (this.#fresh.length === 0) return;
    for (const connection of this.#fresh) this.#resting.push(connection);
    this.#fresh.length = 0;
    if (this.#waiting.length > 0) this.#dispatchSoon();
  }

  #open(attempt: FastAttempt | null): void {
    this.#connections.add(new UpstreamConnection(this, this.#opener, attempt));
    this.#ticker.start();
  }

  #check(now: number): void {
    for (const connection of this.#connections) connection.check(now);
    if (this.#connections.size === 0) this.#ticker.stop();
  }

  #closeUnused(): void {
    if (this.#running > 0) return;
    for (const connection of [...this.#connections]) connection.giveUp();
    if (this.#connections.size > 0) return;
    this.#ticker.stop();
    this.#onClosed?.();
  }
}

function closedError(): Error {
  return new Error('The connections to the upstream were closed.');
}
