const FINEST_MS = 10;
const COARSEST_MS = 500;

/**
 * The one clock of a lane: limits are noticed when it ticks, so that no request costs a timer. They are overrun by one tick
 * at most: a quarter of the shortest limit, within 10 to 500 ms. It holds no process.
 */
export class Ticker {
  readonly #everyMs: number;
  readonly #onTick: (now: number) => void;
  #timer: NodeJS.Timeout | null = null;

  /** @param onTick is told the time in milliseconds, as `performance.now` does */
  constructor(limitsMs: readonly number[], onTick: (now: number) => void) {
    this.#everyMs = Math.min(COARSEST_MS, Math.max(FINEST_MS, Math.min(...limitsMs) / 4));
    this.#onTick = onTick;
  }

  start(): void {
    if (this.#timer !== null) return;
    this.#timer = setInterval(() => this.#onTick(performance.now()), this.#everyMs);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
