export type BreakerState = 'CLOSED' | 'HALF_OPEN' | 'OPEN';

/** How a call ended. `excluded` says nothing about the health of what was called; it counts nowhere. */
export type Outcome = 'success' | 'failure' | 'excluded';

export type BreakerMode = 'enforce' | 'observe' | 'disabled';

export type ForcedState = 'open' | 'closed';

/** Rules that open a breaker. */
export type OpeningRule =
  | 'failures'
  | 'consecutive_failures'
  | 'failure_rate'
  | 'slow_call_rate'
  | 'probe_failed'
  | 'probe_lost'
  | 'forced_open';

/** Why a breaker changed its state. */
export type BreakerRule =
  | OpeningRule
  | 'open_time_over'
  | 'recovered'
  | 'reset'
  | 'forced_closed'
  | 'released'
  | 'restored';

export interface BreakerReason {
  readonly rule: BreakerRule;
  /** For people and logs; never changes. */
  readonly message: string;
  /** Failures in the window; without one, in a row. */
  readonly failures: number;
  /** Counted calls in the window; without one, since the breaker closed last. */
  readonly requests: number;
  /** Slow ones among them. */
  readonly slowCalls: number;
  /** What the rule compared with: a number of failures, or percent for a rate. Null where nothing was compared. */
  readonly threshold: number | null;
  /** Milliseconds of a time window, null without one. */
  readonly windowMs: number | null;
}

/** A change of state, told after it was committed and once in the process, whichever thread brought it about. */
export interface BreakerTransition {
  readonly breaker: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly reason: BreakerReason;
  /** Unix milliseconds. */
  readonly at: number;
  readonly counts: { readonly failures: number; readonly successes: number; readonly requests: number };
  /** To OPEN: milliseconds until it asks for a probe; absent when it was forced. */
  readonly retryAfterMs?: number;
  /** To CLOSED: milliseconds since it opened. */
  readonly openForMs?: number;
}

/** Since the start; a reset does not touch them. Unsigned 32-bit counters: after 4,294,967,295 comes 0. */
export interface BreakerTotals {
  readonly successes: number;
  /** Timeouts included. */
  readonly failures: number;
  readonly timeouts: number;
  /** Calls that were not let through. */
  readonly rejections: number;
  /** In mode `observe`: calls that would not have been let through. */
  readonly wouldReject?: number;
  readonly excluded: number;
  readonly slow: number;
}

/** A breaker at one moment. Taking it changes nothing. */
export interface BreakerSnapshot {
  readonly name: string;
  readonly state: BreakerState;
  readonly mode: BreakerMode;
  readonly forced: ForcedState | null;
  /** In mode `observe`: the state it would be in. */
  readonly wouldBe?: BreakerState;
  /** In mode `observe`: times that it would have opened since the start. */
  readonly wouldOpens?: number;
  /** Failures in the window; without one, in a row. While open and half-open: when it opened, plus failed probes. */
  readonly failureCount: number;
  /** Successes in the window; without one, since it closed last. While half-open: of probes. */
  readonly successCount: number;
  /** Counted calls, successes and failures, on the same basis. */
  readonly requestCount: number;
  /** Percent of `requestCount` that failed, null when there were none. */
  readonly failureRate: number | null;
  /** Percent of `requestCount` that was slow; null without calls or without a slow-call rule. */
  readonly slowRate: number | null;
  readonly consecutiveFailures: number;
  /** Probes under way. */
  readonly halfOpenInFlight: number;
  /** Durations of counted calls since the start, in milliseconds; null before the first. */
  readonly minMs: number | null;
  readonly avgMs: number | null;
  readonly maxMs: number | null;
  readonly totals: BreakerTotals;
  /** Changes of state since the start. */
  readonly transitions: number;
  /** Unix milliseconds; constant while open, null otherwise. */
  readonly openedAt: number | null;
  /** Unix milliseconds of the last change of state, or of the start. */
  readonly lastChangeAt: number;
  /** Milliseconds from open to closed, the last time; null if it never closed again. */
  readonly lastRecoveryMs: number | null;
  /** Times that it closed because its probes succeeded, since the start; no operator did it. Wraps like the totals. */
  readonly recoveries: number;
  /** Milliseconds from open to closed of all of these together. */
  readonly recoveryMs: number;
  /** Milliseconds until it asks for a probe; 0 unless open. Forced open it has no end: the configured open time. */
  readonly retryAfterMs: number;
  /** Why it opened last; null if it never did, or since a reset. */
  readonly reason: BreakerReason | null;
}
