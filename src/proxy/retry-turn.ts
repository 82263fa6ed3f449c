import type { RetryRun } from '../resilience/index.ts';
import type { ExchangeSite } from './exchange-site.ts';
import type { AttemptFailure } from './retry-plan.ts';

/** One exchange's attempts at its route's own upstream: whether there is another one, and the wait before it. */
export class RetryTurn {
  readonly #site: ExchangeSite;
  /** Null: the route has no retries. */
  readonly #run: RetryRun | null;
  #backoff: NodeJS.Timeout | null = null;

  constructor(site: ExchangeSite) {
    this.#site = site;
    this.#run = site.admission.plan.retry?.begin() ?? null;
  }

  /** @returns milliseconds until the next attempt, or null: there is none */
  next(failure: Omit<AttemptFailure, 'method'>): number | null {
    if (this.#run === null || !this.#site.replayable) return null;
    const delayMs = this.#run.next({ ...failure, method: this.#site.request.method });
    if (delayMs === null || delayMs < this.#site.deadlines.remainingMs()) return delayMs;
    this.#run.end();
    return null;
  }

  /** @param then called when the time is over, unless `end` comes first */
  wait(delayMs: number, then: () => void): void {
    this.#site.detachBody();
    this.#backoff = setTimeout(then, delayMs);
    this.#backoff.unref();
  }

  /** There is no further attempt, also none that was waited for. */
  end(): void {
    if (this.#backoff !== null) clearTimeout(this.#backoff);
    this.#backoff = null;
    this.#run?.end();
  }
}
