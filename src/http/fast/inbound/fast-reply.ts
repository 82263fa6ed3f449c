import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { RefusalAnswer } from '../../error-body.ts';
import { interimHead, type ReplyFacts, sendableTrailers } from '../../full/reply-fields.ts';
import { dropTunnel } from '../../full/tunnel.ts';
import type { HeaderList, InboundReply, TunnelEnd } from '../../message.ts';
import { writeReplyHead } from './reply-head.ts';

export interface FastReplyOwner {
  /** Asked when the head is about to be sent: must the connection end after this reply? */
  closesAfterReply(): boolean;
  /** Every byte has been given to the socket. */
  replyWritten(): void;
  /** Ends the connection so that the client cannot take what it got for a complete answer. */
  cutConnection(): void;
  /** The head could not be sent, and nothing has gone out. Says what to answer instead. */
  replyRefused(error: unknown): RefusalAnswer;
}

/**
 * A body up to here is copied behind its head, so that both are one buffer; above it two buffers in one system call cost
 * less than the copy.
 */
const COPIED = 8_192;
const CRLF = Buffer.from('\r\n');
const LAST_CHUNK = '0\r\n';

/** The way back to the client over its socket. */
export class FastReply implements InboundReply, ReplyFacts {
  readonly method: string;
  readonly httpVersion = '1.1';
  readonly #socket: Socket;
  readonly #owner: FastReplyOwner;
  /** The head, until it goes out with the first bytes or alone. */
  #head = '';
  #headSent = false;
  #over = false;
  #chunked = false;
  /** Body bytes announced; null when the end is marked otherwise, or when there is no body to count. */
  #announced: number | null = null;
  #bodiless = false;
  #sent = 0;
  #corked = false;
  #flushing = false;
  #onDrain: (() => void) | null = null;
  #onClientGone: (() => void) | null = null;

  constructor(method: string, socket: Socket, owner: FastReplyOwner) {
    this.method = method;
    this.#socket = socket;
    this.#owner = owner;
  }

  get headSent(): boolean {
    return this.#headSent;
  }

  get closed(): boolean {
    return this.#over;
  }

  interim(status: number, headers: HeaderList): void {
    if (this.#headSent || this.#over) return;
    const head = interimHead(status, headers);
    if (head !== null) this.#socket.write(head, 'latin1');
  }

  head(status: number, reason: string, headers: HeaderList): void {
    if (this.#headSent || this.#over) return;
    try {
      this.#prepareHead(status, reason, headers);
    } catch (error) {
      const answer = this.#owner.replyRefused(error);
      this.#prepareHead(answer.status, '', answer.headers);
      this.end(answer.body);
    }
  }

  write(chunk: Buffer): boolean {
    if (this.#over) return true;
    if (!this.#headSent) throw new Error('A reply needs a head before its body.');
    if (!this.#counts(chunk.length) || this.#bodiless || chunk.length === 0) return true;
    if (!this.#chunked) return this.#writeBody(chunk);
    this.#cork();
    return this.#writeChunk(chunk);
  }

  end(chunk?: Buffer, trailers?: HeaderList): void {
    if (this.#over) return;
    if (!this.#headSent) throw new Error('A reply needs a head before its end.');
    if (chunk !== undefined && !this.#counts(chunk.length)) return;
    // RFC 9110 §8.6: too few bytes would make the client take the next answer for the rest of this one.
    if (this.#announced !== null && this.#sent !== this.#announced) {
      this.abort();
      return;
    }
    this.#over = true;
    this.#onDrain = null;
    const last = chunk === undefined || this.#bodiless || chunk.length === 0 ? null : chunk;
    if (this.#chunked) this.#endChunks(last, trailers ?? []);
    else if (last !== null) this.#writeBody(last);
    else this.#writeHead();
    this.#uncork();
    this.#owner.replyWritten();
  }

  switchProtocols(
    _headers: HeaderList,
    tunnel: Duplex,
    _idleTimeoutMs: number,
    onEnd: (end: TunnelEnd) => void,
  ): void {
    // This lane takes no request for an upgrade.
    if (!this.#over) throw new Error('There is nothing to upgrade.');
    dropTunnel(tunnel, 'client', onEnd);
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.cutConnection();
  }

  onDrain(listener: (() => void) | null): void {
    this.#onDrain = listener;
  }

  onClientGone(listener: (() => void) | null): void {
    this.#onClientGone = listener;
  }

  /** The connection is lost. Does nothing when the reply was finished before. */
  clientGone(): void {
    if (this.#over) return;
    this.#over = true;
    this.#onClientGone?.();
  }

  socketDrained(): void {
    if (!this.#over) this.#onDrain?.();
  }

  /** Sends what has been kept back to go out in one piece with what might have followed. */
  flush(): void {
    this.#flushing = false;
    if (this.#over) return;
    this.#writeHead();
    this.#uncork();
  }

  #prepareHead(status: number, reason: string, headers: HeaderList): void {
    const closes = this.#owner.closesAfterReply();
    const head = writeReplyHead({ status, reason, headers }, this, closes);
    this.#head = head.text;
    this.#headSent = true;
    this.#bodiless = head.bodiless;
    this.#chunked = head.chunked;
    this.#announced = head.bodiless ? null : head.length;
    this.#flushSoon();
  }

  /** One system call for all that is written in one go. */
  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
    this.#flushSoon();
  }

  #uncork(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#socket.uncork();
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    process.nextTick(flush, this);
  }

  #writeHead(): void {
    if (this.#head === '') return;
    this.#socket.write(this.#head, 'latin1');
    this.#head = '';
  }

  #writeBody(chunk: Buffer): boolean {
    const head = this.#head;
    if (head === '') return this.#socket.write(chunk);
    this.#head = '';
    if (chunk.length <= COPIED) {
      const both = Buffer.allocUnsafe(head.length + chunk.length);
      both.write(head, 'latin1');
      chunk.copy(both, head.length);
      return this.#socket.write(both);
    }
    this.#socket.cork();
    this.#socket.write(head, 'latin1');
    const room = this.#socket.write(chunk);
    this.#socket.uncork();
    return room;
  }

  /** RFC 9112 §7.1 */
  #writeChunk(chunk: Buffer): boolean {
    this.#socket.write(`${this.#head}${chunk.length.toString(16)}\r\n`, 'latin1');
    this.#head = '';
    this.#socket.write(chunk);
    return this.#socket.write(CRLF);
  }

  #endChunks(last: Buffer | null, trailers: HeaderList): void {
    this.#cork();
    if (last !== null) this.#writeChunk(last);
    let end = this.#head + LAST_CHUNK;
    this.#head = '';
    for (const [name, value] of sendableTrailers(trailers)) end += `${name}: ${value}\r\n`;
    this.#socket.write(`${end}\r\n`, 'latin1');
  }

  /** False when the reply would become longer than announced; the connection is cut then. */
  #counts(length: number): boolean {
    if (this.#bodiless) return true;
    this.#sent += length;
    if (this.#announced === null || this.#sent <= this.#announced) return true;
    this.abort();
    return false;
  }
}

function flush(reply: FastReply): void {
  reply.flush();
}
