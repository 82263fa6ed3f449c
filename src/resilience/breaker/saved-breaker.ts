import type { BreakerState, BreakerTotals, ForcedState, OpeningRule } from '../breaker-snapshot.ts';
import { InvalidOptionError } from '../errors.ts';
import { type BreakerParts, nowMs } from './breaker-parts.ts';
import {
  CAUSE,
  CLOSED,
  FORCED_CLOSED,
  FORCED_OPEN,
  KEPT_FAILURES,
  KEPT_REQUESTS,
  KEPT_SLOW,
  OPEN,
  OPENED_AT,
  STATE,
} from './layout.ts';
import { ruleNumber, ruleOf } from './reason.ts';
import { forcedName, stateName, type Transitions } from './transitions.ts';

/**
 * A breaker to be continued in another process. It names durations, never times of day, so it means the same on
 * another machine and after any pause. It is plain JSON. Calls in a window are not kept: they would be old.
 */
export interface SavedBreaker {
  readonly version: 1;
  readonly state: BreakerState;
  readonly forced: ForcedState | null;
  /** Milliseconds that it still stays open; 0 unless open. */
  readonly openMsLeft: number;
  /** Milliseconds since it opened; 0 while closed. */
  readonly openForMs: number;
  /** Openings that have lengthened the open time. */
  readonly growth: number;
  readonly consecutiveFailures: number;
  readonly rule: OpeningRule | null;
  /** The counts when it opened. */
  readonly counts: { readonly failures: number; readonly requests: number; readonly slow: number };
  readonly totals: BreakerTotals;
}

export function saveBreaker(parts: BreakerParts, transitions: Transitions): SavedBreaker {
  const { memory, openTime, streak, statistics } = parts;
  const word = memory.load(STATE);
  const state = stateName(word);
  return {
    version: 1,
    state,
    forced: forcedName(word),
    openMsLeft: state === 'OPEN' && forcedName(word) === null ? transitions.openMsLeft() : 0,
    openForMs: state === 'CLOSED' ? 0 : (nowMs(parts) - memory.load(OPENED_AT)) >>> 0,
    growth: openTime.growth,
    consecutiveFailures: streak.read(word),
    rule: ruleOf(memory.load(CAUSE)),
    counts: {
      failures: memory.load(KEPT_FAILURES),
      requests: memory.load(KEPT_REQUESTS),
      slow: memory.load(KEPT_SLOW),
    },
    totals: statistics.totals(false),
  };
}

/**
 * For the start, before traffic: threads that use the breaker meanwhile may see it half restored. Probes did not
 * survive, so what was half-open is open with no time left, and the next call is a probe.
 *
 * @throws InvalidOptionError
 */
export function restoreBreaker(parts: BreakerParts, transitions: Transitions, saved: SavedBreaker): void {
  check(saved);
  const { memory, openTime, streak } = parts;
  const { counts, totals } = saved;
  transitions.reset();
  memory.store(KEPT_FAILURES, counts.failures);
  memory.store(KEPT_REQUESTS, counts.requests);
  memory.store(KEPT_SLOW, counts.slow);
  parts.statistics.restore(totals);
  parts.window.begin(memory.load(STATE));
  const number = saved.rule === null ? 0 : ruleNumber(saved.rule);
  openTime.restore(number, saved.growth);
  if (saved.forced === 'closed')
    transitions.adopt({ state: CLOSED, forced: FORCED_CLOSED, forMs: 0, rule: 'restored' });
  else if (saved.state !== 'CLOSED') {
    const forMs = Math.min(Math.ceil(saved.openMsLeft), openTime.longestMs);
    const forced = saved.forced === 'open' ? FORCED_OPEN : 0;
    transitions.adopt({ state: OPEN, forced, forMs, rule: 'restored' });
    memory.store(OPENED_AT, (nowMs(parts) - saved.openForMs) | 0);
  }
  if (saved.consecutiveFailures > 0) streak.add(memory.load(STATE), saved.consecutiveFailures);
}

function check(saved: SavedBreaker): void {
  const numbers = [
    saved?.openMsLeft,
    saved?.openForMs,
    saved?.growth,
    saved?.consecutiveFailures,
    ...Object.values(saved?.counts ?? { failures: Number.NaN }),
    ...Object.values(saved?.totals ?? { failures: Number.NaN }),
  ];
  const sound =
    saved?.version === 1 &&
    ['CLOSED', 'HALF_OPEN', 'OPEN'].includes(saved.state) &&
    [null, 'open', 'closed'].includes(saved.forced) &&
    (saved.rule === null || ruleNumber(saved.rule) > 0) &&
    numbers.every((number) => Number.isFinite(number) && number >= 0);
  if (!sound) throw new InvalidOptionError('saved', saved, 'what save() gave, version 1');
}
