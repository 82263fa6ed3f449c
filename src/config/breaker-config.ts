/** `observe` refuses nothing and says what it would have refused; `disabled` counts nothing. */
export type BreakerMode = 'enforce' | 'observe' | 'disabled';

/** Every rule that is not null holds beside the others. Rates are percent, to two decimals. */
export interface BreakerConfig {
  /** In logs, metrics and the admin API. */
  readonly name: string;
  /** Failures in a row; with a window, failures within it. */
  readonly failureThreshold: number | null;
  /** Failures in a row, whatever the window. */
  readonly consecutiveFailures: number | null;
  /** Of at least `minRequests` calls in the window. */
  readonly failureRate: number | null;
  /** The share of the window's calls that took longer than this until their response head. */
  readonly slowCall: { readonly durationMs: number; readonly rate: number } | null;
  /** Never null where a rate is given. */
  readonly window: WindowConfig | null;
  /** Null: not given. Then rates need 20 calls, or a full count window that holds fewer; failures are not gated. */
  readonly minRequests: number | null;
  /** Statuses of answers that are failures. */
  readonly failureStatuses: readonly StatusRange[];
  /** Statuses of answers that count nowhere. */
  readonly excludedStatuses: readonly StatusRange[];
  /** Kinds of broken exchanges that are failures; the others count nowhere. */
  readonly failureErrors: readonly FailureKind[];
  /** Codes of `grpc-status` that are failures (0 to 16). */
  readonly failureGrpcStatuses: readonly number[];
  readonly successThreshold: number;
  readonly halfOpenRequests: number;
  readonly halfOpenTimeoutMs: number;
  /** Ends with the response head. */
  readonly requestTimeoutMs: number;
  /** How long it stays open, the first time. */
  readonly openTimeoutMs: number;
  /** Each opening is longer than the last by `factor`, up to `maxMs`. Null: always the same time. */
  readonly openTimeoutGrowth: { readonly factor: number; readonly maxMs: number } | null;
  /** Percent: up to so much of an open time is taken off at random. */
  readonly openTimeoutJitter: number;
  readonly mode: BreakerMode;
}

/**
 * `connect`: no connection. `timeout`: no connection, no response head or no more of the body in time. `reset`: the
 * connection broke, before the head or in the body. `protocol`: what came is not valid HTTP.
 */
export type FailureKind = 'connect' | 'timeout' | 'reset' | 'protocol';

/** Both ends belong to it. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** The calls of the last `durationMs`, ageing in `buckets` steps, or the last `size` calls. */
export type WindowConfig =
  | { readonly type: 'time'; readonly durationMs: number; readonly buckets: number }
  | { readonly type: 'count'; readonly size: number };
