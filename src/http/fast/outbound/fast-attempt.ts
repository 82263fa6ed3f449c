import { performance } from 'node:perf_hooks';
import { forwardTrailers } from '../../forwarded-headers.ts';
import { type AttemptStage, upstreamError } from '../../full/upstream-error.ts';
import {
  type Attempt,
  type AttemptSink,
  type HeaderList,
  type OutboundRequest,
  UpstreamError,
} from '../../message.ts';
import type { Waiting } from '../../waiting-line.ts';
import { BodySender, type BodySenderEvents } from './body-sender.ts';
import { requestHead } from './request-head.ts';
import type { ResponseSink } from './response-parser.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

/** What all attempts at one target share. */
export interface AttemptHome {
  readonly responseTimeoutMs: number;
  readonly idleBodyTimeoutMs: number;
  /** The attempt has given up while it waited for a connection. */
  leave(attempt: FastAttempt): void;
  /** The attempt is over, in whatever way. */
  over(): void;
}

/** Doing these twice is like doing them once (RFC 9110 §9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** One request on its way to an upstream, told to its sink. */
export class FastAttempt implements Attempt, ResponseSink, BodySenderEvents, Waiting<FastAttempt> {
  before: FastAttempt | null = null;
  behind: FastAttempt | null = null;
  inLine = false;
  readonly #home: AttemptHome;
  readonly #sink: AttemptSink;
  readonly #method: string;
  readonly #head: string;
  readonly #sender: BodySender | null;
  readonly #foundAllTaken: boolean;
  #connection: UpstreamConnection | null = null;
  #stage: AttemptStage = 'connecting';
  #announced = false;
  #requestSent = false;
  #over = false;
  /** When the upstream was last waited for from the beginning, in milliseconds of `performance.now`. */
  #since = 0;

  /** @throws {TypeError} when the request cannot be sent */
  constructor(home: AttemptHome, request: OutboundRequest, sink: AttemptSink, foundAllTaken: boolean) {
    this.#home = home;
    this.#sink = sink;
    this.#method = request.method;
    this.#head = requestHead(request);
    this.#sender = request.body === null ? null : new BodySender(this.#head, request.body, this);
    this.#foundAllTaken = foundAllTaken;
  }

  get queued(): boolean {
    return this.#foundAllTaken && !this.#announced && !this.#over;
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Its response has no body. */
  get toHead(): boolean {
    return this.#method === 'HEAD';
  }

  /** What follows on the connection is another request. */
  get requestSent(): boolean {
    return this.#requestSent;
  }

  resume(): void {
    this.#touch();
    this.#connection?.resume();
  }

  abort(): void {
    if (this.#over) return;
    const connection = this.#connection;
    this.#close();
    if (connection === null) this.#home.leave(this);
    else connection.giveUp();
  }

  /**
   * A connection has been found: sends the request over it, or what there is of it.
   *
   * @param now as of `performance.now`
   */
  send(connection: UpstreamConnection, now: number): void {
    this.#connection = connection;
    this.#stage = 'head';
    this.#since = now;
    if (!this.#announced) {
      this.#announced = true;
      this.#sink.onSent?.();
      if (this.#over) return;
    }
    if (this.#sender !== null) {
      this.#sender.attach(connection.socket);
      return;
    }
    this.#requestSent = true;
    connection.socket.write(`${this.#head}\r\n`, 'latin1');
  }

  /**
   * The connection was one that had rested, and ended without a byte of a response. Takes the request back and returns true
   * when it can go out once more, over a new one: what was never sent, and what the upstream may get twice (RFC 9112 §9.3.1).
   *
   * @param mayHaveCrossed the upstream may have ended the connection before it saw the request
   */
  takeBack(mayHaveCrossed: boolean): boolean {
    const replayable =
      this.#sender === null ? mayHaveCrossed && IDEMPOTENT.has(this.#method) : this.#sender.untouched;
    if (!replayable) return false;
    this.#connection = null;
    this.#requestSent = false;
    this.#stage = 'connecting';
    this.#sender?.detach();
    return true;
  }

  /** Looks at the time. The upstream's clock does not run while it waits for the client, to send or to read. */
  check(now: number): void {
    const inBody = this.#stage === 'body';
    const limitMs = inBody ? this.#home.idleBodyTimeoutMs : this.#home.responseTimeoutMs;
    if (now - this.#since < limitMs) return;
    if (this.#sender?.waitsForClient === true || this.#connection?.held === true) {
      this.#since = now;
      return;
    }
    const kind = inBody ? 'body_timeout' : 'headers_timeout';
    this.#connection?.fail(new UpstreamError(kind, 'The upstream was silent for too long.'));
  }

  drained(): void {
    this.#sender?.drained();
  }

  onMoved(): void {
    this.#touch();
  }

  onSent(): void {
    this.#requestSent = true;
    this.#touch();
  }

  onBroken(error: UpstreamError): void {
    if (this.#connection === null) {
      this.#home.leave(this);
      this.failed(error);
    } else this.#connection.fail(error);
  }

  /** Something has come over the connection. @param now as of `performance.now` */
  heard(now: number): void {
    this.#since = now;
  }

  onInterim(status: number, fields: HeaderList): void {
    this.#sink.onInterim(status, fields);
  }

  onHead(status: number, reason: string, fields: HeaderList): void {
    this.#stage = 'body';
    this.#sink.onHead(status, reason, fields);
  }

  onData(chunk: Buffer): boolean {
    return this.#sink.onData(chunk);
  }

  /** The response is complete. */
  ended(trailers: HeaderList): void {
    if (this.#over) return;
    this.#close();
    this.#sink.onEnd(trailers.length === 0 ? [] : forwardTrailers(trailers));
  }

  /** What has ended it, whatever it is. */
  failed(error: unknown): void {
    if (this.#over) return;
    const told = upstreamError(error, this.#stage);
    this.#close();
    this.#sink.onError(told);
  }

  #touch(): void {
    this.#since = performance.now();
  }

  #close(): void {
    this.#over = true;
    this.#connection = null;
    this.#sender?.stop();
    this.#home.over();
  }
}
