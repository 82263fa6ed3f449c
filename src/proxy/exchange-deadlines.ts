/**
 * The time limits of one exchange on one timer: how long the upstream may take until its response head, not
 * counting the time in which it waits for the client's body or has no connection yet, and how long the whole exchange may take.
 *
 * One timer per request instead of two: it is set for whichever limit comes first and, when it fires early,
 * set again for what is left, so that a change of turn costs a clock reading and no timer.
 */
export class ExchangeDeadlines {
  readonly #headLimitMs: number;
  readonly #totalLimitMs: number;
  readonly #onExpired: (limit: 'head' | 'total') => void;
  readonly #startedAt = performance.now();
  #waitingSince: number;
  #headPending = true;
  #timer: NodeJS.Timeout | null = null;

  /** Limits in milliseconds. */
  constructor(headLimitMs: number, totalLimitMs: number, onExpired: (limit: 'head' | 'total') => void) {
    this.#headLimitMs = headLimitMs;
    this.#totalLimitMs = totalLimitMs;
    this.#onExpired = onExpired;
    this.#waitingSince = this.#startedAt;
    this.#arm(Math.min(headLimitMs, totalLimitMs));
  }

  /** Milliseconds since the exchange began. */
  elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** Milliseconds for which it has been the upstream's turn: what the limit of the head counts. */
  upstreamMs(): number {
    return Math.max(0, performance.now() - this.#waitingSince);
  }

  /** It is not the upstream's turn, but the client's or our own, until `waitForUpstream`. */
  waitForOthers(): void {
    this.#waitingSince = Number.POSITIVE_INFINITY;
  }

  /** The upstream's turn begins, or goes on. */
  waitForUpstream(): void {
    if (this.#waitingSince === Number.POSITIVE_INFINITY) this.#waitingSince = performance.now();
  }

  headArrived(): void {
    this.#headPending = false;
  }

  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(delayMs: number): void {
    // Rounded up: Node's timers may fire up to a millisecond early, which would only mean another round.
    this.#timer = setTimeout(() => this.#fired(), Math.max(1, Math.ceil(delayMs)));
    this.#timer.unref();
  }

  #fired(): void {
    this.#timer = null;
    const now = performance.now();
    const totalLeft = this.#totalLimitMs - (now - this.#startedAt);
    const headLeft = this.#headPending ? this.#headLimitMs - this.upstreamMs() : Number.POSITIVE_INFINITY;
    if (headLeft <= 0) this.#onExpired('head');
    else if (totalLeft <= 0) this.#onExpired('total');
    else this.#arm(Math.min(totalLeft, headLeft));
  }
}
