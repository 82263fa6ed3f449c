import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { type RefusalAnswer, serializeAnswer } from '../../error-body.ts';
import type { ConnectionHost } from '../../full/client-connection.ts';
import { LingeringClose } from '../../full/close-lingering.ts';
import { ConnectionClock } from '../../full/connection-clock.ts';
import type { LaneConnection } from '../../full/inbound-server.ts';
import { NodeRequest, plainAddress } from '../../full/node-request.ts';
import { Refusal } from '../../refusal.ts';
import { headCutShort, headTooSlow, type InboundHead } from '../../request-head.ts';
import { FastBody, type FastBodyOwner } from './fast-body.ts';
import { FastReply, type FastReplyOwner } from './fast-reply.ts';
import { HeldBytes } from './held-bytes.ts';
import { plainHead } from './plain-head.ts';
import { scanHead } from './scan-head.ts';

/** What a connection asks of the lane that accepted it. */
export interface FastHost extends ConnectionHost {
  /** Gives the connection, with nothing of its next request taken off, to node's parser. */
  handOver(socket: Socket, headSince: number): void;
}

/** A head that comes in more pieces than this is node's to read, which needs to look at each byte only once. */
const MOST_PIECES = 8;

/**
 * A client's connection as long as all that comes over it is beyond doubt: at most one request in work, what comes
 * behind it held, and everything else given to node's parser, byte for byte, where a request begins.
 */
export class FastConnection implements LaneConnection, FastReplyOwner, FastBodyOwner {
  readonly #socket: Socket;
  readonly #host: FastHost;
  readonly #remoteAddress: string;
  readonly #clock: ConnectionClock;
  /** What has come and belongs to no request yet. */
  readonly #held = new HeldBytes();
  /** Pieces in which the head that is being received has come so far. */
  #pieces = 0;
  #headSince = 0;
  /** The answer in work. */
  #reply: FastReply | null = null;
  #body: FastBody | null = null;
  /** No further request is taken after the one in work. */
  #last = false;
  /** The answer in work has told the client that it is the last. */
  #closeTold = false;
  /** Everything that comes is thrown away. */
  #stopped = false;
  #closing: LingeringClose | null = null;
  #working = false;

