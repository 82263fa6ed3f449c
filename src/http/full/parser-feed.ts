import type { Socket } from 'node:net';
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
  #stopped = false;
  #held = false;
  #headsInPiece = 0;
  #partial = false;
  #before = '';
  #lineEnded = false;
  #piece: Buffer = NOTHING;

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
    return { before: this.#before, inRequestLine: !this.#lineEnded && !this.#piece.includes(LF) };
  }

  /**
   * True when what is parsed may be RTSP: node's parser takes `GET / RTSP/1.0` and tells it from HTTP/1.0 by nothing.
   * May be true of an HTTP/1.0 request that only contains these characters.
   */
  get mayBeRtsp(): boolean {
    return this.#piece.includes(' RTSP/') || this.#before.includes(' RTSP/');
  }

  /** The parser has found the end of a head. */
  headParsed(): void {
    this.#headsInPiece++;
  }

  /** From now on everything that comes is read and thrown away. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#socket.resume();
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
      if (this.#owner.holdsBack() || this.#socket.isPaused()) {
        this.#putBack(chunk.subarray(at));
        return;
      }
      const size = Math.max(PIECE, this.#owner.owedBody() ?? 0);
      const piece = at === 0 && chunk.length <= size ? chunk : chunk.subarray(at, at + size);
      at += piece.length;
      this.#parsePiece(piece);
      this.#owner.parsed();
    }
    this.#piece = NOTHING;
  };

  #putBack(rest: Buffer): void {
    if (this.#owner.holdsBack()) this.#held = true;
    this.#socket.pause();
    this.#socket.unshift(rest);
  }

  #parsePiece(piece: Buffer): void {
    const wasInBody = this.#owner.inBody();
    this.#headsInPiece = 0;
    this.#piece = piece;
    try {
      this.#parse(piece);
    } catch (error) {
      this.stop();
      this.#owner.threw(error);
    }
    if (this.#headsInPiece > 0) {
      this.#before = '';
      this.#lineEnded = false;
      // A head without a body ends in a line feed, so another one has begun where the piece does not. Behind a body
      // that came in one piece with its head, nobody can tell; without the doubt a client at rest is taken for slow.
      const inHead = !this.#owner.inBody() && !this.#owner.bodyRead();
      this.#partial = inHead && piece[piece.length - 1] !== LF;
    } else if (wasInBody || this.#stopped) this.#partial = false;
    else {
      this.#partial = true;
      this.#before = (this.#before + piece.toString('latin1')).slice(-REMEMBERED);
      this.#lineEnded ||= piece.includes(LF);
    }
  }
}
