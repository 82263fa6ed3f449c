import type { EjectionConfig } from '../config/gateway-config.ts';
import { Memory } from '../resilience/breaker/memory.ts';
import type { Verdict } from './classify.ts';
import {
  EJECTION_AT,
  EJECTION_MS,
  EJECTION_STREAK,
  EJECTION_TIMES,
  EJECTIONS,
  msSince,
  targetWords,
} from './target-words.ts';

/** A random share of up to this much is added, so that many gateways do not come back at once. */
const JITTER = 0.1;

/**
 * Whether one target is ejected, and how often it was, whichever threads saw it fail. Beginning and end are each one
 * compare-exchange, so that one thread brings them about. All times are monotonic milliseconds.
 */
export class Ejection {
  readonly #memory: Memory;

  /** @param memory of the target */
  constructor(memory: Memory = new Memory(new Int32Array(targetWords(1)))) {
    this.#memory = memory;
  }

  get active(): boolean {
    return isOdd(this.#memory.load(EJECTIONS));
  }

  /** @returns failures in a row, this one included, since it was last back; 0 if it was none */
  judged(verdict: Verdict): number {
    if (verdict === 'excluded') return 0;
    if (verdict !== 'success') return this.#memory.add(EJECTION_STREAK, 1) + 1;
    if (this.#memory.peek(EJECTION_STREAK) !== 0) this.#memory.store(EJECTION_STREAK, 0);
    return 0;
  }

  /**
   * @param mayStay asked when it is ejected: other threads may have ejected others in the same moment
   * @returns for how many milliseconds; null: it may not stay, or another thread was first
   */
  begin(now: number, random: number, config: EjectionConfig, mayStay: () => boolean): number | null {
    const memory = this.#memory;
    const count = memory.load(EJECTIONS);
    const endedAt = memory.load(EJECTION_AT);
    if (isOdd(count)) return null;
    const { baseTimeMs, maxTimeMs } = config;
    const before = memory.load(EJECTION_TIMES);
    const forgiven = before === 0 ? 0 : Math.floor(msSince(now, endedAt) / memory.load(EJECTION_MS));
    // Beyond the longest time counting on would only make it take longer to be forgiven.
    const most = Math.ceil(maxTimeMs / baseTimeMs);
    const times = Math.min(Math.max(0, before - forgiven) + 1, most);
    const ms = Math.ceil(Math.min(times * baseTimeMs, maxTimeMs) * (1 + random * JITTER));
    const until = (now + ms) | 0;
    if (!memory.replacePair(count, endedAt, count + 1, until)) return null;
    if (!mayStay()) {
      memory.replacePair(count + 1, until, count + 2, endedAt);
      return null;
    }
    memory.store(EJECTION_MS, ms);
    memory.store(EJECTION_TIMES, times);
    return ms;
  }

  /** @returns whether it ended by this call */
  endIfOver(now: number, { maxTimeMs }: EjectionConfig): boolean {
    const memory = this.#memory;
    const count = memory.load(EJECTIONS);
    if (!isOdd(count)) return false;
    const until = memory.load(EJECTION_AT);
    const left = (until - (now | 0)) | 0;
    // What lies farther ahead than it was ever set to has passed, 25 days ago or more.
    if (left > 0 && left <= maxTimeMs * (1 + JITTER) + 1) return false;
    if (!memory.replacePair(count, until, count + 1, now | 0)) return false;
    memory.store(EJECTION_STREAK, 0);
    return true;
  }
}

const isOdd = (count: number): boolean => (count & 1) === 1;
