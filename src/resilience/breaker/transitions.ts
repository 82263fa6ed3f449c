import type { BreakerRule, BreakerState, ForcedState, OpeningRule } from '../breaker-snapshot.ts';
import { type BreakerParts, nowMs } from './breaker-parts.ts';
import type { CallCounts } from './call-counts.ts';
import {
  CHANGED_HIGH,
  CHANGED_LOW,
  CLOSED,
  DEADLINE,
  FORCED_CLOSED,
  FORCED_MASK,
  FORCED_OPEN,
  HALF_OPEN,
  INITIAL_STATE,
  KEPT_FAILURES,
  KEPT_REQUESTS,
  KEPT_SLOW,
  nextState,
  OPEN,
  OPENED_AT,
  STATE,
  STATE_MASK,
  TRANSITIONS,
} from './layout.ts';
import { reasonFor, ruleNumber } from './reason.ts';

const STATE_NAMES: readonly (BreakerState | undefined)[] = [undefined, 'CLOSED', 'HALF_OPEN', 'OPEN'];

export const stateName = (word: number): BreakerState => STATE_NAMES[word & STATE_MASK] ?? 'CLOSED';

export const forcedName = (word: number): ForcedState | null => {
  const forced = word & FORCED_MASK;
  if (forced === 0) return null;
  return forced === FORCED_OPEN ? 'open' : 'closed';
};

/** One change of the STATE word. */
export interface Change {
  readonly state: number;
  readonly forced?: number;
  /** What goes into DEADLINE, relative to now. */
  readonly forMs: number;
  readonly rule: BreakerRule;
  /** Only if DEADLINE is still this. */
  readonly deadline?: number;
}

/**
 * Every change of state. It is committed by one compare-exchange of state, generation and deadline; the thread
 * whose exchange succeeds, and no other, writes down the rest and tells the listeners of its own thread.
 */
export class Transitions {
  readonly #parts: BreakerParts;
  readonly #leaseMs: number;
  readonly #counts: CallCounts = { failures: 0, requests: 0, successes: 0, slow: 0, streak: 0 };

  constructor(parts: BreakerParts) {
    this.#parts = parts;
    this.#leaseMs = Math.ceil(parts.options.halfOpenTimeoutMs);
    // Whoever comes first to fresh memory makes it a closed breaker.
    if (parts.memory.replacePair(0, 0, INITIAL_STATE, 0)) this.#noteChange(parts.clock.wallNow());
  }

  /** @returns whether this call brought the change about */
  open(word: number, rule: OpeningRule): boolean {
    return this.#change(word, { state: OPEN, forMs: this.#parts.openTime.nextMs(), rule });
  }

  halfOpen(word: number): boolean {
    return this.#change(word, { state: HALF_OPEN, forMs: this.#leaseMs, rule: 'open_time_over' });
  }

  close(word: number): boolean {
    return this.#change(word, { state: CLOSED, forMs: this.#parts.openTime.lastMs(), rule: 'recovered' });
  }

  /** Milliseconds until an open breaker permits a probe; 0 when it is time. */
  openMsLeft(): number {
    return this.#msLeft(this.#parts.memory.load(DEADLINE), this.#parts.openTime.longestMs);
  }