  constructor(socket: Socket, host: FastHost) {
    this.#socket = socket;
    this.#host = host;
    this.#remoteAddress = plainAddress(socket.remoteAddress);
    this.#clock = new ConnectionClock(socket, host.limits, performance.now());
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('drain', this.#onDrain);
    socket.on('close', this.#onClose);
    // Every error is followed by 'close', which tells whoever has to know.
    socket.on('error', ignore);
  }

  tick(now: number): void {
    if (this.#socket.destroyed) return;
    this.#closing?.tick(now);
    const busy = this.#reply !== null || this.#closing !== null;
    switch (this.#clock.tick(now, { busy, wantsBody: this.#body?.wanting === true })) {
      case 'send':
        this.cutConnection();
        break;
      case 'idle':
        this.#socket.destroy();
        break;
      case 'body':
        this.#body?.fail('timeout');
        break;
      case 'head':
        this.#refuse(headTooSlow());
        break;
      case null:
    }
  }

  closeIfIdle(): void {
    if (this.#reply === null && this.#closing === null && this.#held.length === 0) this.#socket.destroy();
  }

  /** There are no tunnels here. */
  sayGoingAway(): void {}

  cut(): void {
    this.#socket.destroy();
  }

  closesAfterReply(): boolean {
    const body = this.#body;
    // Unread bytes of a body must never be taken for the next request (RFC 9112 §9.3).
    const unread = body !== null && !body.received && !body.reading;
    this.#closeTold ||= this.#host.stopping || this.#last || unread;
    return this.#closeTold;
  }

  replyWritten(): void {
    // The next request is not begun before this answer has left, and what has come of a body may still be delivered.
    if (this.#socket.writableLength === 0 && this.#body?.reading !== true) this.#replySent();
    else this.#socket.write('', this.#replySent);
  }

  replyRefused(error: unknown): RefusalAnswer {
    this.#host.report(error);
    const refusal = new Refusal('INTERNAL_ERROR', 'The answer could not be sent as HTTP.');
    return this.#host.answer(refusal, undefined);
  }

  cutConnection(): void {
    this.#socket.resetAndDestroy();
  }

  bodyHasRoom(): void {
    this.#pace();
  }

  bodyGivenUp(): void {
    this.#last = true;
    this.#throwAway();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#stopped) return;
    const body = this.#body;
    const share = body === null ? 0 : body.share(chunk.length);
    if (share === 0 || body === null) this.#hold(chunk);
    else {
      if (share < chunk.length) this.#hold(chunk.subarray(share));
      body.add(share === chunk.length ? chunk : chunk.subarray(0, share));
    }
    if (this.#reply === null) this.#work();
    else this.#pace();
  };

  #hold(bytes: Buffer): void {
    // What follows the last request of a connection is not carried out.
    if (this.#last) return;
    this.#held.add(bytes);
  }

  /** The client will send nothing more. */
  readonly #onEnd = (): void => {
    const wasStopped = this.#stopped;
    const inHead = this.#held.length > 0 && this.#reply === null;
    this.#throwAway();
    if (this.#reply === null) {
      if (inHead && !wasStopped) this.#refuse(headCutShort());
      else this.#socket.end();
      return;
    }
    // A finished answer may still be on its way out; the connection ends after it.
    if (this.#reply.closed) return;
    this.#lost();
    this.#socket.destroy();
  };

  readonly #onDrain = (): void => this.#reply?.socketDrained();

  readonly #onClose = (): void => {
    this.#throwAway();
    this.#lost();
  };

  /** The reply first: whoever conducts the exchange must see a client that left, not a broken body. */
  #lost(): void {
    this.#reply?.clientGone();
    this.#body?.fail('aborted');
  }

  /** Begins what has come, one request after the other, as far as each is answered at once. */
  readonly #work = (): void => {
    if (this.#working) return;
    this.#working = true;
    while (this.#reply === null && !this.#stopped && this.#held.length > 0 && this.#begin());
    this.#working = false;
    this.#pace();
  };

  /** Takes the next request off what has come. False when it has to wait, or the connection is not ours any more. */
  #begin(): boolean {
    const { limits } = this.#host;
    const bytes = this.#held.take();
    const scanned = scanHead(bytes);
    if (scanned === 'partial' && ++this.#pieces < MOST_PIECES && bytes.length < limits.maxHeaderBytes) {
      if (this.#headSince === 0) this.#headSince = performance.now();
      this.#clock.headBegins(this.#headSince);
      this.#held.add(bytes);
      return false;
    }
    const head = typeof scanned === 'string' ? null : plainHead(scanned, limits);
    if (head === null || typeof scanned === 'string') {
      this.#handOver(bytes);
      return false;
    }
    this.#pieces = 0;
    this.#headSince = 0;
    this.#clock.headEnds();
    this.#last = head.isLast;
    if (scanned.length === bytes.length) this.#handle(head, null);
    else this.#handle(head, bytes.subarray(scanned.length));
    return true;
  }

  #handle(head: InboundHead, rest: Buffer | null): void {
    const reply = new FastReply(head.method, this.#socket, this);
    const body = head.bodyLength === null ? null : new FastBody(head.bodyLength, this);
    this.#reply = reply;
    this.#body = body;
    if (rest !== null) {
      const share = body?.share(rest.length) ?? 0;
      if (share > 0) body?.add(rest.subarray(0, share));
      if (share < rest.length) this.#hold(rest.subarray(share));
    }
    this.#host.handle(new NodeRequest(head, this.#remoteAddress, body), reply);
    reply.flush();
  }

  /** Every byte of the answer is with the operating system. */
  readonly #replySent = (): void => {
    const body = this.#body;
    this.#reply = null;
    // Gives up what the handler left of the body, and with it the connection.
    body?.discard();
    const isLast = this.#closeTold || this.#last || (body !== null && !body.received);
    if (isLast || (this.#held.length === 0 && (this.#stopped || this.#host.stopping))) {
      this.#closeLingering();
      return;
    }
    this.#body = null;
    this.#clock.restBegins(performance.now());
    this.#pace();
    // Whoever has ended the reply is done with it before he hears of the next request.
    if (this.#held.length > 0 && !this.#working) process.nextTick(this.#work);
  };

  #handOver(bytes: Buffer): void {
    const socket = this.#socket;
    this.#stopped = true;
    socket.pause();
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('drain', this.#onDrain);
    socket.off('close', this.#onClose);
    this.#host.handOver(socket, this.#headSince === 0 ? performance.now() : this.#headSince);
    socket.off('error', ignore);
    // Paused until here, so that node's parser gets these bytes first, and in a turn of their own.
    socket.unshift(bytes);
    socket.resume();
  }

  /** Answers what is no request; the connection ends with it. */
  #refuse(refusal: Refusal): void {
    this.#host.headRefused(refusal, this.#remoteAddress);
    if (this.#socket.writable) this.#socket.write(serializeAnswer(this.#host.answer(refusal, undefined)));
    this.#closeLingering();
  }

  /** Holds the client back while what it has sent cannot be used. */
  #pace(): void {
    const socket = this.#socket;
    const enough = this.#reply !== null && (this.#held.isEnough || this.#body?.isFull === true);
    if (this.#stopped || enough === socket.isPaused()) return;
    if (enough) socket.pause();
    else socket.resume();
  }

  #throwAway(): void {
    this.#stopped = true;
    this.#held.clear();
    this.#socket.resume();
  }

  #closeLingering(): void {
    this.#last = true;
    this.#throwAway();
    this.#closing ??= new LingeringClose(this.#socket);
  }
}

function ignore(): void {}
