/** After this time an observation weighs 1/e of a new one: Finagle's default for its peak EWMA. */
const DECAY_MS = 10_000;

/**
 * How long a target takes to answer, by a moving average that follows every peak at once and forgets it slowly
 * ("peak EWMA"). It falls with time alone too, so that a target that nobody asks is asked again.
 */
export class LatencyEstimate {
  #ms = 0;
  #at = 0;

  /** @param now monotonic milliseconds */
  observe(latencyMs: number, now: number): void {
    const keep = this.#keepAt(now);
    const before = this.#ms * keep;
    this.#ms = latencyMs > before ? latencyMs : before + latencyMs * (1 - keep);
    this.#at = now;
  }

  /** @param now monotonic milliseconds */
  ms(now: number): number {
    return this.#ms * this.#keepAt(now);
  }

  #keepAt(now: number): number {
    return Math.exp(Math.min(0, this.#at - now) / DECAY_MS);
  }
}
