import type { Socket } from 'node:net';
import { EarlyBytes } from './early-bytes.ts';
import { HeadEnds } from './head-ends.ts';
import type { ParserPlace } from './parser-refusal.ts';

/** What the feed asks of, and tells, the connection it serves. */
export interface FeedOwner {
  /** True while no further request may be read. */
  holdsBack(): boolean;
  /** True while the parser is inside a request body. */
  inBody(): boolean;
  /** True when the last head parsed has a body, and the parser has read all of it. */
  bodyRead(): boolean;
  /** Bytes that the parser still takes for the body it is in, or null when that is not known. */
  owedBody(): number | null;
  /** Bytes have come. */
  received(): void;
  /** The parser has taken a piece; what it found in it has been told. */
  parsed(): void;
  /** Node's side of the parser threw, which it never should. */
  threw(error: unknown): void;
}

/**
 * Largest piece given to the parser at a time. Node's parser makes a request object of everything it is given, in one
 * go, and cannot be stopped in between: a single read of 64 KiB may hold 2,500 requests, 6 MB of objects held for
 * as long as the first of them takes. In pieces, at most 160 wait behind it.
 */
const PIECE = 4_096;
/** More than any method, and than " HTTP/1.1\r". */
const REMEMBERED = 64;
const RTSP = ' RTSP/';
const LF = 0x0a;
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Hands a connection's bytes to node's HTTP parser in pieces, only as long as requests can be taken. It stands
 * where node's own `data` listener stood, and puts back on the socket what must wait.
 */
export class ParserFeed {
  readonly #socket: Socket;
  readonly #owner: FeedOwner;
  readonly #parse: (piece: Buffer) => void;
  readonly #headEnds = new HeadEnds();
  #early: EarlyBytes | null = null;
  #stopped = false;
  #held = false;
  #headsInPart = 0;
  #partial = false;
  #before = '';
  #lineEnded = false;
  #part: Buffer = NOTHING;

  constructor(socket: Socket, owner: FeedOwner) {
    const [parse] = socket.listeners('data') as ((piece: Buffer) => void)[];
    if (parse === undefined) throw new Error('Node has not taken this socket yet.');
    this.#socket = socket;
    this.#owner = owner;
    this.#parse = parse;
    // In this order: without any listener the stream would stop flowing.
    socket.on('data', this.#onData);
    socket.off('data', parse);
  }

  /** True when nothing is parsed any more. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** True when the beginning of a head has been parsed and its end has not, as far as can be known. */
  get partial(): boolean {
    return this.#partial;
  }

  /** Where in a message the parser is, for the answer to what it cannot take. */
  get place(): ParserPlace {
    return { before: this.#before, inRequestLine: !this.#lineEnded && !this.#part.includes(LF) };
  }

  /**
   * True when what is parsed may be RTSP: node's parser takes `GET / RTSP/1.0` and tells it from HTTP/1.0 by nothing.
   * May be true of an HTTP/1.0 request that only contains these characters.
   */
  get mayBeRtsp(): boolean {
    // It may have come in two pieces.
    const before = this.#before + this.#part.toString('latin1', 0, RTSP.length - 1);
    return before.includes(RTSP) || this.#part.includes(RTSP);
  }

  /** The parser has found the end of a head. */
  headParsed(): void {
    this.#headsInPart++;
  }

  /** From now on everything that comes is read and thrown away. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#socket.resume();
  }

  /** From now on everything that comes is kept, until it is known what it is. */
  keepEarly(): void {
    this.#early ??= new EarlyBytes(this.#socket);
  }

  /** True when something has come that nobody knows yet what it is. */
  get hasEarly(): boolean {
    return this.#early !== null && this.#early.length > 0;
  }

  /** It is HTTP as before. Nothing may have come meanwhile. */
  endEarly(): void {
    this.#early = null;
  }

  /** Nothing more is parsed; the socket is left paused and without this listener. Returns what was kept. */
  letGo(): Buffer {
    const kept = this.#early?.take() ?? NOTHING;
    this.#stopped = true;
    this.#socket.pause();
    this.#socket.off('data', this.#onData);
    return kept;
  }

  /** There may be room for another request. */
  goOn(): void {
    if (!this.#held || this.#owner.holdsBack()) return;
    this.#held = false;
    this.#socket.resume();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#stopped) return;
    this.#owner.received();
    let at = 0;
    while (at < chunk.length && !this.#stopped) {
      if (this.#keptEarly(chunk.subarray(at))) return;
      if (this.#owner.holdsBack() || this.#socket.isPaused()) {
        this.#putBack(chunk.subarray(at));
        return;
      }
      const end = Math.min(at + Math.max(PIECE, this.#owner.owedBody() ?? 0), chunk.length);
      while (at < end && !this.#stopped && this.#early === null) {
        const part = this.#nextPart(chunk, at, end);
        at += part.length;
        this.#parsePart(part);
      }
      if (this.#keptEarly(chunk.subarray(at))) at = chunk.length;
      this.#owner.parsed();
    }
    this.#part = NOTHING;
  };

  #keptEarly(rest: Buffer): boolean {
    this.#early?.add(rest);
    return this.#early !== null;
  }

  /** No part goes beyond the end of a head, so that what follows an upgrade has not been given to the parser. */
  #nextPart(chunk: Buffer, at: number, pieceEnd: number): Buffer {
    const owed = this.#owner.inBody() ? (this.#owner.owedBody() ?? 0) : 0;
    const headEnd = owed > 0 ? at + owed : this.#headEnds.next(chunk, at);
    const end = headEnd === -1 ? pieceEnd : Math.min(headEnd, pieceEnd);
    const part = at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end);
    this.#headEnds.passed(part, end === headEnd || owed > 0);
    return part;
  }

  #putBack(rest: Buffer): void {
    if (this.#owner.holdsBack()) this.#held = true;
    this.#socket.pause();
    this.#socket.unshift(rest);
  }

  #parsePart(part: Buffer): void {
    const wasInBody = this.#owner.inBody();
    this.#headsInPart = 0;
    this.#part = part;
    try {
      this.#parse(part);
    } catch (error) {
      this.stop();
      this.#owner.threw(error);
    }
    if (this.#headsInPart > 0) {
      // Behind a body that came in one piece with its head, nobody can tell whether another head has begun; without the
      // doubt a client at rest is taken for slow.
      const inHead = !this.#owner.inBody() && !this.#owner.bodyRead();
      const begun = inHead ? behindLastHead(part) : '';
      this.#partial = begun !== '';
      this.#before = begun.slice(-REMEMBERED);
      this.#lineEnded = begun.includes('\n');
    } else if (wasInBody || this.#stopped) this.#partial = false;
    else {
      this.#partial = true;
      this.#before = (this.#before + part.toString('latin1')).slice(-REMEMBERED);
      this.#lineEnded ||= part.includes(LF);
    }
  }
}

/** What stands behind the last blank line: another head has begun with it. */
function behindLastHead(part: Buffer): string {
  const end = part.lastIndexOf('\r\n\r\n');
  return part.toString('latin1', end === -1 ? 0 : end + 4).replace(/^[\r\n]+/, '');
}
