import { type Clock, systemClock } from '../clock.ts';
import { checkMemory, checkThread, type ThreadPlace } from '../thread-place.ts';
import { BreakerEvents } from './breaker-events.ts';
import type { CircuitBreakerOptions, ResolvedBreakerOptions } from './breaker-options.ts';
import { BreakerRecords } from './breaker-records.ts';
import type { CallWindow } from './call-counts.ts';
import { CountWindow } from './count-window.ts';
import { GenerationCount } from './generation-count.ts';
import { ownWords, PROBE_SUCCESSES, PROBES, RECORD_WORDS, STREAK, wordsNeeded } from './layout.ts';
import { Memory } from './memory.ts';
import { OpenTime } from './open-time.ts';
import { PeriodCounts } from './period-counts.ts';
import { resolveOptions } from './resolve-options.ts';
import { Statistics } from './statistics.ts';
import { TimeWindow } from './time-window.ts';

/** What the parts of one breaker share. */
export interface BreakerParts {
  readonly options: ResolvedBreakerOptions;
  readonly clock: Clock;
  readonly memory: Memory;
  readonly events: BreakerEvents;
  readonly statistics: Statistics;
  readonly openTime: OpenTime;
  readonly window: CallWindow;
  readonly streak: GenerationCount;
  readonly probes: GenerationCount;
  readonly probeSuccesses: GenerationCount;
  readonly records: BreakerRecords;
  readonly thread: ThreadPlace;
  /** For each thread its share of `probes`; empty when the threads do not know of each other. */
  readonly threadProbes: readonly GenerationCount[];
}

/** @throws InvalidOptionError */
export function makeParts(given: CircuitBreakerOptions): BreakerParts {
  const options = resolveOptions(given);
  const clock = given.clock ?? systemClock;
  const thread = checkThread(given.thread);
  const shape = { ...options, thread: given.thread };
  const needed = wordsNeeded(shape);
  const memory = new Memory(checkMemory(given.memory ?? new Int32Array(needed), needed));
  const records = ownWords(shape);
  const counted = given.thread === undefined ? 0 : thread.count;
  return {
    options,
    clock,
    memory,
    events: new BreakerEvents(options.name),
    statistics: new Statistics(memory),
    openTime: new OpenTime(memory, options.openTimeoutMs, given.random ?? Math.random),
    window: makeWindow(memory, clock, options),
    streak: new GenerationCount(memory, STREAK),
    probes: new GenerationCount(memory, PROBES),
    probeSuccesses: new GenerationCount(memory, PROBE_SUCCESSES),
    records:
      counted === 0
        ? new BreakerRecords(new Memory(new Int32Array(RECORD_WORDS)), 0)
        : new BreakerRecords(memory, records),
    thread,
    threadProbes: Array.from(
      { length: counted },
      (_, index) => new GenerationCount(memory, records + RECORD_WORDS + index),
    ),
  };
}

/** Monotonic milliseconds as a 32-bit number that wraps around after 49.7 days; compared by difference only. */
export function nowMs({ clock }: BreakerParts): number {
  return clock.now() | 0;
}

function makeWindow(memory: Memory, clock: Clock, { window, slowCall }: ResolvedBreakerOptions): CallWindow {
  if (window === null) return new PeriodCounts(memory);
  if (window.type === 'count') return new CountWindow(memory, window.size);
  return new TimeWindow(memory, clock, { ...window, slowCalls: slowCall !== null });
}
