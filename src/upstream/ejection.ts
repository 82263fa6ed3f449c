import type { EjectionConfig } from '../config/gateway-config.ts';
import type { Verdict } from './classify.ts';

/** A random share of up to this much is added, so that many gateways do not come back at once. */
const JITTER = 0.1;

/** Whether one target is ejected, and how often it was. All times are monotonic milliseconds. */
export class Ejection {
  #streak = 0;
  #until: number | null = null;
  #times = 0;
  #lastMs = 1;
  #endedAt = 0;

  get active(): boolean {
    return this.#until !== null;
  }

  /** @returns failures in a row, this one included, since it was last back; 0 if it was none */
  judged(verdict: Verdict): number {
    if (verdict === 'excluded') return 0;
    this.#streak = verdict === 'success' ? 0 : this.#streak + 1;
    return this.#streak;
  }

  /** @returns for how many milliseconds */
  begin(now: number, random: number, { baseTimeMs, maxTimeMs }: EjectionConfig): number {
    const forgiven = Math.floor((now - this.#endedAt) / this.#lastMs);
    // Beyond the longest time counting on would only make it take longer to be forgiven.
    const most = Math.ceil(maxTimeMs / baseTimeMs);
    this.#times = Math.min(Math.max(0, this.#times - forgiven) + 1, most);
    const ms = Math.min(this.#times * baseTimeMs, maxTimeMs);
    this.#lastMs = ms * (1 + random * JITTER);
    this.#until = now + this.#lastMs;
    return this.#lastMs;
  }

  /** @returns whether it ended by this call */
  endIfOver(now: number): boolean {
    if (this.#until === null || now < this.#until) return false;
    this.#until = null;
    this.#endedAt = now;
    this.#streak = 0;
    return true;
  }
}
