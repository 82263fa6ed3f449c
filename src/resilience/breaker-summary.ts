import type { BreakerSnapshot, BreakerState } from './breaker-snapshot.ts';

/** What happened at one breaker since the summary before. */
export interface BreakerActivity {
  readonly name: string;
  readonly state: BreakerState;
  readonly successes: number;
  readonly failures: number;
  /** Of the failures, those that were timeouts. */
  readonly timeouts: number;
  readonly rejections: number;
  readonly transitions: number;
  /** Percent of the calls since then; null without calls. */
  readonly failureRate: number | null;
  /** Times of calls in milliseconds, as the breaker keeps them; null without calls. */
  readonly minMs: number | null;
  readonly avgMs: number | null;
  readonly maxMs: number | null;
}

export interface BreakerSummary {
  /** Unix milliseconds. */
  readonly at: number;
  readonly breakers: readonly BreakerActivity[];
}

/** What happened between two times of asking all breakers. One that was not there before counts from 0. */
export function breakerSummary(
  before: readonly BreakerSnapshot[],
  now: readonly BreakerSnapshot[],
  at: number,
): BreakerSummary {
  const earlier = new Map(before.map((snapshot) => [snapshot.name, snapshot]));
  return { at, breakers: now.map((snapshot) => activity(earlier.get(snapshot.name), snapshot)) };
}

function activity(before: BreakerSnapshot | undefined, now: BreakerSnapshot): BreakerActivity {
  // The counters are of 32 bits and wrap around; their difference is right nevertheless.
  const since = (read: (snapshot: BreakerSnapshot) => number): number =>
    (read(now) - (before === undefined ? 0 : read(before))) >>> 0;
  const successes = since(({ totals }) => totals.successes);
  const failures = since(({ totals }) => totals.failures);
  const calls = successes + failures;
  return {
    name: now.name,
    state: now.state,
    successes,
    failures,
    timeouts: since(({ totals }) => totals.timeouts),
    rejections: since(({ totals }) => totals.rejections),
    transitions: since(({ transitions }) => transitions),
    failureRate: calls === 0 ? null : (100 * failures) / calls,
    minMs: now.minMs,
    avgMs: now.avgMs,
    maxMs: now.maxMs,
  };
}
