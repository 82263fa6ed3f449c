import type { HeaderList, InboundRequest } from '../http/message.ts';
import type { Outcome } from '../resilience/index.ts';
import type { Target } from '../upstream/target.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { Admission, FailedAttempt } from './exchange-context.ts';
import type { ExchangeRecord } from './exchange-record.ts';
import type { FallbackSource } from './fallback-step.ts';

/** Follows exchanges for distributed tracing. Nothing of it may throw or wait. */
export interface ExchangeTracer {
  /** @returns null: nobody wants to know of this one, and its own trace fields go on as they came */
  begin(request: InboundRequest, admission: Admission): ExchangeTrace | null;
  /** The front door has answered by itself. @returns the id of the trace that holds it; null: none does */
  ownAnswer(record: ExchangeRecord): string | null;
}

/** One exchange. */
export interface ExchangeTrace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** Whether its spans are recorded, so that somebody can look it up. */
  readonly sampled: boolean;
  /** A target has been picked and is going to be asked. */
  attempt(upstream: Upstream, target: Target, nth: number): AttemptTrace;
  /** The breaker of an upstream, or a bulkhead, let nothing through. */
  refused(upstream: Upstream, by: 'open' | 'full'): void;
  /** Another attempt follows. */
  retries(why: string, delayMs: number): void;
  fellBack(source: FallbackSource, why: string): void;
  ended(record: ExchangeRecord): void;
}

/** One attempt at a target. */
export interface AttemptTrace {
  /** What the target is sent in place of the client's `traceparent` and `tracestate`. */
  readonly fields: HeaderList;
  answered(status: number): void;
  failed(failure: FailedAttempt): void;
  /** The breaker has been told, and has drawn its conclusions. */
  judged(outcome: Outcome | 'timeout'): void;
  ended(): void;
}
