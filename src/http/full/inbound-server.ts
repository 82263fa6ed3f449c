import { randomUUID } from 'node:crypto';
import type { Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer as createListener, type Server, type Socket } from 'node:net';
import type { Address } from '../../config/gateway-config.ts';
import { type RefusalAnswer, renderError, serializeAnswer } from '../error-body.ts';
import type { InboundReply, InboundRequest, RequestHandler } from '../message.ts';
import { createServer as createParser } from '../node-http.ts';
import { Refusal } from '../refusal.ts';
import { unknownMethod } from '../request-head.ts';
import { ClientConnection, type ConnectionHost } from './client-connection.ts';
import { plainAddress } from './node-request.ts';
import type { ServerLimits } from './server-limits.ts';

export interface LaneLog {
  error(details: object, message: string): void;
}

/** What the lane asks of each of its connections, whoever reads them. */
export interface LaneConnection {
  /** Looks at the clock; `now` as of `performance.now()`. */
  tick(now: number): void;
  /** Ends it unless something is in work on it, or the beginning of a request has come. */
  closeIfIdle(): void;
  /** Asks an open tunnel to close. */
  sayGoingAway(): void;
  /** Ends it now. */
  cut(): void;
}

/** How many connections other lanes have on the same port: `max_connections` is for all together. */
export interface ConnectionTally {
  /** @param open connections of this lane, as of now */
  note(open: number): void;
  readonly elsewhere: number;
}

export interface FullLaneOptions {
  readonly handler: RequestHandler;
  readonly limits: ServerLimits;
  readonly log: LaneLog;
  /** @default there are no other lanes */
  readonly tally?: ConnectionTally | undefined;
  /** Told of what is refused before there is a request that the handler could be given. @default nobody is told */
  readonly onHeadRefused?: HeadRefused | undefined;
}

/** @param remoteAddress of the peer, as in InboundRequest. It must not throw and must not wait. */
export type HeadRefused = (refusal: Refusal, remoteAddress: string) => void;

const ALONE: ConnectionTally = { note: () => {}, elsewhere: 0 };

/** Node's own bound is only the last resort; a head is measured by ours as soon as it is complete. */
const PARSER_SLACK = 1_024;
const SLOWEST_TICK_MS = 1_000;
const FASTEST_TICK_MS = 10;

/**
 * The inbound lane that is always right: node's HTTP parser in its strict mode, with this gateway's limits, order and
 * ways of closing instead of node's.
 *
 * Node's HTTP server never listens here. Connections are accepted by a plain listener and given to it, so that all of
 * them, whatever they wait for, are counted, timed and closed in one place.
 */
export class FullLane implements ConnectionHost {
  readonly limits: ServerLimits;
  readonly #handler: RequestHandler;
  readonly #log: LaneLog;
  readonly #tally: ConnectionTally;
  readonly #onHeadRefused: HeadRefused | null;
  readonly #parser: HttpServer;
  readonly #listener: Server;
  readonly #connections = new Map<Socket, LaneConnection>();
  readonly #ticker: NodeJS.Timeout;
  #stopping: Promise<void> | null = null;
  #goingAway = false;

  constructor(options: FullLaneOptions) {
    this.limits = options.limits;
    this.#handler = options.handler;
    this.#log = options.log;
    this.#tally = options.tally ?? ALONE;
    this.#onHeadRefused = options.onHeadRefused ?? null;
    this.#parser = this.#createParser();
    this.#listener = createListener({ allowHalfOpen: true, noDelay: true }, (socket) => this.accept(socket));
    this.#ticker = setInterval(() => this.#tick(), tickMs(options.limits)).unref();
  }

  /** Open connections, whatever they are doing. */
  get connections(): number {
    return this.#connections.size;
  }

  get stopping(): boolean {
    return this.#stopping !== null;
  }

  get goingAway(): boolean {
    return this.#goingAway;
  }

