import { type InboundBody, InboundBodyError, type InboundBodySink } from '../../../src/http/message.ts';

/** A client that keeps to the rules: nothing before the start, nothing while it is paused, nothing after its end. */
export class Source implements InboundBody {
  readonly length: number | null;
  complete = false;
  arrived = 0;
  paused = false;
  starts = 0;
  #left: Buffer[];
  #sink: InboundBodySink | null = null;
  readonly #eager: boolean;

  /** @param eager whether `resume` delivers at once, as a lane may that holds the bytes already */
  constructor(chunks: readonly Buffer[], { sized = false, eager = false } = {}) {
    this.#left = [...chunks];
    this.length = sized ? Buffer.concat(chunks).length : null;
    this.#eager = eager;
  }

  start(sink: InboundBodySink): void {
    this.starts++;
    this.#sink = sink;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    const was = this.paused;
    this.paused = false;
    if (this.#eager && was) this.arrive();
  }

  discard(): void {
    this.#sink = null;
  }

  /** The next piece comes, or the end; false: the client may not go on, or has nothing left. */
  arrive(): boolean {
    if (this.#sink === null || this.paused || this.complete) return false;
    const chunk = this.#left.shift();
    if (chunk !== undefined) this.#sink.onChunk(chunk);
    else {
      this.complete = true;
      this.#sink.onEnd();
    }
    return true;
  }

  fail(): void {
    this.#sink?.onError(new InboundBodyError('malformed', 'bad'));
  }
}

/** Keeps what it got, in order, and can ask for a pause at every piece, as an upstream that is full does. */
export class Reader implements InboundBodySink {
  readonly chunks: Buffer[] = [];
  ended = 0;
  error: InboundBodyError | null = null;
  /** It has given up, and must not be told of anything any more. */
  detached = false;
  onPiece: () => void = () => {};

  get bytes(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  onChunk(chunk: Buffer): void {
    if (this.ended > 0) throw new Error('a piece after the end');
    if (this.detached) throw new Error('a piece for a reader that has given up');
    this.chunks.push(chunk);
    this.onPiece();
  }

  onEnd(): void {
    this.ended++;
  }

  onError(error: InboundBodyError): void {
    this.error = error;
  }
}
