import type { Outcome } from '../breaker-snapshot.ts';
import type { BreakerParts } from './breaker-parts.ts';
import type { CallWindow } from './call-counts.ts';
import type { GenerationCount } from './generation-count.ts';
import {
  CLOSED,
  FAILURES,
  FORCED_MASK,
  FORCED_OPEN,
  HALF_OPEN,
  OPEN,
  SLOW,
  STATE,
  STATE_MASK,
} from './layout.ts';
import type { Memory } from './memory.ts';
import type { TripRule } from './rules/trip-rule.ts';
import { tripRules } from './rules/trip-rules.ts';
import type { Statistics } from './statistics.ts';
import { stateName, type Transitions } from './transitions.ts';

/**
 * A number, so that nothing is allocated: the STATE word of the moment, and with it the generation. Anything but
 * REFUSED must be settled exactly once.
 */
export type Permit = number;

/** The call is not let through. */
export const REFUSED: Permit = 0;

/** In mode `observe`: the call is let through where it would have been refused. No STATE word looks like this. */
const UNJUDGED: Permit = 4;

/** Lets calls through and judges their results. */
export class Gate {
  readonly #parts: BreakerParts;
  readonly #memory: Memory;
  readonly #transitions: Transitions;
  readonly #rules: readonly TripRule[];
  readonly #statistics: Statistics;
  readonly #streak: GenerationCount;
  /** This thread's share of the probes; null when the threads do not know of each other. */
  readonly #ownProbes: GenerationCount | null;
  /** Null when only failures in a row are judged: then no success opens anything, and none needs recording. */
  readonly #window: CallWindow | null;
  readonly #grows: boolean;
  readonly #disabled: boolean;
  readonly #slowMs: number;
  /** A generation and totals at which its window held neither failures nor slow calls. */
  #calmWord = 0;
  #calmFailures = 0;
  #calmSlow = 0;

  constructor(parts: BreakerParts, transitions: Transitions) {
    const { options, memory } = parts;
    this.#parts = parts;
    this.#memory = memory;
    this.#transitions = transitions;
    this.#rules = tripRules(options);
    this.#statistics = parts.statistics;
    this.#streak = parts.streak;
    this.#ownProbes = parts.threadProbes[parts.thread.index] ?? null;
    this.#window = options.window === null ? null : parts.window;
    this.#grows = options.openTimeoutMs.factor > 1;
    this.#disabled = options.mode === 'disabled';
    this.#slowMs = options.slowCall?.durationMs ?? Number.POSITIVE_INFINITY;
  }

  tryAcquire(): Permit {
    const word = this.#memory.load(STATE);
    return (word & STATE_MASK) === CLOSED ? word : this.#acquireUnlessClosed();
  }

  settle(permit: Permit, outcome: Outcome | 'timeout', durationMs: number | undefined): boolean {
    const word = this.#memory.load(STATE);
    if (permit !== word) {
      if (permit === UNJUDGED) this.#countOnly(outcome, durationMs);
      return false;
    }
    if ((word & STATE_MASK) === CLOSED) {
      if (this.#disabled) return false;
      if (outcome === 'success') this.#succeed(word, durationMs);
      else this.#settleOther(word, outcome, durationMs);
      return true;
    }
    return (word & STATE_MASK) === HALF_OPEN && this.#settleProbe(word, outcome, durationMs);
  }

  /** Gives back the probes that a thread had under way which is gone: it has nothing to say of their results. */
  forgetThread(index: number): void {
    const { threadProbes, probes, statistics } = this.#parts;
    const word = this.#memory.load(STATE);
    if ((word & STATE_MASK) !== HALF_OPEN) return;
    for (let left = threadProbes[index]?.takeAll(word) ?? 0; left > 0; left--) {
      statistics.excluded();
      probes.removeOne(word);
    }
  }

  #acquireUnlessClosed(): Permit {
    const permit = this.#askForProbe();
    if (permit !== REFUSED) return permit;
    const { options, statistics, events } = this.#parts;
    statistics.rejected();
    const word = this.#memory.load(STATE);
    if (options.mode === 'observe' && (word & FORCED_MASK) !== FORCED_OPEN) return UNJUDGED;
    if (events.wanted('rejected')) {
      const retryAfterMs = (word & STATE_MASK) === OPEN ? this.#transitions.openMsLeft() : 0;
      events.emit('rejected', { breaker: options.name, state: stateName(word), retryAfterMs });
    }
    return REFUSED;
  }