  /**
   * Opens again if the lease of the newest probe is over. A lease that another thread renews meanwhile holds.
   *
   * @returns whether it was over
   */
  openIfLeaseOver(word: number): boolean {
    const deadline = this.#parts.memory.load(DEADLINE);
    if (this.#msLeft(deadline, this.#leaseMs) > 0) return false;
    this.#change(word, { state: OPEN, forMs: this.#parts.openTime.nextMs(), rule: 'probe_lost', deadline });
    return true;
  }

  /** Gives the probe that is about to start its whole lease. @returns false when something has changed meanwhile */
  renewLease(word: number): boolean {
    const { memory } = this.#parts;
    const deadline = memory.load(DEADLINE);
    return memory.replacePair(word, deadline, word, (nowMs(this.#parts) + this.#leaseMs) | 0);
  }

  /**
   * Lets an open time end now; nothing changes its state before somebody asks for a permit. State and deadline are
   * exchanged as one, so that a time that another thread has begun meanwhile is not shortened.
   *
   * @returns whether this call ended it
   */
  endOpenTime(): boolean {
    const { memory } = this.#parts;
    const word = memory.load(STATE);
    if ((word & (STATE_MASK | FORCED_MASK)) !== OPEN) return false;
    const deadline = memory.load(DEADLINE);
    if (this.#msLeft(deadline, this.#parts.openTime.longestMs) === 0) return false;
    return memory.replacePair(word, deadline, word, nowMs(this.#parts));
  }

  /** Closed, with nothing counted, nothing grown and nothing forced. Totals stay. */
  reset(): void {
    this.#insist(() => ({ state: CLOSED, forMs: 0, rule: 'reset' }));
  }

  forceOpen(): void {
    this.#insist((word) =>
      (word & FORCED_MASK) === FORCED_OPEN
        ? null
        : { state: OPEN, forced: FORCED_OPEN, forMs: 0, rule: 'forced_open' },
    );
  }

  forceClose(): void {
    this.#insist((word) =>
      (word & FORCED_MASK) === FORCED_CLOSED
        ? null
        : { state: CLOSED, forced: FORCED_CLOSED, forMs: 0, rule: 'forced_closed' },
    );
  }

  /** What was forced open asks for a probe; what was forced closed is judged again, from nothing. */
  release(): void {
    this.#insist((word) => {
      const forced = word & FORCED_MASK;
      if (forced === 0) return null;
      return forced === FORCED_OPEN
        ? { state: HALF_OPEN, forMs: this.#leaseMs, rule: 'released' }
        : { state: CLOSED, forMs: 0, rule: 'released' };
    });
  }

  /** The state as callers experience it: `observe` never refuses, unless it is forced to. */
  visible(word: number): BreakerState {
    const hidden = this.#parts.options.mode === 'observe' && (word & FORCED_MASK) === 0;
    return hidden ? 'CLOSED' : stateName(word);
  }

  /** What the state goes by: while closed the counts that are judged, else what was kept. Valid until the next call. */
  counts(word: number): CallCounts {
    const { memory, streak, window, probeSuccesses } = this.#parts;
    const counts = this.#counts;
    counts.streak = streak.read(word);
    if ((word & STATE_MASK) === CLOSED) window.sum(word, counts);
    else {
      counts.failures = memory.load(KEPT_FAILURES);
      counts.requests = memory.load(KEPT_REQUESTS);
      counts.slow = memory.load(KEPT_SLOW);
      counts.successes = (word & STATE_MASK) === HALF_OPEN ? probeSuccesses.read(word) : 0;
    }
    return counts;
  }

  /** Puts a breaker into a saved state. */
  adopt(change: Change): void {
    this.#insist(() => change);
  }

  #insist(decide: (word: number) => Change | null): void {
    for (;;) {
      const word = this.#parts.memory.load(STATE);
      const change = decide(word);
      if (change === null || this.#change(word, change)) return;
    }
  }

  #change(from: number, { state, forced = 0, forMs, rule, deadline: expected }: Change): boolean {
    const { memory, streak, probes, probeSuccesses, threadProbes, window } = this.#parts;
    const counts = this.counts(from);
    const next = nextState(from, state, forced);
    const now = nowMs(this.#parts);
    for (;;) {
      const deadline = expected ?? memory.load(DEADLINE);
      if (memory.replacePair(from, deadline, next, (now + forMs) | 0)) break;
      if (expected !== undefined || memory.load(STATE) !== from) return false;
    }
    // Committed. A thread that dies from here on leaves a breaker that works and a story that is incomplete.
    streak.begin(next, state === CLOSED ? 0 : counts.streak);
    probes.begin(next);
    for (const share of threadProbes) share.begin(next);
    probeSuccesses.begin(next);
    window.begin(next);
    if (state === OPEN && rule !== 'restored') this.#noteOpening(from, rule as OpeningRule, now);
    else if (rule === 'reset') this.#forget();
    this.#tell(from, next, rule, forMs);
    return true;
  }

  #noteOpening(from: number, rule: OpeningRule, now: number): void {
    const { memory, openTime } = this.#parts;
    const counts = this.#counts;
    if (rule === 'probe_failed') {
      counts.failures++;
      counts.requests++;
    }
    if ((from & STATE_MASK) === CLOSED) memory.store(OPENED_AT, now);
    memory.store(KEPT_FAILURES, counts.failures);
    memory.store(KEPT_REQUESTS, counts.requests);
    memory.store(KEPT_SLOW, counts.slow);
    openTime.opened(ruleNumber(rule), rule !== 'forced_open');
  }

  #forget(): void {
    const { memory, openTime } = this.#parts;
    openTime.restore(0, 0);
    for (const index of [KEPT_FAILURES, KEPT_REQUESTS, KEPT_SLOW]) memory.store(index, 0);
  }

  #tell(from: number, next: number, rule: BreakerRule, forMs: number): void {
    const { options, clock, memory, events, records } = this.#parts;
    const [before, after] = [this.visible(from), this.visible(next)];
    const wouldOpen = options.mode === 'observe' && (next & (STATE_MASK | FORCED_MASK)) === OPEN;
    if (before === after && !wouldOpen) return;
    const breaker = options.name;
    const at = clock.wallNow();
    const reason = reasonFor(memory, rule, options);
    const { failures, successes, requests } = this.#counts;
    const counts = { failures, successes, requests };
    if (before === after) {
      records.wouldHaveOpened();
      events.emit('would_open', { breaker, reason, at, counts, retryAfterMs: forMs });
      return;
    }
    this.#noteChange(at);
    memory.add(TRANSITIONS, 1);
    const openForMs = (nowMs(this.#parts) - memory.load(OPENED_AT)) >>> 0;
    if (after === 'CLOSED') records.closed(openForMs);
    if (rule === 'recovered') records.recovered(openForMs);
    events.emit('transition', {
      breaker,
      from: before,
      to: after,
      reason,
      at,
      counts,
      ...(after === 'OPEN' && rule !== 'forced_open' && { retryAfterMs: forMs }),
      ...(after === 'CLOSED' && { openForMs }),
    });
  }

  #noteChange(unixMs: number): void {
    this.#parts.memory.store(CHANGED_HIGH, Math.floor(unixMs / 2 ** 32));
    this.#parts.memory.store(CHANGED_LOW, unixMs | 0);
  }

  /** A time that lies farther ahead than it was ever set to has passed, 25 days ago or more. */
  #msLeft(deadline: number, longestMs: number): number {
    const ms = (deadline - nowMs(this.#parts)) | 0;
    return ms > 0 && ms <= longestMs ? ms : 0;
  }
}
