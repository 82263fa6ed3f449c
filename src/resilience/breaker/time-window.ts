import type { Clock } from '../clock.ts';
import type { CallCounts, CallWindow } from './call-counts.ts';
import { BUCKETS, bucketWords, generationOf, STATE } from './layout.ts';
import type { Memory } from './memory.ts';

const REQUESTS = 1;
const FAILURES = 2;
const SLOW = 3;

const LAP_BITS = 20;
const LAP_MASK = (1 << LAP_BITS) - 1;
const COUNT_BITS = 24;
/** A bucket that is full counts no more calls of either kind, so that its rates stay true. */
const MAX_COUNT = (1 << COUNT_BITS) - 1;

/**
 * Clocks of threads differ by a microsecond at most. A bucket of the next lap is another thread's that is so much
 * ahead: this many looks, 30 ns each, are more than enough to follow. One that rested for 2^20 - 1 laps looks the
 * same, and is taken after that.
 */
const MOST_LOOKS_AHEAD = 500;

/**
 * Calls by time, in fixed buckets on the marks of the clock. A bucket is used again every lap of the window; its
 * stamp says of which lap and generation it is, so an old one is empty without anybody clearing it. The window
 * holds the present bucket and the whole ones before it: nothing older than its duration, everything younger
 * than that less one bucket.
 *
 * Threads: each count carries 8 bits of its stamp. A thread that was stopped while the bucket moved on finds
 * another tag and counts nothing; a thread that finds an old count begins at one.
 */
export class TimeWindow implements CallWindow {
  readonly #memory: Memory;
  readonly #clock: Clock;
  readonly #durationMs: number;
  readonly #buckets: number;
  readonly #words: number;
  /** Where the clock stands, set by #look: whole windows since its origin, and the bucket within. */
  #lap = 0;
  #bucket = 0;

  constructor(
    memory: Memory,
    clock: Clock,
    options: { durationMs: number; buckets: number; slowCalls: boolean },
  ) {
    this.#memory = memory;
    this.#clock = clock;
    this.#durationMs = options.durationMs;
    this.#buckets = options.buckets;
    this.#words = bucketWords(options.slowCalls);
  }

  record(word: number, failed: boolean, slow: boolean): void {
    this.#look();
    const bucket = this.#enter(word);
    if (bucket < 0) return;
    const stamp = stampOf(word, this.#lap);
    const tag = tagOf(stamp);
    // Requests first: whoever reads between the two sees a rate that is too low, never one too high.
    if (!this.#count(bucket, REQUESTS, stamp, tag)) return;
    if (failed) this.#count(bucket, FAILURES, stamp, tag);
    if (slow && this.#words > SLOW) this.#count(bucket, SLOW, stamp, tag);
  }

  sum(word: number, counts: CallCounts): void {
    this.#look();
    let failures = 0;
    let slow = 0;
    let requests = 0;
    for (let index = 0; index < this.#buckets; index++) {
      const bucket = BUCKETS + index * this.#words;
      const stamp = stampOf(word, index <= this.#bucket ? this.#lap : this.#lap - 1);
      if (this.#memory.load(bucket) !== stamp) continue;
      const tag = tagOf(stamp);
      failures += this.#read(bucket + FAILURES, tag);
      if (this.#words > SLOW) slow += this.#read(bucket + SLOW, tag);
      requests += this.#read(bucket + REQUESTS, tag);
    }
    counts.failures = failures;
    counts.slow = slow;
    counts.requests = requests;
    counts.successes = requests - failures;
  }

  /** Its stamps name the generation; there is nothing to clear. */
  begin(): void {}

  /** Fractions of the whole time, not of a wrapped one: the marks never shift. */
  #look(): void {
    const slice = Math.floor((this.#clock.now() * this.#buckets) / this.#durationMs);
    const lap = Math.floor(slice / this.#buckets);
    this.#bucket = slice - lap * this.#buckets;
    this.#lap = lap | 0;
  }

  /** @returns where the present bucket is, made the present lap's; -1 when the generation is over */
  #enter(word: number): number {
    for (let looks = 0; ; looks++) {
      const lap = this.#lap;
      const bucket = BUCKETS + this.#bucket * this.#words;
      const stamp = stampOf(word, lap);
      const seen = this.#memory.load(bucket);
      if (seen === stamp) return bucket;
      // `seen` is older than the two looks that follow. If generation and lap still hold then, it is of an earlier
      // one, whatever its number, and may go; else another thread was faster.
      if (this.#memory.load(STATE) !== word) return -1;
      this.#look();
      if (this.#lap !== lap || BUCKETS + this.#bucket * this.#words !== bucket) continue;
      if (seen === stampOf(word, lap + 1) && looks < MOST_LOOKS_AHEAD) continue;
      this.#clearGhosts(bucket, seen, tagOf(stamp));
      this.#memory.replace(bucket, seen, stamp);
    }
  }

  /**
   * A count of 256 laps ago has the same tag. It must be gone before the new stamp makes it valid, and only while
   * the old one stands. What remains: a thread that stops just before its `replace`, for as long as others need to
   * count up to the very number that it saw, takes these few away.
   */
  #clearGhosts(bucket: number, oldStamp: number, tag: number): void {
    for (let index = bucket + REQUESTS; index < bucket + this.#words; index++) {
      const count = this.#memory.load(index);
      if (count >>> COUNT_BITS !== tag) continue;
      if (this.#memory.load(bucket) !== oldStamp) return;
      this.#memory.replace(index, count, tag << COUNT_BITS);
    }
  }

  /** @returns false when the bucket has moved on or is full */
  #count(bucket: number, offset: number, stamp: number, tag: number): boolean {
    for (;;) {
      const value = this.#memory.load(bucket + offset);
      let count = 1;
      if (value >>> COUNT_BITS === tag) {
        count += value & MAX_COUNT;
        if (count > MAX_COUNT) return false;
      } else if (this.#memory.load(bucket) !== stamp) return false;
      // `value` was read while the stamp still held, so it is not a later lap's that would be overwritten.
      if (this.#memory.replace(bucket + offset, value, (tag << COUNT_BITS) | count)) return true;
    }
  }

  #read(index: number, tag: number): number {
    const value = this.#memory.load(index);
    return value >>> COUNT_BITS === tag ? value & MAX_COUNT : 0;
  }
}

/** 12 bits of the generation above 20 of the lap: a 10-second window comes to the same stamp after 121 days. */
const stampOf = (word: number, lap: number): number => (generationOf(word) << LAP_BITS) | (lap & LAP_MASK);

/** Differs from lap to lap and from generation to generation, for 256 of them. */
const tagOf = (stamp: number): number => (stamp + Math.imul(stamp >>> LAP_BITS, 89)) & 0xff;
