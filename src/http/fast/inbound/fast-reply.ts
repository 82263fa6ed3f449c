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
 * Bytes up to here go out as one string with the head and the framing around them: node gives a string of up to 16 KiB
 * to the system without a buffer of its own, which takes 2 µs less than to copy both into one buffer.
 */
const SMALL = 8_192;

/** The way back to the client over its socket. */
export class FastReply implements InboundReply, ReplyFacts {
  readonly method: string;
  readonly httpVersion = '1.1';
  readonly #socket: Socket;
  readonly #owner: FastReplyOwner;
  /** What is kept back until the end of the turn, to go out with what follows: the head, small chunks. */
  #kept = '';
  #headSent = false;
  #over = false;
  #chunked = false;
  /** Body bytes announced; null when the end is marked otherwise, or when there is no body to count. */
  #announced: number | null = null;
  #bodiless = false;
  #sent = 0;
  /** True where somebody is going to flush anyway: from the beginning, the connection when the handler has returned. */
  #flushing = true;
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
    return this.#chunked ? this.#writeChunk(chunk) : this.#send(chunk, '');
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
    else if (last !== null) this.#send(last, '');
    else this.#sendKept();
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

  /** Sends what has been kept back. The connection calls it when the handler has returned. */
  flush(): void {
    this.#flushing = false;
    if (!this.#over) this.#sendKept();
  }

  #prepareHead(status: number, reason: string, headers: HeaderList): void {
    const closes = this.#owner.closesAfterReply();
    const head = writeReplyHead({ status, reason, headers }, this, closes);
    this.#kept = head.text;
    this.#headSent = true;
    this.#bodiless = head.bodiless;
    this.#chunked = head.chunked;
    this.#announced = head.bodiless ? null : head.length;
    this.#flushSoon();
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    process.nextTick(flush, this);
  }

  #sendKept(): void {
    if (this.#kept === '') return;
    this.#socket.write(this.#kept, 'latin1');
    this.#kept = '';
  }

  /** Sends what has been kept back, `bytes` and what goes behind them, in one system call. */
  #send(bytes: Buffer, behind: string): boolean {
    const before = this.#kept;
    this.#kept = '';
    const socket = this.#socket;
    if (before === '' && behind === '') return socket.write(bytes);
    if (bytes.length <= SMALL) return socket.write(before + bytes.toString('latin1') + behind, 'latin1');
    socket.cork();
    if (before !== '') socket.write(before, 'latin1');
    let room = socket.write(bytes);
    if (behind !== '') room = socket.write(behind, 'latin1');
    socket.uncork();
    return room;
  }

  /** RFC 9112 §7.1. Small ones wait for the end of the turn: often enough the end of the answer comes before it. */
  #writeChunk(chunk: Buffer): boolean {
    this.#kept += `${chunk.length.toString(16)}\r\n`;
    if (this.#kept.length + chunk.length > SMALL) return this.#send(chunk, '\r\n');
    this.#kept += `${chunk.toString('latin1')}\r\n`;
    this.#flushSoon();
    return !this.#socket.writableNeedDrain;
  }

  #endChunks(last: Buffer | null, trailers: HeaderList): void {
    let end = '0\r\n';
    for (const [name, value] of sendableTrailers(trailers)) end += `${name}: ${value}\r\n`;
    end += '\r\n';
    if (last !== null) {
      this.#kept += `${last.length.toString(16)}\r\n`;
      this.#send(last, `\r\n${end}`);
    } else {
      this.#kept += end;
      this.#sendKept();
    }
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
