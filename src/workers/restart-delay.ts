/** A worker that has lived for so long, in milliseconds, has not died of its birth. */
const SETTLED_MS = 30_000;
const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/** How long to wait before a dead worker is replaced: not at all, unless its predecessors died quickly too. */
export class RestartDelay {
  #quickDeaths = 0;

  /**
   * @param livedMs for how long the dead one took traffic; 0: never
   * @returns milliseconds
   */
  after(livedMs: number): number {
    if (livedMs >= SETTLED_MS) this.#quickDeaths = 0;
    const delayMs =
      this.#quickDeaths === 0 ? 0 : Math.min(FIRST_MS * 2 ** (this.#quickDeaths - 1), LONGEST_MS);
    this.#quickDeaths++;
    return delayMs;
  }
}
