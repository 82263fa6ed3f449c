import type { BreakerSnapshot, BreakerState } from './breaker-snapshot.ts';

export type BreakerCondition = 'healthy' | 'recovering' | 'unhealthy';

export interface BreakerHealth {
  readonly status: BreakerCondition;
  readonly state: BreakerState;
  readonly failureCount: number;
  /** Percent, as the breaker's rules see it; null without calls. */
  readonly failureRate: number | null;
  /** Calls that succeeded, in percent of those that were asked for since the start, refusals included; null: none. */
  readonly availability: number | null;
  /** Milliseconds until a probe may go; 0 unless open. */
  readonly retryAfterMs: number;
  /** Milliseconds from open to closed, the last time; null: it was never open, or still is for the first time. */
  readonly recoveryMs: number | null;
}

export interface BreakersHealth {
  /** Healthy only when every breaker is. */
  readonly status: 'healthy' | 'degraded';
  readonly breakers: Readonly<Record<string, BreakerHealth>>;
}

const CONDITIONS: Readonly<Record<BreakerState, BreakerCondition>> = {
  CLOSED: 'healthy',
  HALF_OPEN: 'recovering',
  OPEN: 'unhealthy',
};

/** @param recoveries by breaker: milliseconds of the last recovery */
export function breakersHealth(
  snapshots: readonly BreakerSnapshot[],
  recoveries: ReadonlyMap<string, number>,
): BreakersHealth {
  const breakers = Object.fromEntries(
    snapshots.map((snapshot): [string, BreakerHealth] => [
      snapshot.name,
      {
        status: CONDITIONS[snapshot.state],
        state: snapshot.state,
        failureCount: snapshot.failureCount,
        failureRate: snapshot.failureRate,
        availability: availability(snapshot),
        retryAfterMs: snapshot.retryAfterMs,
        recoveryMs: recoveries.get(snapshot.name) ?? null,
      },
    ]),
  );
  const healthy = snapshots.every(({ state }) => state === 'CLOSED');
  return { status: healthy ? 'healthy' : 'degraded', breakers };
}

function availability({ totals }: BreakerSnapshot): number | null {
  const asked = totals.successes + totals.failures + totals.rejections;
  return asked === 0 ? null : (100 * totals.successes) / asked;
}
