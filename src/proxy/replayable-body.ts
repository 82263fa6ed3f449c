import type { InboundBody, InboundBodyError, InboundBodySink } from '../http/message.ts';

const NOTHING: Buffer = Buffer.alloc(0);

/** Bytes that a reader is given before it is asked whether it can take more. */
const PIECE = 64 * 1024;

/**
 * A request body that can be sent more than once: what has come of it is kept, up to a limit, and given again to
 * whoever starts it next, before it goes on live. Between two readers the client is held back.
 *
 * It is kept as one run of bytes: a client that sends byte by byte would otherwise make each of them a Buffer, a hundred
 * times what it sent.
 */
export class ReplayableBody implements InboundBody {
  readonly #body: InboundBody;
  readonly #maxBytes: number;
  /** Longer than what is kept, so that it need not grow with each chunk. */
  #kept: Buffer = NOTHING;
  #length = 0;
  /** How much of it the present reader has had. */
  #given = 0;
  #sink: InboundBodySink | null = null;
  #begun = false;
  #ended = false;
  #error: InboundBodyError | null = null;
  #paused = false;
  #overflowed = false;

  /** @param maxBytes of a body that can be sent again; a larger one is passed through once */
  constructor(body: InboundBody, maxBytes: number) {
    this.#body = body;
    this.#maxBytes = maxBytes;
  }

  get length(): number | null {
    return this.#body.length;
  }

  get complete(): boolean {
    return this.#body.complete;
  }

  get arrived(): number {
    return this.#body.arrived;
  }

  /** True while a further reader would get the whole body. */
  get replayable(): boolean {
    if (!this.#begun) return !this.#overflowed;
    return !this.#overflowed && this.#error === null && (this.length ?? 0) <= this.#maxBytes;
  }

  /** True when the present reader has had everything, and its end. */
  get delivered(): boolean {
    return this.#ended && this.#sink === null && this.#given === this.#length;
  }

  /** May be called again after `detach`. */
  start(sink: InboundBodySink): void {
    this.#sink = sink;
    this.#given = 0;
    this.#paused = false;
    if (this.#begun) {
      this.#pump();
      return;
    }
    this.#begun = true;
    this.#body.start({
      onChunk: (chunk) => this.#arrived(chunk),
      onEnd: () => {
        this.#ended = true;
        this.#pump();
      },
      onError: (error) => {
        this.#error = error;
        this.#forget();
        this.#pump();
      },
    });
  }

  /** There is not going to be another reader: nothing is kept for one, also not for as long as an answer streams. */
  readLast(): void {
    this.#overflowed = true;
    if (this.#given === this.#length) this.#forget();
  }

  /** The reader has no use for the rest. */
  detach(): void {
    if (this.#sink === null) return;
    this.#sink = null;
    if (!this.#ended && this.#error === null) this.#body.pause();
  }

  pause(): void {
    this.#paused = true;
    this.#body.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#pump();
  }

  discard(): void {
    this.#sink = null;
    this.#forget();
    this.#body.discard();
  }

  #arrived(chunk: Buffer): void {
    // With a reader that has had everything so far, nothing needs to be kept once the whole cannot be any more.
    if (this.#overflowed && this.#sink !== null && this.#given === this.#length) {
      this.#sink.onChunk(chunk);
      return;
    }
    this.#keep(chunk);
    // Before the reader hears of it: whoever gives up at this very chunk must know that there is no second time.
    if (this.#length > this.#maxBytes || (this.length ?? 0) > this.#maxBytes) this.#overflowed = true;
    this.#pump();
    if (this.#overflowed && this.#given === this.#length) this.#forget();
  }

  /** Readers hold parts of what is kept: those bytes are never written again, also not when it grows. */
  #keep(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#kept.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#kept.length));
      this.#kept.copy(grown, 0, 0, this.#length);
      this.#kept = grown;
    }
    chunk.copy(this.#kept, this.#length);
    this.#length = length;
  }

  /** Gives the reader what it has not had, and lets the client go on when it has had everything. */
  #pump(): void {
    const sink = this.#sink;
    while (this.#sink === sink && sink !== null && !this.#paused && this.#given < this.#length) {
      const from = this.#given;
      this.#given = Math.min(this.#length, from + PIECE);
      sink.onChunk(this.#kept.subarray(from, this.#given));
    }
    if (sink === null || this.#sink !== sink || this.#given < this.#length) return;
    if (this.#error !== null) {
      this.#sink = null;
      sink.onError(this.#error);
    } else if (this.#ended) {
      this.#sink = null;
      sink.onEnd();
    } else if (!this.#paused) this.#body.resume();
  }

  #forget(): void {
    this.#overflowed = true;
    this.#kept = NOTHING;
    this.#length = 0;
    this.#given = 0;
  }
}
