import type { BreakerSnapshot } from '../../src/resilience/index.ts';

/** A snapshot of a breaker that has seen nothing, with what a test cares about put in. */
export function breakerSnapshot(name: string, overrides: Partial<BreakerSnapshot> = {}): BreakerSnapshot {
  return {
    name,
    state: 'CLOSED',
    mode: 'enforce',
    forced: null,
    failureCount: 0,
    successCount: 0,
    requestCount: 0,
    failureRate: null,
    slowRate: null,
    consecutiveFailures: 0,
    halfOpenInFlight: 0,
    minMs: null,
    avgMs: null,
    maxMs: null,
    totals: { successes: 0, failures: 0, timeouts: 0, rejections: 0, excluded: 0, slow: 0 },
    transitions: 0,
    openedAt: null,
    lastChangeAt: Date.UTC(2026, 0, 1),
    lastRecoveryMs: null,
    recoveries: 0,
    recoveryMs: 0,
    retryAfterMs: 0,
    reason: null,
    ...overrides,
  };
}
