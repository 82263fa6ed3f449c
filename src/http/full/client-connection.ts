import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type RefusalAnswer, serializeAnswer } from '../error-body.ts';
import { firstValue } from '../field-names.ts';
import type { InboundReply, InboundRequest, TunnelEnd } from '../message.ts';
import { Refusal } from '../refusal.ts';
import { headCutShort, headTooSlow } from '../request-head.ts';
import { LingeringClose } from './close-lingering.ts';
import { ConnectionClock } from './connection-clock.ts';
import { plainAddress } from './node-request.ts';
import { ParserFeed } from './parser-feed.ts';
import { type ParserError, parserRefusal } from './parser-refusal.ts';
import type { ServerLimits } from './server-limits.ts';
import { Tunnel } from './tunnel.ts';
import { mustBeLast, readTurn, refusedTurn, type Turn, type TurnExchange, type TurnOwner } from './turn.ts';

/** What a connection asks of the lane that accepted it. */
export interface ConnectionHost {
  readonly limits: ServerLimits;
  /** True once the lane takes no new requests. */
  readonly stopping: boolean;
  /** True once open tunnels are asked to close. */
  readonly goingAway: boolean;
  handle(request: InboundRequest, reply: InboundReply): void;
  answer(refusal: Refusal, accept: string | undefined): RefusalAnswer;
  /** Something is answered by the lane itself that never becomes a request. */
  headRefused(refusal: Refusal, remoteAddress: string): void;
  /** Something that must not happen: a handler that threw, a head that cannot be sent. */
  report(error: unknown): void;
}

/**
 * A client's connection over node's HTTP parser: its requests in line, the first in work, and the decision
 * on which safety hangs: whether another request may be read after this one.
 */
export class ClientConnection implements TurnOwner {
  readonly socket: Socket;
  readonly remoteAddress: string;
  readonly #host: ConnectionHost;
  readonly #clock: ConnectionClock;
  readonly #feed: ParserFeed;
  readonly #line: Turn[] = [];
  /** No further request is taken: the client said so, or what follows cannot be trusted. */
  #lastTaken = false;
  /** The answer in work has told the client that it is the last. */
  #closeTold = false;
  #closing: LingeringClose | null = null;
  #tunnel: Tunnel | null = null;
  /** Node's answer to the end of what the client sends, which is to end our side too. */
  readonly #endOurSide: (() => void) | undefined;

