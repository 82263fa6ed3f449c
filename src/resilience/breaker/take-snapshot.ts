import type { BreakerSnapshot } from '../breaker-snapshot.ts';
import type { BreakerParts } from './breaker-parts.ts';
import { CHANGED_HIGH, CHANGED_LOW, FORCED_MASK, STATE, TRANSITIONS } from './layout.ts';
import { lastReason } from './reason.ts';
import { forcedName, stateName, type Transitions } from './transitions.ts';

/** Every word is read once, most of them atomically; other threads may go on meanwhile. */
export function takeSnapshot(parts: BreakerParts, transitions: Transitions): BreakerSnapshot {
  const { options, memory, statistics, records } = parts;
  const word = memory.load(STATE);
  const state = transitions.visible(word);
  const observing = options.mode === 'observe';
  const { failures, successes, requests, slow, streak } = transitions.counts(word);
  const failed = state === 'CLOSED' && options.window === null ? requests - successes : failures;
  const lastChangeAt = memory.load(CHANGED_HIGH) * 2 ** 32 + (memory.load(CHANGED_LOW) >>> 0);
  return {
    name: options.name,
    state,
    mode: options.mode,
    forced: forcedName(word),
    ...(observing && { wouldBe: stateName(word), wouldOpens: records.wouldOpens() }),
    failureCount: failures,
    successCount: successes,
    requestCount: requests,
    failureRate: percent(failed, requests),
    slowRate: options.slowCall === null ? null : percent(slow, requests),
    consecutiveFailures: streak,
    halfOpenInFlight: parts.probes.read(word),
    ...statistics.times(),
    totals: statistics.totals(observing),
    transitions: memory.load(TRANSITIONS) >>> 0,
    openedAt: state === 'OPEN' ? lastChangeAt : null,
    lastChangeAt,
    lastRecoveryMs: records.lastRecoveryMs(),
    recoveries: records.recoveries(),
    recoveryMs: records.recoveryMs(),
    retryAfterMs: retryAfterMs(parts, transitions),
    reason: lastReason(memory, options),
  };
}

export function retryAfterMs({ memory, openTime }: BreakerParts, transitions: Transitions): number {
  const word = memory.load(STATE);
  if (transitions.visible(word) !== 'OPEN') return 0;
  // Nobody knows when a forced state ends; the configured time keeps clients from asking without pause.
  return (word & FORCED_MASK) === 0 ? transitions.openMsLeft() : Math.ceil(openTime.initialMs);
}

function percent(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((10_000 * Math.min(part, whole)) / whole) / 100;
}
