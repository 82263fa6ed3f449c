import type { BreakerReason, BreakerState, BreakerTransition } from '../resilience/index.ts';

/** One failed attempt, as an example of what an upstream suffers from. */
export interface FailureSample {
  /** Unix milliseconds. */
  readonly at: number;
  readonly upstream: string;
  /** The route's path as configured. */
  readonly route: string;
  /** URL of the target that was asked. */
  readonly target: string | null;
  /** `status`, or a kind of UpstreamError such as `connect`, `reset` or `headers_timeout`. */
  readonly kind: string;
  /** What the upstream answered; null: nothing. */
  readonly status: number | null;
  /** The system's own code such as `ECONNREFUSED`; null where there is none. */
  readonly code: string | null;
  /** For people. */
  readonly detail: string;
  readonly requestId: string;
}

/** A breaker has changed its state. */
export interface TransitionEvent {
  readonly type: 'transition';
  readonly at: number;
  readonly breaker: string;
  /** The upstream that it protects; null for the one of the cache. */
  readonly upstream: string | null;
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly reason: BreakerReason;
  readonly counts: BreakerTransition['counts'];
  /** To OPEN: milliseconds until it asks for a probe; null otherwise, or when it was forced. */
  readonly retryAfterMs: number | null;
  /** To CLOSED: milliseconds since it opened; null otherwise. */
  readonly openForMs: number | null;
  /** To OPEN, unless it was forced: the last failures before it, oldest first; else empty. */
  readonly samples: readonly FailureSample[];
}

/** A breaker in mode `observe` would have opened. */
export interface WouldOpenEvent {
  readonly type: 'would_open';
  readonly at: number;
  readonly breaker: string;
  readonly upstream: string | null;
  readonly reason: BreakerReason;
  readonly samples: readonly FailureSample[];
}

/** A target has left or joined the rotation. */
export interface TargetChangeEvent {
  readonly type: 'target';
  readonly at: number;
  readonly upstream: string;
  readonly target: string;
  readonly change: 'ejected' | 'restored' | 'healthy' | 'unhealthy' | 'added' | 'removed' | 'dns_failed';
  readonly reason: string;
}

/** An operator has done something by the admin API. */
export interface AdminActionEvent {
  readonly type: 'admin';
  readonly at: number;
  /** In plain words: `force open auth-service-http`. */
  readonly action: string;
  /** The peer's address. */
  readonly from: string;
}

/** Something about the gateway itself. */
export interface GatewayNoticeEvent {
  readonly type: 'gateway';
  readonly at: number;
  readonly what: 'started' | 'worker_died' | 'worker_replaced';
  /** For people. */
  readonly detail: string;
}

/** What has happened that an operator wants to know of; the log tells the same. */
export type GatewayEvent =
  | TransitionEvent
  | WouldOpenEvent
  | TargetChangeEvent
  | AdminActionEvent
  | GatewayNoticeEvent;

/** An event with its number: 1 for the first since the start, one more for each. */
export type NumberedEvent = GatewayEvent & { readonly id: number };