  /** @param headSince since when its first request is being received, if somebody else has waited for it before */
  constructor(socket: Socket, host: ConnectionHost, headSince?: number) {
    this.socket = socket;
    this.#host = host;
    this.remoteAddress = plainAddress(socket.remoteAddress);
    this.#endOurSide = socket.listeners('end').at(-1) as (() => void) | undefined;
    this.#clock = new ConnectionClock(socket, host.limits, performance.now());
    if (headSince !== undefined) this.#clock.headBegins(headSince);
    this.#feed = new ParserFeed(socket, {
      holdsBack: () => this.#line.length > 1,
      inBody: () => this.#bodyInParser() !== undefined,
      bodyRead: () => this.#line.at(-1)?.exchange?.body?.received === true,
      owedBody: () => this.#line.at(-1)?.exchange?.body?.owed ?? null,
      received: () => this.#received(),
      parsed: () => this.#work(),
      threw: (error) => {
        host.report(error);
        socket.destroy();
      },
    });
    // A head that goes out alone is a string to node, which it would write in UTF-8.
    socket.setDefaultEncoding('latin1');
    // Every error is followed by 'close', which tells whoever has to know; without a listener it would end the process.
    socket.on('error', ignore);
    // Node's way to close after a last answer destroys the socket at once; LingeringClose says what that loses.
    socket.destroySoon = () => this.#closeLingering();
  }

  /** A head has been read by node's parser. */
  requestParsed(message: IncomingMessage, response: ServerResponse): void {
    this.#feed.headParsed();
    // What follows the last request of a connection is not carried out.
    if (this.#lastTaken) return;
    this.#clock.headEnds();
    const turn = readTurn(message, response, this.#host.limits, this);
    if (message.httpVersion === '1.0' && this.#feed.mayBeRtsp) {
      turn.refusal ??= new Refusal('BAD_REQUEST', 'This port speaks HTTP, not RTSP.');
    }
    this.#line.push(turn);
    if (turn.exchange?.isLast === true) this.#lastTaken = true;
    if (turn.refusal !== null) this.#feed.stop();
    else if (turn.exchange?.request?.upgrade != null) this.#feed.keepEarly();
  }

  /** Node has read a CONNECT, and with that let go of the socket and of everything it does for one. */
  connectParsed(refusal: Refusal): void {
    this.#feed.stop();
    this.socket.on('drain', () => this.#line[0]?.exchange?.reply.socketDrained());
    if (!this.#lastTaken) this.#refuseNext(refusal);
  }

  /** The bytes are not HTTP, or the connection broke, or it ended within a request. */
  parserFailed(error: ParserError): void {
    const wasStopped = this.#feed.stopped;
    const broken = this.#bodyInParser();
    this.#feed.stop();
    if (error.code?.startsWith('HPE_') !== true) this.socket.destroy();
    else if (error.code === 'HPE_INVALID_EOF_STATE') this.#endedInRequest(wasStopped);
    // Bytes after a request that closes the connection were never to be read.
    else if (wasStopped || error.code === 'HPE_CLOSED_CONNECTION') this.#lastTaken = true;
    else {
      const refusal = parserRefusal(error, this.#feed.place, this.#host.limits);
      if (broken === undefined) this.#refuseNext(refusal);
      else if (broken.begun) broken.exchange?.body?.fail('malformed', error);
      else broken.refusal = refusal;
    }
  }

  /** Looks at the clock. */
  tick(now: number): void {
    if (this.socket.destroyed) return;
    if (this.#tunnel !== null) {
      this.#tunnel.tick(now);
      return;
    }
    this.#closing?.tick(now);
    const body = this.#line[0]?.exchange?.body;
    const busy = this.#line.length > 0 || this.#closing !== null;
    switch (this.#clock.tick(now, { busy, wantsBody: body?.wanting === true })) {
      case 'send':
        this.cutConnection();
        break;
      case 'idle':
        this.socket.destroy();
        break;
      case 'body':
        body?.fail('timeout');
        break;
      case 'head':
        this.#refuseNext(headTooSlow());
        break;
      case null:
    }
  }

  /** Ends a connection on which nothing is in work and nothing of a next request has come. */
  closeIfIdle(): void {
    const busy = this.#line.length > 0 || this.#closing !== null || this.#tunnel !== null;
    if (!busy && !this.#clock.inHead) this.socket.destroy();
  }

  /** Asks an open tunnel to close. */
  sayGoingAway(): void {
    this.#tunnel?.sayGoingAway();
  }

  /** Ends the connection now. */
  cut(): void {
    this.#tunnel?.cut('stopped');
    this.socket.destroy();
  }

  closesAfterReply(): boolean {
    const turn = this.#line[0];
    this.#closeTold ||=
      this.#host.stopping ||
      turn === undefined ||
      turn.refusal !== null ||
      turn.exchange === null ||
      mustBeLast(turn.exchange, this.#feed.hasEarly);
    return this.#closeTold;
  }

  replySent(): void {
    const exchange = this.#line.shift()?.exchange;
    if (this.#tunnel !== null) return;
    // Gives up what the handler left of the body, and with it the connection.
    exchange?.body?.discard();
    const isLast =
      this.#closeTold ||
      exchange == null ||
      !exchange.message.complete ||
      mustBeLast(exchange, this.#feed.hasEarly);
    if (isLast || (this.#line.length === 0 && (this.#feed.stopped || this.#host.stopping))) {
      this.#closeLingering();
      return;
    }
    if (exchange.request?.upgrade != null) this.#feed.endEarly();
    if (this.#line.length === 0) this.#rest();
    this.#work();
    this.#feed.goOn();
  }

  upgradeTo(): 'websocket' | null {
    return this.#line[0]?.exchange?.request?.upgrade ?? null;
  }

  switched(tunnel: Duplex, idleTimeoutMs: number, onEnd: (end: TunnelEnd) => void): void {
    this.#lastTaken = true;
    if (this.#endOurSide !== undefined) this.socket.off('end', this.#endOurSide);
    const sides = { client: this.socket, upstream: tunnel, early: this.#feed.letGo() };
    this.#tunnel = new Tunnel(sides, idleTimeoutMs, onEnd);
    if (this.#host.goingAway) this.#tunnel.sayGoingAway();
  }

  replyRefused(error: unknown): RefusalAnswer {
    this.#host.report(error);
    const refusal = new Refusal('INTERNAL_ERROR', 'The answer could not be sent as HTTP.');
    return this.#host.answer(refusal, undefined);
  }

  cutConnection(): void {
    // A reset, because to a client the end of the connection is the proper end of a close-delimited answer.
    this.socket.resetAndDestroy();
  }

  bodyStarts(): void {
    const exchange = this.#line[0]?.exchange;
    if (exchange?.expectsContinue === true) exchange.reply.sendContinue();
  }

  bodyGivenUp(): void {
    this.#lastTaken = true;
    this.#feed.stop();
  }

  /** The turn whose body the parser is in. */
  #bodyInParser(): Turn | undefined {
    const turn = this.#line.at(-1);
    return turn?.exchange?.message.complete === false ? turn : undefined;
  }

  #received(): void {
    if (this.#line.length === 0) this.#clock.headBegins(performance.now());
  }

  #rest(): void {
    const now = performance.now();
    this.#clock.restBegins(now);
    if (this.#feed.partial) this.#clock.headBegins(now);
  }

  /** Begins the first turn in line, if it has not begun. */
  #work(): void {
    const turn = this.#line[0];
    if (turn === undefined || turn.begun || this.socket.destroyed) return;
    turn.begun = true;
    if (turn.refusal !== null) this.#refuse(turn.refusal, turn.exchange);
    else if (turn.exchange?.request != null) this.#host.handle(turn.exchange.request, turn.exchange.reply);
  }

  /** Puts an answer to something that is no request behind what is in line; it is the connection's last. */
  #refuseNext(refusal: Refusal): void {
    this.#feed.stop();
    this.#lastTaken = true;
    this.#line.push(refusedTurn(refusal));
    this.#work();
  }

  #refuse(refusal: Refusal, exchange: TurnExchange | null): void {
    this.#feed.stop();
    this.#host.headRefused(refusal, this.remoteAddress);
    if (exchange === null) {
      if (this.socket.writable) this.socket.write(serializeAnswer(this.#host.answer(refusal, undefined)));
      this.#line.length = 0;
      this.#closeLingering();
      return;
    }
    const answer = this.#host.answer(refusal, firstValue(exchange.message.rawHeaders, 'accept'));
    exchange.reply.head(answer.status, '', answer.headers);
    exchange.reply.end(answer.body);
  }

  /** The client will send nothing more, and what it sent ends within a request. */
  #endedInRequest(wasStopped: boolean): void {
    const first = this.#line[0];
    if (first === undefined) {
      if (!wasStopped) this.#refuseNext(headCutShort());
      return;
    }
    // A finished answer may still be on its way out; the connection ends after it.
    if (first.exchange?.reply.closed === true) return;
    // The reply first: whoever conducts the exchange must see a client that left, not a broken body.
    first.exchange?.reply.clientGone();
    first.exchange?.body?.fail('aborted');
    this.socket.destroy();
  }

  #closeLingering(): void {
    this.#feed.stop();
    this.#lastTaken = true;
    this.#line.length = 0;
    this.#closing ??= new LingeringClose(this.socket);
  }
}

function ignore(): void {}
