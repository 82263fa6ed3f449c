import { Readable } from 'node:stream';
import { type InboundBody, UpstreamError } from '../message.ts';

/** Bytes that may wait here for the upstream: enough to keep a connection busy, little beside a connection's cost. */
const HIGH_WATER_MARK = 64 * 1024;

/** A request body as undici reads it. The upstream holds it back, and it holds back the client. */
export class RequestBodyStream extends Readable {
  readonly #body: InboundBody;
  #started = false;
  #held = false;
  #ended = false;

  constructor(body: InboundBody) {
    super({ highWaterMark: HIGH_WATER_MARK });
    this.#body = body;
  }

  /** True while everything that came has been passed on, and more is to come. */
  get waitsForClient(): boolean {
    return !this.#ended && this.readableLength === 0;
  }

  override _read(): void {
    if (!this.#started) {
      this.#started = true;
      this.#body.start({
        onChunk: (chunk) => {
          if (this.destroyed || this.push(chunk)) return;
          this.#held = true;
          this.#body.pause();
        },
        onEnd: () => {
          this.#ended = true;
          if (!this.destroyed) this.push(null);
        },
        onError: (error) => {
          this.destroy(new UpstreamError('request_body', error.message, error));
        },
      });
    } else if (this.#held) {
      this.#held = false;
      this.#body.resume();
    }
  }
}
