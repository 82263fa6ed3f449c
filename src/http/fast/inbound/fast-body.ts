import { BODY_ERRORS } from '../../full/node-request-body.ts';
import { type InboundBody, InboundBodyError, type InboundBodySink } from '../../message.ts';
import { HeldBytes } from './held-bytes.ts';

export interface FastBodyOwner {
  /** Nothing of it is held any more. */
  bodyHasRoom(): void;
  /** What is still to come of the body will not be read any more. */
  bodyGivenUp(): void;
}

/** A request body of known length, cut out of what comes over the connection. */
export class FastBody implements InboundBody {
  readonly length: number;
  readonly #owner: FastBodyOwner;
  readonly #held = new HeldBytes();
  /** Bytes still to come from the socket. */
  #owed: number;
  #sink: InboundBodySink | null = null;
  #started = false;
  #paused = false;
  #over = false;
  #complete = false;
  #flushing = false;
  #error: InboundBodyError | null = null;

  constructor(length: number, owner: FastBodyOwner) {
    this.length = length;
    this.#owed = length;
    this.#owner = owner;
  }

  get complete(): boolean {
    return this.#complete;
  }

  get arrived(): number {
    return this.length - this.#owed;
  }

  /** True once all of it has come, delivered or not: nothing of it is left on the connection. */
  get received(): boolean {
    return this.#owed === 0;
  }

  /** True while it is being delivered. */
  get reading(): boolean {
    return this.#started && !this.#over;
  }

  /** True while somebody waits for bytes that the client owes. */
  get wanting(): boolean {
    return this.#started && !this.#paused && !this.#over && this.#owed > 0;
  }

  /** True when the client must be held back. */
  get isFull(): boolean {
    return this.#held.isEnough;
  }

  /** How many of the next `length` bytes on the connection are its own. */
  share(length: number): number {
    return Math.min(length, this.#owed);
  }

  /** Takes bytes of its own; there are no more of them than it has yet to get. */
  add(bytes: Buffer): void {
    this.#owed -= bytes.length;
    if (this.#over) return;
    this.#held.add(bytes);
    if (!this.#flushing) this.#flush();
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
    this.#flushSoon();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (this.#started && !this.#over) this.#flushSoon();
  }

  discard(): void {
    if (!this.#over) this.#close();
  }

  /** The body broke; nothing follows. Told at once, or as soon as somebody starts reading. */
  fail(code: InboundBodyError['code'], cause?: unknown): void {
    if (this.#over) return;
    this.#error = new InboundBodyError(code, BODY_ERRORS[code], cause);
    const sink = this.#sink;
    this.#close();
    sink?.onError(this.#error);
  }

  /** Whoever starts or resumes a body hears of nothing before he is done with that. */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    process.nextTick(flush, this);
  }

  /** Delivers what has come, as long as it is wanted. */
  flush(): void {
    this.#flushing = false;
    this.#flush();
  }

  #flush(): void {
    while (this.#sink !== null && !this.#paused && this.#held.length > 0) {
      this.#flushing = true;
      this.#sink.onChunk(this.#held.shift() as Buffer);
      this.#flushing = false;
    }
    if (this.#sink === null || this.#paused) return;
    this.#owner.bodyHasRoom();
    if (this.#owed > 0) return;
    const sink = this.#sink;
    this.#sink = null;
    this.#over = true;
    this.#complete = true;
    sink.onEnd();
  }

  #close(): void {
    this.#over = true;
    this.#sink = null;
    this.#held.clear();
    if (this.#owed > 0) this.#owner.bodyGivenUp();
    else this.#owner.bodyHasRoom();
  }
}

function flush(body: FastBody): void {
  body.flush();
}
