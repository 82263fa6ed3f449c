import type { InboundBody, InboundBodySink } from '../http/message.ts';

/**
 * A request body that knows whom the exchange is waiting for while it is on its way: the client, or an
 * upstream that does not take the next bytes. A client's slowness must never count against an upstream, so
 * the time limits on upstreams run only while `waitingForClient` is false.
 */
export class WatchedBody implements InboundBody {
  readonly #body: InboundBody;
  readonly #onTurn: () => void;
  #started = false;
  #held = false;

  /** @param onTurn called whenever `waitingForClient` may have changed, and on each chunk. */
  constructor(body: InboundBody, onTurn: () => void) {
    this.#body = body;
    this.#onTurn = onTurn;
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

  /** False until somebody wants the body: before that there is no connection to send it on. */
  get waitingForClient(): boolean {
    return this.#started && !this.#body.complete && !this.#held;
  }

  start(sink: InboundBodySink): void {
    this.#started = true;
    this.#held = false;
    this.#body.start({
      onChunk: (chunk) => {
        sink.onChunk(chunk);
        this.#onTurn();
      },
      onEnd: () => {
        sink.onEnd();
        this.#onTurn();
      },
      onError: (error) => sink.onError(error),
    });
    this.#onTurn();
  }

  pause(): void {
    this.#held = true;
    this.#body.pause();
    this.#onTurn();
  }

  resume(): void {
    this.#held = false;
    this.#body.resume();
    this.#onTurn();
  }

  /** Nobody wants it until the next start. */
  rest(): void {
    this.#started = false;
  }

  discard(): void {
    this.#body.discard();
  }
}
