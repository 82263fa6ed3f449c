import type { FallbackCondition } from '../config/gateway-config.ts';
import type { Refusal } from '../http/refusal.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { CacheTurn } from './cache-turn.ts';
import type { ExchangeOutcome } from './exchange-record.ts';
import type { ReadyAnswer } from './exchange-reply.ts';
import type { ExchangeSite } from './exchange-site.ts';
import type { FallbackStep } from './fallback-step.ts';

/** How the route's own upstream failed. */
export interface Failure {
  readonly condition: FallbackCondition;
  /** What the client is told when no fallback answers; null: the upstream's own answer, which is held. */
  readonly refusal: Refusal | null;
  readonly outcome: ExchangeOutcome;
}

/** What a fallback chain asks for, one after the other. */
export interface FallbackOwner {
  /** It says with `next` when that has failed too. */
  askSecondary(upstream: Upstream): void;
  answerWith(answer: ReadyAnswer): void;
  /** No step is left. */
  giveIn(failure: Failure): void;
  /** The gateway's own code failed. */
  broke(error: unknown): void;
}

/** One exchange's way down its route's fallback chain. */
export class FallbackTurn {
  readonly failure: Failure;
  readonly #site: ExchangeSite;
  readonly #cache: CacheTurn | null;
  readonly #owner: FallbackOwner;
  #at = 0;
  #step: FallbackStep | null = null;
  #over = false;

  constructor(site: ExchangeSite, cache: CacheTurn | null, failure: Failure, owner: FallbackOwner) {
    this.#site = site;
    this.#cache = cache;
    this.failure = failure;
    this.#owner = owner;
  }

  /** Whether a route has a step that may answer a request that failed in this way. */
  static isThere(site: ExchangeSite, condition: FallbackCondition): boolean {
    const { admission, request, nothingSent } = site;
    return admission.plan.fallback.some((step) => step.answers(request.method, condition, nothingSent));
  }

  /** The step that is being asked; null before the first and after the last. */
  get step(): FallbackStep | null {
    return this.#step;
  }

  /** Nobody waits any more, also not for what the cache is being asked for. */
  end(): void {
    this.#over = true;
  }

  /** Asks the next step that may answer. */
  next(): void {
    if (this.#over) return;
    const step = this.#following();
    this.#step = step;
    if (step === null) this.#owner.giveIn(this.failure);
    else if (step.action.type === 'fixed') this.#owner.answerWith(step.action.answer);
    else if (step.action.type === 'stale') this.#askCache(step.action.maxAgeMs);
    else if (this.#site.deadlines.remainingMs() > 0 && this.#site.replayable && !this.#poolWasFull()) {
      this.#site.detachBody();
      this.#owner.askSecondary(step.action.upstream);
    } else this.next();
  }

  /** Another upstream needs a slot of the route's pool too, and would wait a second time for what was not there. */
  #poolWasFull(): boolean {
    if (this.failure.condition !== 'full') return false;
    const { admission, request } = this.#site;
    const full = this.failure.refusal?.details.bulkhead;
    return full !== undefined && full === admission.plan.pool(request.method)?.name;
  }

  #following(): FallbackStep | null {
    const { admission, request, nothingSent } = this.#site;
    const steps = admission.plan.fallback;
    while (this.#at < steps.length) {
      const step = steps[this.#at++] as FallbackStep;
      if (step.answers(request.method, this.failure.condition, nothingSent)) return step;
    }
    return null;
  }

  #askCache(maxAgeMs: number): void {
    if (this.#cache === null) {
      this.next();
      return;
    }
    this.#cache
      .stale(maxAgeMs)
      .then((answer) => {
        if (answer === null) this.next();
        else if (!this.#over) this.#owner.answerWith(answer);
      })
      .catch((error: unknown) => this.#owner.broke(error));
  }
}
