import type { Socket } from 'node:net';
import {
  type InboundBody,
  type InboundBodyError,
  type InboundBodySink,
  UpstreamError,
} from '../../message.ts';

export interface BodySenderEvents {
  /** A part of the body has been written, or the upstream takes bytes again. */
  onMoved(): void;
  /** The whole request has been written. */
  onSent(): void;
  onBroken(error: UpstreamError): void;
}

/**
 * Sends a request that has a body, piece by piece as the client sends it. The upstream holds the client back. Nothing is
 * written before the first piece: a request whose client fails at once never reaches the upstream.
 */
export class BodySender implements InboundBodySink {
  readonly #head: string;
  readonly #body: InboundBody;
  readonly #events: BodySenderEvents;
  #socket: Socket | null = null;
  #started = false;
  #written = 0;
  #ended = false;
  #headWritten = false;
  #held = false;
  #stopped = false;
  /** What came between two connections. */
  #early: Buffer[] = [];

  /** @param head without its last, empty line */
  constructor(head: string, body: InboundBody, events: BodySenderEvents) {
    this.#head = head;
    this.#body = body;
    this.#events = events;
  }

  /** Nothing has been written yet. */
  get untouched(): boolean {
    return !this.#headWritten;
  }

  /** All that came has been written, and the upstream takes more. */
  get waitsForClient(): boolean {
    return !this.#ended && !this.#held;
  }

  /** Sends over this connection from now on. */
  attach(socket: Socket): void {
    this.#socket = socket;
    if (!this.#started) {
      this.#started = true;
      this.#body.start(this);
      return;
    }
    const early = this.#early;
    this.#early = [];
    for (const chunk of early) this.onChunk(chunk);
    if (this.#ended) this.onEnd();
    else if (!this.#held) this.#body.resume();
  }

  /** The connection broke before anything was written. */
  detach(): void {
    this.#socket = null;
    if (!this.#ended) this.#body.pause();
  }

  /** The connection takes bytes again. */
  drained(): void {
    if (!this.#held || this.#stopped) return;
    this.#held = false;
    this.#events.onMoved();
    if (!this.#ended) this.#body.resume();
  }

  /** Nothing more is sent, and nothing told. */
  stop(): void {
    this.#stopped = true;
    this.#socket = null;
    this.#early = [];
  }

  onChunk(chunk: Buffer): void {
    if (this.#stopped || chunk.length === 0) return;
    if (this.#socket === null) {
      this.#early.push(chunk);
      return;
    }
    const { length } = this.#body;
    if (length !== null && this.#written + chunk.length > length) {
      this.#broken('The request body is longer than announced.');
      return;
    }
    if (!this.#write(this.#socket, chunk) && !this.#held) {
      this.#held = true;
      this.#body.pause();
    }
    this.#events.onMoved();
  }

  onEnd(): void {
    this.#ended = true;
    const socket = this.#socket;
    if (this.#stopped || socket === null) return;
    const { length } = this.#body;
    if (length !== null && this.#written !== length) {
      this.#broken('The request body is shorter than announced.');
      return;
    }
    if (!this.#headWritten) {
      this.#headWritten = true;
      socket.write(`${this.#head}${length === null ? 'content-length: 0\r\n' : ''}\r\n`, 'latin1');
    } else if (length === null) socket.write('\r\n0\r\n\r\n', 'latin1');
    this.#events.onSent();
  }

  onError(error: InboundBodyError): void {
    if (!this.#stopped) this.#broken(error.message, error);
  }

  /** Head, size line and chunk leave in one system call. Returns false when the socket wants to be waited for. */
  #write(socket: Socket, chunk: Buffer): boolean {
    const chunked = this.#body.length === null;
    socket.cork();
    if (!this.#headWritten) {
      this.#headWritten = true;
      socket.write(`${this.#head}${chunked ? 'transfer-encoding: chunked\r\n' : '\r\n'}`, 'latin1');
    }
    // The line end after a chunk, or after the head, is written with what follows it.
    if (chunked) socket.write(`\r\n${chunk.length.toString(16)}\r\n`, 'latin1');
    const takesMore = socket.write(chunk);
    socket.uncork();
    this.#written += chunk.length;
    return takesMore;
  }

  #broken(message: string, cause?: InboundBodyError): void {
    this.#events.onBroken(new UpstreamError('request_body', message, cause));
  }
}
