import type { HeaderList, UpstreamError } from '../http/message.ts';
import type { CallOwner, UpstreamCall } from './upstream-call.ts';

export interface AnswerHead {
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderList;
}

/**
 * An upstream's answer that is a failure, kept back while the fallback chain is asked for a better one. It is held back
 * by TCP, so that no more of it is kept than what was on its way.
 */
export class HeldAnswer implements CallOwner {
  readonly answer: AnswerHead;
  readonly #call: UpstreamCall;
  readonly #chunks: Buffer[] = [];
  #trailers: HeaderList | null = null;
  #error: UpstreamError | null = null;

  constructor(call: UpstreamCall, answer: AnswerHead) {
    this.#call = call;
    this.answer = answer;
    call.handTo(this);
  }

  /** What broke it meanwhile; null: it can still be passed on. */
  get error(): UpstreamError | null {
    return this.#error;
  }

  get call(): UpstreamCall {
    return this.#call;
  }

  /** Nobody needs it: a better answer was found, or nobody waits. */
  drop(): void {
    this.#call.drain();
  }

  /** Gives what was kept, and all that follows, to its owner. The head is the owner's business. */
  passTo(owner: CallOwner): void {
    let goOn = true;
    for (const chunk of this.#chunks) goOn = owner.callData(chunk);
    if (this.#trailers !== null) {
      owner.callEnded(this.#trailers);
      return;
    }
    this.#call.handTo(owner);
    if (goOn) this.#call.resume();
  }

  callData(chunk: Buffer): boolean {
    this.#chunks.push(chunk);
    return false;
  }

  callEnded(trailers: HeaderList): void {
    this.#trailers = trailers;
  }

  callFailed(error: UpstreamError): void {
    this.#error = error;
  }

  callRefused(): void {}

  callBroke(): void {}

  callInterim(): void {}

  callHead(): void {}

  callSwitched(): void {}
}
