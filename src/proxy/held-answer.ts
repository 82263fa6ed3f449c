import type { HeaderList, UpstreamError } from '../http/message.ts';
import type { Refusal } from '../http/refusal.ts';
import type { CallOwner } from './call-owner.ts';
import type { ExchangeDeadlines } from './exchange-deadlines.ts';
import { timeoutRefusal, upstreamRefusal } from './refusals.ts';
import type { UpstreamCall } from './upstream-call.ts';

export interface AnswerHead {
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderList;
}

/** Bytes of one that are kept: most failures are shorter, and those need no connection while others are asked. */
const KEPT_BYTES = 64 * 1024;

/**
 * An upstream's answer that is a failure, kept back while the fallback chain is asked for a better one. A small one is
 * kept whole, so that its connection does not have to wait for a slow secondary; a large one is held back by TCP.
 */
export class HeldAnswer implements CallOwner {
  readonly answer: AnswerHead;
  readonly #call: UpstreamCall;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #trailers: HeaderList | null = null;
  #error: UpstreamError | null = null;

  constructor(call: UpstreamCall, answer: AnswerHead) {
    this.#call = call;
    this.answer = answer;
    call.handTo(this, true);
  }

  get call(): UpstreamCall {
    return this.#call;
  }

  /** What the client is told in its place, because it broke or there is no time left for the rest; null: it can be passed on. */
  refusal(deadlines: ExchangeDeadlines): Refusal | null {
    const service = this.#call.upstream.name;
    if (this.#error !== null) return upstreamRefusal(this.#error, service);
    if (this.#trailers !== null || deadlines.remainingMs() > 0) return null;
    return timeoutRefusal({ waitedFor: 'upstream', elapsedMs: deadlines.elapsedMs(), service });
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
    if (goOn) this.#call.resumeSoon();
  }

  callData(chunk: Buffer): boolean {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    return this.#bytes < KEPT_BYTES;
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
