/** Above this the clock of the gateway was set, or this machine has slept. */
const JUMP_MS = 2000;

/**
 * What time it is at the gateway. Instants from there are only compared with this clock: the browser's own may be wrong by
 * minutes.
 */
export class ServerClock {
  readonly #monotonic: () => number;
  #offset: number | null = null;

  /** @param monotonic milliseconds from any origin, never backwards */
  constructor(monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic;
  }

  /** A message has come in that was sent at this moment of the gateway's clock. */
  heard(at: number): void {
    const offset = at - this.#monotonic();
    // The largest is the one of the fastest message.
    const jumped = this.#offset === null || Math.abs(offset - this.#offset) > JUMP_MS;
    if (jumped || offset > this.#offset!) this.#offset = offset;
  }

  /** Unix milliseconds; by this machine's clock as long as nothing was heard. */
  now(): number {
    return this.#offset === null ? Date.now() : this.#monotonic() + this.#offset;
  }
}
