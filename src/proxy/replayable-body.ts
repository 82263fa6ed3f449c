import type { InboundBody, InboundBodyError, InboundBodySink } from '../http/message.ts';

/**
 * A request body that can be sent more than once: what has come of it is kept, up to a limit, and given again to
 * whoever starts it next, before it goes on live. Between two readers the client is held back.
 */
export class ReplayableBody implements InboundBody {
  readonly #body: InboundBody;
  readonly #maxBytes: number;
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  /** What the present reader has had of the kept chunks. */
  #next = 0;
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

  /** True while a further reader would get the whole body. */
  get replayable(): boolean {
    if (!this.#begun) return !this.#overflowed;
    return !this.#overflowed && this.#error === null && (this.length ?? 0) <= this.#maxBytes;
  }

  /** True when the present reader has had everything, and its end. */
  get delivered(): boolean {
    return this.#ended && this.#sink === null && this.#next === this.#kept.length;
  }

  /** May be called again after `detach`. */
  start(sink: InboundBodySink): void {
    this.#sink = sink;
    this.#next = 0;
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
    if (this.#next === this.#kept.length) this.#forget();
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
    if (this.#overflowed && this.#sink !== null && this.#next === this.#kept.length) {
      this.#sink.onChunk(chunk);
      return;
    }
    this.#kept.push(chunk);
    this.#keptBytes += chunk.length;
    // Before the reader hears of it: whoever gives up at this very chunk must know that there is no second time.
    if (this.#keptBytes > this.#maxBytes || (this.length ?? 0) > this.#maxBytes) this.#overflowed = true;
    this.#pump();
    if (this.#overflowed && this.#next === this.#kept.length) this.#forget();
  }

  /** Gives the reader what it has not had, and lets the client go on when it has had everything. */
  #pump(): void {
    const sink = this.#sink;
    while (this.#sink === sink && sink !== null && !this.#paused && this.#next < this.#kept.length) {
      sink.onChunk(this.#kept[this.#next++] as Buffer);
    }
    if (sink === null || this.#sink !== sink || this.#next < this.#kept.length) return;
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
    this.#kept.length = 0;
    this.#next = 0;
    this.#keptBytes = 0;
  }
}