  /**
   * @param options `reusePort`: others of this user may listen there too, and the system deals the connections out
   * @throws {Error} with the system's `code` when the address cannot be listened on
   */
  async listen(address: Address, { reusePort = false } = {}): Promise<Address> {
    const listener = this.#listener;
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen({ host: address.host, port: address.port, reusePort }, () => {
        listener.off('error', reject);
        resolve();
      });
    });
    // Such as EMFILE: one connection could not be accepted; the next may be.
    listener.on('error', (err) => this.#log.error({ err }, 'a connection could not be accepted'));
    const { address: host, port } = listener.address() as AddressInfo;
    return { host, port };
  }

  /** Takes over a connection that nothing has been read from. */
  accept(socket: Socket): void {
    if (this.stopping || !this.#hasRoom()) {
      this.#turnAway(socket);
      return;
    }
    this.#connections.set(socket, this.open(socket));
    socket.once('close', () => {
      this.#connections.delete(socket);
      this.#tally.note(this.#connections.size);
    });
  }

  #hasRoom(): boolean {
    const { maxConnections } = this.limits;
    const open = this.#connections.size;
    // Told before the others are asked: of two lanes that take the last place at once, at least one sees the other.
    this.#tally.note(open + 1);
    if (maxConnections === null || open + 1 + this.#tally.elsewhere <= maxConnections) return true;
    this.#tally.note(open);
    return false;
  }

  /**
   * Stops accepting, ends connections at rest, says `Connection: close` on the answers of the others and waits until
   * they have ended; after `timeoutMs` they are cut. Tunnels have half of that time before they are asked to close.
   */
  stop(timeoutMs: number): Promise<void> {
    this.#stopping ??= this.#stop(timeoutMs);
    return this.#stopping;
  }

  /** Cuts all connections and stops accepting. */
  closeNow(): void {
    this.#stopping ??= this.#stop(0);
    for (const connection of [...this.#connections.values()]) connection.cut();
  }

  handle(request: InboundRequest, reply: InboundReply): void {
    try {
      this.#handler(request, reply);
    } catch (error) {
      this.report(error);
      if (reply.headSent) {
        reply.abort();
        return;
      }
      const refusal = new Refusal('INTERNAL_ERROR', 'The gateway failed to handle this request.');
      const answer = this.answer(refusal, request.header('accept'));
      reply.head(answer.status, '', answer.headers);
      reply.end(answer.body);
    }
  }

  answer(refusal: Refusal, accept: string | undefined): RefusalAnswer {
    return renderError(refusal, { requestId: randomUUID(), accept });
  }

  headRefused(refusal: Refusal, remoteAddress: string): void {
    this.#onHeadRefused?.(refusal, remoteAddress);
  }

  report(error: unknown): void {
    this.#log.error({ err: error }, 'a request could not be handled');
  }

  /** Begins to read a connection that has been accepted. */
  protected open(socket: Socket): LaneConnection {
    this.#parser.emit('connection', socket);
    return new ClientConnection(socket, this);
  }

  /**
   * Gives a connection of this lane to node's parser. Nothing of its next request may have been taken off it.
   *
   * @param headSince since when that request is being received, as of `performance.now()`
   */
  protected handToParser(socket: Socket, headSince: number): void {
    this.#parser.emit('connection', socket);
    this.#connections.set(socket, new ClientConnection(socket, this, headSince));
  }

  #parsing(socket: Socket): ClientConnection | undefined {
    const connection = this.#connections.get(socket);
    return connection instanceof ClientConnection ? connection : undefined;
  }

  #createParser(): HttpServer {
    const { limits } = this;
    const parser = createParser({
      insecureHTTPParser: false,
      // Host, counts and times are checked by this lane; node would answer without a body or drop fields silently.
      requireHostHeader: false,
      maxHeaderSize: limits.maxHeaderBytes + limits.maxTargetBytes + PARSER_SLACK,
      headersTimeout: 0,
      requestTimeout: 0,
      keepAliveTimeout: 0,
      // One way in for all requests: an upgrade is read, checked and answered like any other, until its 101.
      shouldUpgradeCallback: () => false,
    });
    // One more than allowed, so that too many are seen as too many while a flood of them is not kept.
    parser.maxHeadersCount = limits.maxHeaderCount + 1;
    // Unlimited, so that node never answers by itself ('dropRequest').
    parser.maxRequestsPerSocket = 0;
    // With these two listeners node leaves Expect to us.
    for (const event of ['request', 'checkContinue', 'checkExpectation']) {
      parser.on(event, (message, response) =>
        this.#parsing(message.socket)?.requestParsed(message, response),
      );
    }
    parser.on('connect', ({ socket }, stream) => {
      // With a body to come it is a stream around the socket, which repeats the socket's errors.
      stream.on('error', () => {});
      this.#parsing(socket)?.connectParsed(unknownMethod('CONNECT'));
    });
    parser.on('clientError', (error, socket) => {
      const connection = this.#parsing(socket as Socket);
      if (connection === undefined) socket.destroy();
      else connection.parserFailed(error);
    });
    return parser;
  }

  #turnAway(socket: Socket): void {
    socket.on('error', () => {});
    const refusal = new Refusal('SHUTTING_DOWN', 'The gateway takes no further connection at the moment.', {
      headers: ['Retry-After', '1'],
    });
    this.headRefused(refusal, plainAddress(socket.remoteAddress));
    // No lingering: a connection that is one too many must not stay.
    socket.write(serializeAnswer(this.answer(refusal, undefined)));
    socket.destroySoon();
  }

  async #stop(timeoutMs: number): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#listener.close(() => resolve()));
    // Runs before the first connection is looked at, when `stopping` is not set yet.
    await Promise.resolve();
    for (const connection of [...this.#connections.values()]) connection.closeIfIdle();
    const farewell = setTimeout(() => {
      this.#goingAway = true;
      for (const connection of [...this.#connections.values()]) connection.sayGoingAway();
    }, timeoutMs / 2);
    const timer = setTimeout(() => {
      for (const connection of [...this.#connections.values()]) connection.cut();
    }, timeoutMs);
    await ended;
    // The listener counts a socket as closed one turn before the socket says so.
    while (this.#connections.size > 0) await new Promise(setImmediate);
    clearTimeout(farewell);
    clearTimeout(timer);
    clearInterval(this.#ticker);
  }

  #tick(): void {
    const now = performance.now();
    for (const connection of [...this.#connections.values()]) connection.tick(now);
  }
}

/** Often enough for the shortest of the limits, and never so often that it costs anything. */
function tickMs(limits: ServerLimits): number {
  const shortest = Math.min(
    limits.headerTimeoutMs,
    limits.bodyTimeoutMs,
    limits.idleTimeoutMs,
    limits.sendTimeoutMs,
  );
  return Math.max(FASTEST_TICK_MS, Math.min(SLOWEST_TICK_MS, shortest / 4));
}
