import type { Duplex } from 'node:stream';
import type { HeaderList, UpstreamError } from '../http/message.ts';
import type { Refusal } from '../http/refusal.ts';
import type { Outcome } from '../resilience/index.ts';

/** Whom a call tells how it goes. Exactly one of callRefused, callFailed, callEnded and callSwitched is the last. */
export interface CallOwner {
  /** Nothing was sent: the breaker is open, or a bulkhead full. */
  callRefused(refusal: Refusal, condition: 'open' | 'full'): void;
  /** No answer, or one that broke after its head. */
  callFailed(error: UpstreamError): void;
  /** The gateway's own code failed. */
  callBroke(error: unknown): void;
  callInterim(status: number, headers: HeaderList): void;
  /** @param verdict what the status is to the upstream's breaker */
  callHead(status: number, reason: string, headers: HeaderList, verdict: Outcome): void;
  /** Returns false to hold the upstream back until `resume`. */
  callData(chunk: Buffer): boolean;
  callEnded(trailers: HeaderList): void;
  /** The owner ends the call with `giveUp`. */
  callSwitched(headers: HeaderList, tunnel: Duplex): void;
}
