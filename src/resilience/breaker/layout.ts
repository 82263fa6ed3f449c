import type { ThreadPlace } from '../thread-place.ts';
import type { WindowOptions } from './breaker-options.ts';

/**
 * Where everything stands in a breaker's memory: 32-bit words, 24 for every breaker (96 bytes), then what its
 * window needs, then what threads that know of each other need. All zero means "never used", so fresh memory needs no preparation.
 *
 * STATE and DEADLINE are one 64-bit word that changes by one compare-exchange: a thread that dies at any moment
 * leaves no state without its deadline, and nobody ever waits for another thread.
 */
export const STATE = 0;
/**
 * Belongs to STATE, in monotonic milliseconds: open until · half-open: the newest probe's lease ends · closed:
 * from when on a success is evidence of health.
 */
export const DEADLINE = 1;

/** Counts of one generation (generation-count.ts). STREAK: failures in a row. */
export const STREAK = 2;
/** Probes under way. */
export const PROBES = 3;
export const PROBE_SUCCESSES = 4;

/** Why it opened last: a rule's number (4 bits, 0 for never), and above them how often the open time has grown. */
export const CAUSE = 5;
export const RULE_MASK = 15;
export const GROWTH_STEP = 16;
/** When it opened, in monotonic milliseconds. */
export const OPENED_AT = 6;
/** The counts at that moment. */
export const KEPT_FAILURES = 7;
export const KEPT_REQUESTS = 8;
export const KEPT_SLOW = 9;
/** Unix milliseconds of the last change of state, low and high word. */
export const CHANGED_LOW = 10;
export const CHANGED_HIGH = 11;
export const TRANSITIONS = 12;

/** Totals since the start, unsigned; they wrap after 4,294,967,295. */
export const SUCCESSES = 13;
export const FAILURES = 14;
export const TIMEOUTS = 15;
export const REJECTIONS = 16;
export const EXCLUDED = 17;
export const SLOW = 18;

/** Counted calls without a duration: fewer than those with one, which thus cost one addition less. */
export const UNTIMED = 19;
/** Durations, in microseconds: their sum (64 bits) and the extremes. */
export const SUM_LOW = 20;
export const SUM_HIGH = 21;
/** Stored as 2^31 - 1 - minimum, so that zero means "none yet" and a new minimum is a greater value. */
export const MIN_COMPLEMENT = 22;
export const MAX = 23;

export const HEADER_WORDS = 24;

/** Without a window: totals when the state changed last, so that totals minus these are the present period. */
export const PERIOD_SUCCESSES = HEADER_WORDS;
export const PERIOD_FAILURES = HEADER_WORDS + 1;
const PERIOD_WORDS = 2;

/** Count window: three generation counts, then one word per call. */
export const RING_NEXT = HEADER_WORDS;
export const RING_FAILURES = HEADER_WORDS + 1;
export const RING_SLOW = HEADER_WORDS + 2;
export const RING_CALLS = HEADER_WORDS + 3;

/** Time window: per bucket its stamp, requests, failures and, if slow calls are judged, those. */
export const BUCKETS = HEADER_WORDS;
export const bucketWords = (slowCalls: boolean): number => (slowCalls ? 4 : 3);

/** STATE: 2 bits state, 2 bits force, 28 bits generation, which every change increases. Never 0 once used. */
export const CLOSED = 1;
export const HALF_OPEN = 2;
export const OPEN = 3;
export const STATE_MASK = 3;
export const FORCED_OPEN = 4;
export const FORCED_CLOSED = 8;
export const FORCED_MASK = 12;
const GENERATION_SHIFT = 4;

export const INITIAL_STATE = (1 << GENERATION_SHIFT) | CLOSED;

/** Generation of a STATE word, 28 bits. */
export const generationOf = (word: number): number => word >>> GENERATION_SHIFT;

/** The STATE word that follows `word`: its generation plus one, wrapping around. */
export const nextState = (word: number, state: number, forced: number): number =>
  ((generationOf(word) + 1) << GENERATION_SHIFT) | forced | state;

/** What a breaker's size depends on. */
export interface MemoryShape {
  readonly window?: WindowOptions | null | undefined;
  readonly slowCall?: object | null | undefined;
  readonly thread?: ThreadPlace | undefined;
}

/**
 * @returns how many 32-bit words a breaker with these options takes; even, so that the next one is aligned. The number of
 *   threads counts, which of them it is does not.
 */
export function wordsNeeded({ thread, ...shape }: MemoryShape): number {
  const words = ownWords(shape);
  if (thread === undefined) return words;
  return words + RECORD_WORDS + thread.count + (thread.count & 1);
}

/** Where the records stand (breaker-records.ts); after them, for each thread, the probes that it has under way. */
export function ownWords({ window, slowCall }: MemoryShape): number {
  let words = HEADER_WORDS + PERIOD_WORDS;
  if (window?.type === 'count') words = RING_CALLS + window.size;
  else if (window?.type === 'time') {
    words = BUCKETS + (window.buckets ?? DEFAULT_BUCKETS) * bucketWords(slowCall != null);
  }
  return words + (words & 1);
}

export const RECORD_WORDS = 6;

export const DEFAULT_BUCKETS = 10;
