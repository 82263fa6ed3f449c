/**
 * Limits how long an upstream keeps an exchange waiting that has a request body. It runs on while the upstream waits for
 * somebody else (the client that sends the body, or the one that does not read the answer), but then it only starts anew.
 */
export class UpstreamClock {
  readonly #waitsForOthers: () => boolean;
  readonly #onExpired: () => void;
  #timer: NodeJS.Timeout | null = null;

  /** @param waitsForOthers asked when the time is over: true when the upstream is not the one to be waited for */
  constructor(waitsForOthers: () => boolean, onExpired: () => void) {
    this.#waitsForOthers = waitsForOthers;
    this.#onExpired = onExpired;
  }

  start(limitMs: number): void {
    this.stop();
    this.#timer = setTimeout(() => this.#fired(), limitMs);
    this.#timer.unref();
  }

  /** Something moved, or the turn is the upstream's again. */
  touch(): void {
    this.#timer?.refresh();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #fired(): void {
    if (this.#waitsForOthers()) this.#timer?.refresh();
    else this.#onExpired();
  }
}
