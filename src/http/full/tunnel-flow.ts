import type { Duplex } from 'node:stream';
import { WebSocketFrames } from './websocket-frames.ts';

/** One direction of a tunnel: passes on what comes, as fast as it is taken, and at its end the end. */
export class TunnelFlow {
  readonly #from: Duplex;
  readonly #to: Duplex;
  readonly #frames = new WebSocketFrames();
  #bytes = 0;
  /** The Close that is to go out as soon as no frame is half through. */
  #farewell: Buffer | null = null;
  /** Nothing is passed on any more: a Close of ours has gone out, which is the last frame (RFC 6455 §5.5.1). */
  #shut = false;

  constructor(from: Duplex, to: Duplex) {
    this.#from = from;
    this.#to = to;
  }

  /** Bytes that have been passed on. */
  get bytes(): number {
    return this.#bytes;
  }

  /** True once a Close of the sender has come. */
  get closeCame(): boolean {
    return this.#frames.closePassed;
  }

  /** True once the receiver has been sent a Close, by the sender or by us. */
  get closeSent(): boolean {
    return this.#shut || this.#frames.closePassed;
  }

  /** @param early what has been read from the sender already */
  start(early?: Buffer): void {
    this.#from.on('data', this.#onData);
    this.#from.on('end', this.#onEnd);
    this.#to.on('drain', this.#onDrain);
    if (early !== undefined && early.length > 0) this.#onData(early);
    if (this.#from.readableEnded) this.#onEnd();
    else if (!this.#to.writableNeedDrain) this.#from.resume();
  }

  /** Ends the stream of frames with a Close frame, unless one has passed: at once, or behind the frame half through. */
  sayFarewell(closeFrame: Buffer): void {
    this.#farewell = closeFrame;
    this.#farewellIfDue();
  }

  /** Ends the receiver's side, after which nothing is passed on. */
  end(): void {
    this.#shut = true;
    this.#to.end();
    this.#from.resume();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#shut) {
      this.#frames.read(chunk);
      return;
    }
    // With a farewell waiting, no more than the frame that it waits for.
    const end = this.#farewell === null ? chunk.length : this.#frames.readFrame(chunk, 0);
    if (this.#farewell === null) this.#frames.read(chunk);
    const passed = end === chunk.length ? chunk : chunk.subarray(0, end);
    this.#bytes += passed.length;
    if (!this.#to.write(passed)) this.#from.pause();
    this.#farewellIfDue();
    if (end < chunk.length) this.#frames.read(chunk.subarray(end));
  };

  readonly #onDrain = (): void => {
    this.#from.resume();
  };

  readonly #onEnd = (): void => {
    this.#to.end();
  };

  #farewellIfDue(): void {
    if (this.#farewell === null || this.#shut || !this.#frames.atBoundary) return;
    this.#shut = true;
    // The frame that was half through may have been a Close.
    if (!this.#frames.closePassed && this.#to.writable) this.#to.write(this.#farewell);
    // What still comes is for nobody, but the sender's Close is waited for.
    this.#from.resume();
  }
}
