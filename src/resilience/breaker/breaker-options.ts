import type { BreakerMode } from '../breaker-snapshot.ts';
import type { Clock } from '../clock.ts';
import type { ThreadPlace } from '../thread-place.ts';
import type { Timer } from '../timer.ts';

/** The calls of the last `durationMs`, in `buckets` steps. */
export interface TimeWindowOptions {
  readonly type: 'time';
  /** Milliseconds, from one per bucket to 24 hours. */
  readonly durationMs: number;
  /** 1 to 1000; more of them age more smoothly and cost 16 bytes each. @default 10 */
  readonly buckets?: number | undefined;
}

/** The last `size` calls, however old they are. */
export interface CountWindowOptions {
  readonly type: 'count';
  /** 1 to 100,000; 4 bytes each. */
  readonly size: number;
}

export type WindowOptions = TimeWindowOptions | CountWindowOptions;

/** An open time that grows from one opening to the next and falls back after evidence of health. */
export interface OpenTimeOptions {
  /** Milliseconds of the first opening. */
  readonly initialMs: number;
  /** Each further opening is longer by this factor, 1 to 1000. @default 1 */
  readonly factor?: number | undefined;
  /** Never longer than this, milliseconds. @default initialMs with factor 1, else 10 times initialMs (at most 7 days) */
  readonly maxMs?: number | undefined;
  /** 0 to 1: a random share of up to this much is taken off, so that many breakers do not probe at once. @default 0 */
  readonly jitter?: number | undefined;
}

/**
 * Every rule that is given holds beside the others. All comparisons with thresholds are "at least" (>=); only slow
 * is "longer than".
 */
export interface CircuitBreakerOptions {
  /** In events, errors and snapshots. */
  readonly name: string;
  /**
   * Failures in a row that open the breaker; with `window`, failures within it. 1 to 1,000,000.
   * @default 5 if no other rule is given, else no such rule
   */
  readonly failureThreshold?: number | undefined;
  /** Failures in a row, whatever the window. 1 to 1,000,000. @default no such rule */
  readonly consecutiveFailures?: number | undefined;
  /** Percent of the window's calls, 0.01 to 100 by hundredths. Needs `window`. @default no such rule */
  readonly failureRate?: number | undefined;
  /**
   * Percent of the window's calls that took longer than `durationMs`. Needs `window`. A probe that is slow counts
   * as failed. @default no such rule
   */
  readonly slowCall?: { readonly durationMs: number; readonly rate: number } | undefined;
  /** @default none: only failures in a row are judged */
  readonly window?: WindowOptions | undefined;
  /**
   * Calls in the window from which on it is judged, 1 to 1,000,000.
   * @default 20 for rates; failures in the window are gated only when it is given
   */
  readonly minRequests?: number | undefined;
  /** Successful probes that close the breaker, 1 to 1,000,000. @default 1 */
  readonly successThreshold?: number | undefined;
  /** Probes permitted at a time while half-open, 1 to 1,000,000. @default 1 */
  readonly halfOpenRequests?: number | undefined;
  /**
   * Milliseconds, 1 to 7 days. When the newest probe has no result by then, those under way are taken for lost and
   * the breaker opens again. @default 10_000
   */
  readonly halfOpenTimeoutMs?: number | undefined;
  /** Milliseconds for which it stays open before it permits a probe, 1 to 7 days. @default 60_000 */
  readonly openTimeoutMs?: number | OpenTimeOptions | undefined;
  /** Milliseconds that `execute` waits for a result, 1 to 7 days. @default no limit */
  readonly requestTimeoutMs?: number | undefined;
  /**
   * `observe`: never refuses, but goes through the same states and says when it `would_open`. `disabled`: lets
   * everything pass and counts nothing. A forced state holds in every mode. @default 'enforce'
   */
  readonly mode?: BreakerMode | undefined;
  /** False: `execute` answers `fallbackValue` instead of an error or a refusal. @default true */
  readonly failFast?: boolean | undefined;
  /** A value, or a function that gives one. @default undefined */
  readonly fallbackValue?: unknown;
  /** Is this error of an executed call a failure? If not, the call was a success. @default every error */
  readonly isFailure?: ((error: unknown) => boolean) | undefined;
  /**
   * Does this error say nothing about the health of what was called?
   * @default refusals of breakers and bulkheads inside
   */
  readonly isExcluded?: ((error: unknown) => boolean) | undefined;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** Of `requestTimeoutMs`. @default waitingTimer */
  readonly timer?: Timer | undefined;
  /** 0 to less than 1, for jitter. @default Math.random */
  readonly random?: (() => number) | undefined;
  /**
   * `wordsNeeded(options)` words: zero, or those of a breaker with equal options. A slice of a SharedArrayBuffer,
   * 8-byte aligned, makes one breaker of all that are built on it, in whatever thread. @default private memory
   */
  readonly memory?: Int32Array | undefined;
  /**
   * Which of the threads that share `memory` this one is, so that `forgetThread` can make good the death of another. A
   * permit must then be settled in the thread that acquired it. All who share must give it, or none.
   * @default threads that do not know of each other
   */
  readonly thread?: ThreadPlace | undefined;
}

/** The options with all defaults; null: there is no such rule or limit. */
export interface ResolvedBreakerOptions {
  readonly name: string;
  readonly failureThreshold: number | null;
  readonly consecutiveFailures: number | null;
  readonly failureRate: number | null;
  readonly slowCall: { readonly durationMs: number; readonly rate: number } | null;
  readonly window: (TimeWindowOptions & { readonly buckets: number }) | CountWindowOptions | null;
  readonly minRequests: number;
  /** `minRequests` if it was given, else 1. */
  readonly minRequestsForFailures: number;
  readonly successThreshold: number;
  readonly halfOpenRequests: number;
  readonly halfOpenTimeoutMs: number;
  readonly openTimeoutMs: {
    readonly initialMs: number;
    readonly factor: number;
    readonly maxMs: number;
    readonly jitter: number;
  };
  readonly requestTimeoutMs: number | null;
  readonly mode: BreakerMode;
  readonly failFast: boolean;
}

/** The fewest failures in a row that open it; null when no rule looks at them. */
export function streakThreshold(options: ResolvedBreakerOptions): number | null {
  const { consecutiveFailures, failureThreshold, window } = options;
  if (window !== null || failureThreshold === null) return consecutiveFailures;
  return Math.min(failureThreshold, consecutiveFailures ?? failureThreshold);
}
