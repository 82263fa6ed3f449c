import type { Target } from '../upstream/target.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { AnswerFields } from './answer-fields.ts';
import type { ResponseCache } from './cache/response-cache.ts';
import type { ExchangeObserver, FailureCause } from './exchange-record.ts';
import type { ExchangeTracer } from './exchange-trace.ts';
import type { FallbackSource } from './fallback-step.ts';
import type { RoutePlan } from './route-plan.ts';
import type { TrustedPeers } from './trusted-peers.ts';

/** What all exchanges of a running gateway share. */
export interface ExchangeContext {
  /** Our pseudonym in `Via`. */
  readonly via: string;
  readonly trustedPeers: TrustedPeers;
  readonly answers: AnswerFields;
  /** Null when no route has one. */
  readonly cache: ResponseCache | null;
  readonly observer: ExchangeObserver;
  /** Told of an error in the gateway's own code; the client gets a 500. */
  readonly onInternalError: (error: unknown, requestId: string) => void;
  /** Null: nobody traces. */
  readonly tracer: ExchangeTracer | null;
  /** Told why an attempt failed; the client only gets a code, or an answer of the upstream's that counts as a failure. */
  readonly onAttemptFailed: (failure: FailedAttempt, attempt: AttemptFacts) => void;
  /** Told that an answer which counted as a failure by its status has been cut besides. */
  readonly onAnswerCut: (failure: FailedAttempt, attempt: AttemptFacts) => void;
  /** Told that an attempt has got its response head, after so many milliseconds of the upstream's own time. */
  readonly onUpstreamAnswered: (upstream: Upstream, ms: number) => void;
  /** Told that a failed attempt is going to be followed by another one. */
  readonly onRetry: (attempt: AttemptFacts, why: string, delayMs: number) => void;
  /** Told that a fallback answered in place of the route's upstream. */
  readonly onFallback: (attempt: AttemptFacts, source: FallbackSource, why: string) => void;
}

/** What the front door found out about one request before it became an exchange. */
export interface Admission {
  readonly plan: RoutePlan;
  readonly requestId: string;
  /** Byte-exact path and query to ask the upstream for, after the route's rewriting. */
  readonly path: string;
  /** When the request head was there, in milliseconds of `performance.now`. */
  readonly startedAt: number;
}

/** How an attempt at a target failed. */
export interface FailedAttempt {
  readonly kind: Exclude<FailureCause, 'open' | 'full'>;
  /** What the target has answered; null: nothing. */
  readonly status: number | null;
  /** The system's own code, such as `ECONNREFUSED`; null where there is none. */
  readonly code: string | null;
  /** For people. */
  readonly detail: string;
}

/** Which attempt of which exchange. */
export interface AttemptFacts {
  readonly requestId: string;
  /** The route's path as configured. */
  readonly route: string;
  readonly upstream: Upstream;
  /** Null when none was picked: the breaker or a bulkhead refused. */
  readonly target: Target | null;
  /** 1 for the first. */
  readonly attempt: number;
}
