import { type Clock, systemClock } from '../clock.ts';
import { InvalidOptionError } from '../errors.ts';
import { BreakerEvents } from './breaker-events.ts';
import type { CircuitBreakerOptions, ResolvedBreakerOptions } from './breaker-options.ts';
import type { CallWindow } from './call-counts.ts';
import { CountWindow } from './count-window.ts';
import { GenerationCount } from './generation-count.ts';
import { PROBE_SUCCESSES, PROBES, STREAK, wordsNeeded } from './layout.ts';
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
}

/** @throws InvalidOptionError */
export function makeParts(given: CircuitBreakerOptions): BreakerParts {
  const options = resolveOptions(given);
  const clock = given.clock ?? systemClock;
  const memory = makeMemory(options, given.memory);
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
  };
}

/** Monotonic milliseconds as a 32-bit number that wraps around after 49.7 days; compared by difference only. */
export function nowMs({ clock }: BreakerParts): number {
  return clock.now() | 0;
}

function makeMemory(options: ResolvedBreakerOptions, words: Int32Array | undefined): Memory {
  const needed = wordsNeeded(options);
  if (words === undefined) return new Memory(new Int32Array(needed));
  if (!(words instanceof Int32Array) || words.length < needed || words.byteOffset % 8 !== 0) {
    throw new InvalidOptionError('memory', words, `an Int32Array of ${needed} words, aligned to 8 bytes`);
  }
  return new Memory(words);
}

function makeWindow(memory: Memory, clock: Clock, { window, slowCall }: ResolvedBreakerOptions): CallWindow {
  if (window === null) return new PeriodCounts(memory);
  if (window.type === 'count') return new CountWindow(memory, window.size);
  return new TimeWindow(memory, clock, { ...window, slowCalls: slowCall !== null });
}
