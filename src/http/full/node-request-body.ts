import type { IncomingMessage } from 'node:http';
import { type InboundBody, InboundBodyError, type InboundBodySink } from '../message.ts';

export interface BodyOwner {
  /** The body is about to be read: the moment to tell a client that waits for it to go on. */
  bodyStarts(): void;
  /** What is still to come of the body will not be read any more. */
  bodyGivenUp(): void;
}

/** What to say of a body that broke. */
export const BODY_ERRORS: Record<InboundBodyError['code'], string> = {
  aborted: 'The client left before the request body was complete.',
  too_large: 'The request body is larger than the gateway accepts.',
  timeout: 'The request body stopped for too long.',
  malformed: 'The request body is not framed as HTTP/1.1 asks.',
};

/** A request body over node's IncomingMessage. */
export class NodeRequestBody implements InboundBody {
  readonly length: number | null;
  readonly #message: IncomingMessage;
  readonly #owner: BodyOwner;
  readonly #limit: number;
  #sink: InboundBodySink | null = null;
  #started = false;
  #paused = false;
  #over = false;
  #complete = false;
  #delivered = 0;
  #error: InboundBodyError | null = null;

  /** @param limit largest body in bytes; null for none */
  constructor(message: IncomingMessage, length: number | null, limit: number | null, owner: BodyOwner) {
    this.#message = message;
    this.#owner = owner;
    this.#limit = limit ?? Number.POSITIVE_INFINITY;
    this.length = length;
    // Node destroys the message with an error when the connection closes before its end.
    message.on('error', (cause) => this.fail('aborted', cause));
  }

  get complete(): boolean {
    return this.#complete;
  }

  get arrived(): number {
    return this.#delivered;
  }

  /** True once the parser has seen the end, delivered or not: nothing of it is left on the connection. */
  get received(): boolean {
    return this.#message.complete;
  }

  /** True while it is being delivered. */
  get reading(): boolean {
    return this.#started && !this.#over;
  }

  /** True while somebody waits for bytes that the client owes. */
  get wanting(): boolean {
    return this.#started && !this.#paused && !this.#over && !this.#message.complete;
  }

  /** Bytes still to come from the socket, as far as Content-Length tells; else null. */
  get owed(): number | null {
    return this.length === null ? null : this.length - this.#delivered - this.#message.readableLength;
  }

  start(sink: InboundBodySink): void {
    if (this.#started) throw new Error('A request body can be started once.');
    this.#started = true;
    if (this.#error !== null) {
      const error = this.#error;
      queueMicrotask(() => sink.onError(error));
      return;
    }
    if (this.#over) return;
    this.#sink = sink;
    if (!this.received) this.#owner.bodyStarts();
    this.#message.on('data', this.#onData);
    this.#message.on('end', this.#onEnd);
  }

  pause(): void {
    this.#paused = true;
    this.#message.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#started && !this.#over) this.#message.resume();
  }

  discard(): void {
    if (this.#over) return;
    this.#close();
    if (!this.received) this.#owner.bodyGivenUp();
  }

  /** The body broke; nothing follows. Told at once, or as soon as somebody starts reading. */
  fail(code: InboundBodyError['code'], cause?: unknown): void {
    if (this.#over) return;
    this.#error = new InboundBodyError(code, BODY_ERRORS[code], cause);
    const sink = this.#sink;
    this.#close();
    if (!this.received) this.#owner.bodyGivenUp();
    sink?.onError(this.#error);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#delivered += chunk.length;
    if (this.#delivered > this.#limit) this.fail('too_large');
    else this.#sink?.onChunk(chunk);
  };

  readonly #onEnd = (): void => {
    if (this.#over) return;
    this.#over = true;
    this.#complete = true;
    const sink = this.#sink;
    this.#sink = null;
    sink?.onEnd();
  };

  #close(): void {
    this.#over = true;
    this.#sink = null;
    this.#message.off('data', this.#onData);
    this.#message.off('end', this.#onEnd);
    // What node holds already is thrown away, so that a complete message can end and be forgotten.
    this.#message.resume();
  }
}