  #askForProbe(): Permit {
    const { options, probes } = this.#parts;
    const transitions = this.#transitions;
    for (;;) {
      const word = this.#memory.load(STATE);
      switch (word & STATE_MASK) {
        case OPEN:
          if ((word & FORCED_MASK) !== 0 || transitions.openMsLeft() > 0) {
            // The time may be that of a later state; only if the state has stayed, it was this one's.
            if (this.#memory.load(STATE) === word) return REFUSED;
          } else transitions.halfOpen(word);
          break;
        case HALF_OPEN: {
          // Probes before the lease: a probe renews the lease before it counts itself.
          const underWay = probes.read(word);
          if (underWay > 0 && transitions.openIfLeaseOver(word)) break;
          if (underWay >= options.halfOpenRequests) {
            if (this.#memory.load(STATE) === word) return REFUSED;
          } else if (transitions.renewLease(word) && probes.addBelow(word, options.halfOpenRequests)) {
            // The share after the whole here and before it elsewhere: a thread that dies in between leaves a probe to
            // its lease, and none is ever given back that was not taken.
            this.#ownProbes?.add(word, 1);
            return word;
          }
          break;
        }
        default:
          return word;
      }
    }
  }

  /** The path of nearly every call: short, so that the compiler puts it into its caller. */
  #succeed(word: number, durationMs: number | undefined): void {
    const slow = this.#time(durationMs);
    // Window before totals: the totals tell other threads that there is something in the window to judge.
    if (this.#window !== null) this.#window.record(word, false, slow);
    if (slow) this.#statistics.slow();
    this.#statistics.succeeded();
    this.#streak.clear(word);
    if (this.#grows) this.#parts.openTime.succeeded(this.#parts.clock);
    if (this.#window !== null && (slow || !this.#isCalm(word))) this.#judge(word);
  }

  #settleOther(
    word: number,
    outcome: 'failure' | 'timeout' | 'excluded',
    durationMs: number | undefined,
  ): void {
    if (outcome === 'excluded') {
      this.#statistics.excluded();
      return;
    }
    const slow = this.#time(durationMs);
    this.#window?.record(word, true, slow);
    if (slow) this.#statistics.slow();
    this.#statistics.failed(outcome === 'timeout');
    this.#streak.add(word, 1);
    this.#judge(word);
  }

  /** Any result can be the one that makes a rule hold: a success may be the call that completes `minRequests`. */
  #judge(word: number): void {
    if ((word & FORCED_MASK) !== 0) return;
    const failures = this.#memory.load(FAILURES);
    const slow = this.#memory.load(SLOW);
    const counts = this.#transitions.counts(word);
    if (counts.failures === 0 && counts.slow === 0) {
      this.#calmWord = word;
      this.#calmFailures = failures;
      this.#calmSlow = slow;
      return;
    }
    for (const rule of this.#rules) {
      if (!rule.tripped(counts)) continue;
      this.#transitions.open(word, rule.rule);
      return;
    }
  }

  /** No thread has counted a failure or a slow call since the window was found free of both. */
  #isCalm(word: number): boolean {
    return (
      this.#calmWord === word &&
      this.#calmFailures === this.#memory.load(FAILURES) &&
      this.#calmSlow === this.#memory.load(SLOW)
    );
  }

  #settleProbe(word: number, outcome: Outcome | 'timeout', durationMs: number | undefined): boolean {
    const { options, statistics, streak, probes, probeSuccesses } = this.#parts;
    const transitions = this.#transitions;
    if (transitions.openIfLeaseOver(word)) return false;
    if (outcome === 'excluded') {
      statistics.excluded();
      this.#ownProbes?.removeOne(word);
      probes.removeOne(word);
      return true;
    }
    const slow = this.#count(outcome, durationMs);
    if (outcome !== 'success' || slow) {
      streak.add(word, 1);
      transitions.open(word, 'probe_failed');
      return true;
    }
    streak.clear(word);
    this.#ownProbes?.removeOne(word);
    if (probeSuccesses.add(word, 1) >= options.successThreshold) transitions.close(word);
    else probes.removeOne(word);
    return true;
  }

  #countOnly(outcome: Outcome | 'timeout', durationMs: number | undefined): void {
    if (outcome === 'excluded') this.#parts.statistics.excluded();
    else this.#count(outcome, durationMs);
  }

  /** @returns whether it was slow */
  #count(outcome: Outcome | 'timeout', durationMs: number | undefined): boolean {
    const { statistics } = this.#parts;
    const slow = this.#time(durationMs);
    if (slow) statistics.slow();
    if (outcome === 'success') statistics.succeeded();
    else statistics.failed(outcome === 'timeout');
    return slow;
  }

  /** @returns whether it was slow */
  #time(durationMs: number | undefined): boolean {
    this.#statistics.took(durationMs);
    return durationMs !== undefined && durationMs > this.#slowMs;
  }
}
