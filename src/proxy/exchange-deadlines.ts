import { performance } from 'node:perf_hooks';
import { DeadlineWheel, type Expiring, type Slot } from './deadline-wheel.ts';

/** Of all exchanges of this thread. */
const wheel = new DeadlineWheel<ExchangeDeadlines>();

/**
 * The time limits of one exchange: how long an upstream may take until its response head, not counting
 * the time in which it waits for the client's body or has no connection yet, and how long the whole exchange may take,
 * every attempt and every wait between them included.
 *
 * It is armed once for whichever limit comes first and, when that turns out to be early, again for what is left, so that a
 * change of turn costs a clock reading only.
 */
export class ExchangeDeadlines implements Expiring<ExchangeDeadlines> {
  before: ExchangeDeadlines | null = null;
  behind: ExchangeDeadlines | null = null;
  inLine = false;
  slot: Slot<ExchangeDeadlines> | null = null;
  readonly #totalLimitMs: number;
  readonly #onExpired: (limit: 'head' | 'total') => void;
  readonly #startedAt: number;
  #headLimitMs = Number.POSITIVE_INFINITY;
  #waitingSince = Number.POSITIVE_INFINITY;
  /** Of the present attempt, before `#waitingSince`. */
  #waitedMs = 0;
  #headPending = false;
  #firesAt = Number.POSITIVE_INFINITY;
  #cancelled = false;

  /**
   * @param startedAt when the exchange began, in milliseconds of `performance.now`
   * @param totalLimitMs milliseconds from then
   */
  constructor(startedAt: number, totalLimitMs: number, onExpired: (limit: 'head' | 'total') => void) {
    this.#startedAt = startedAt;
    this.#totalLimitMs = totalLimitMs;
    this.#onExpired = onExpired;
  }

  /** From here on the total limit is watched, also while no attempt is under way. */
  watch(): void {
    const now = performance.now();
    this.#armWithin(this.#totalLimitMs - (now - this.#startedAt), now);
  }

  /** An upstream is asked. @param headLimitMs milliseconds of its own time until the response head */
  attemptBegins(headLimitMs: number): void {
    this.#headLimitMs = headLimitMs;
    this.#headPending = true;
    this.#waitedMs = 0;
    const now = performance.now();
    this.#waitingSince = now;
    this.#armWithin(Math.min(headLimitMs, this.#totalLimitMs - (now - this.#startedAt)), now);
  }

  /** The attempt has its head, or is over. */
  attemptAnswered(): void {
    this.#headPending = false;
  }

  /** Milliseconds since the exchange began. */
  elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** Milliseconds until the whole exchange is over; not below 0. */
  remainingMs(): number {
    return Math.max(0, this.#totalLimitMs - this.elapsedMs());
  }

  /** Milliseconds for which it has been the upstream's turn without a break: what the limit of the head counts. */
  upstreamMs(): number {
    return Math.max(0, performance.now() - this.#waitingSince);
  }

  /** Milliseconds of the present attempt for which it was the upstream's turn, all together. */
  waitedMs(): number {
    return this.#waitedMs + this.upstreamMs();
  }

  /** It is not the upstream's turn, but the client's or our own, until `waitForUpstream`. */
  waitForOthers(): void {
    if (this.#waitingSince === Number.POSITIVE_INFINITY) return;
    this.#waitedMs += this.upstreamMs();
    this.#waitingSince = Number.POSITIVE_INFINITY;
  }

  /** The upstream's turn begins, or goes on. */
  waitForUpstream(): void {
    if (this.#waitingSince === Number.POSITIVE_INFINITY) this.#waitingSince = performance.now();
  }

  /** Nothing expires any more. */
  cancel(): void {
    this.#cancelled = true;
    wheel.disarm(this);
  }

  #armWithin(delayMs: number, now: number): void {
    const firesAt = now + delayMs;
    if (this.#firesAt <= firesAt) return;
    wheel.disarm(this);
    this.#firesAt = firesAt;
    wheel.arm(this, now, Math.max(1, delayMs));
  }

  expired(): void {
    this.#firesAt = Number.POSITIVE_INFINITY;
    const totalLeft = this.#totalLimitMs - this.elapsedMs();
    const headLeft = this.#headPending ? this.#headLimitMs - this.upstreamMs() : Number.POSITIVE_INFINITY;
    if (headLeft <= 0) {
      this.#headPending = false;
      this.#onExpired('head');
      // What goes on after it, with another attempt or a fallback, is still bounded as a whole.
      if (!this.#cancelled) this.watch();
    } else if (totalLeft <= 0) this.#onExpired('total');
    else this.#armWithin(Math.min(totalLeft, headLeft), performance.now());
  }
}
