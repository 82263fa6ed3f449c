import { describeBreaker } from '../config/describe-breaker.ts';
import type { UpstreamConfig } from '../config/gateway-config.ts';
import type { CircuitBreaker, Outcome } from '../resilience/index.ts';
import { statusClassifier } from './classify.ts';
import type { Target } from './target.ts';

/** A service behind the gateway: its targets, and the one circuit breaker over all of them. */
export class Upstream {
  readonly name: string;
  readonly config: UpstreamConfig;
  readonly breaker: CircuitBreaker;
  /** When the breaker opens and for how long, in plain words. */
  readonly breakerRules: string;
  /** What an answer with this status is to the breaker. */
  readonly classifyStatus: (status: number) => Outcome;
  readonly targets: readonly Target[];
  readonly #credit: number[];
  readonly #totalWeight: number;

  /** @param targets one or more */
  constructor(config: UpstreamConfig, breaker: CircuitBreaker, targets: readonly Target[]) {
    this.name = config.name;
    this.config = config;
    this.breaker = breaker;
    this.breakerRules = describeBreaker(config.circuitBreaker);
    this.classifyStatus = statusClassifier(config.circuitBreaker.failureStatuses);
    this.targets = targets;
    this.#credit = targets.map(() => 0);
    this.#totalWeight = targets.reduce((sum, target) => sum + target.config.weight, 0);
  }

  /**
   * The target for the next attempt: smooth weighted round robin. Each round every target earns its weight and the
   * richest pays for all, so that of the weights 5, 1, 1 the five are spread out and not served in a row.
   */
  pick(): Target {
    let richest = 0;
    if (this.targets.length > 1) {
      for (let index = 0; index < this.targets.length; index++) {
        const credit = (this.#credit[index] as number) + (this.targets[index] as Target).config.weight;
        this.#credit[index] = credit;
        if (credit > (this.#credit[richest] as number)) richest = index;
      }
      (this.#credit[richest] as number) -= this.#totalWeight;
    }
    return this.targets[richest] as Target;
  }

  /** Lets running attempts finish, then closes the connections. */
  async close(): Promise<void> {
    await Promise.all(this.targets.map((target) => target.lane.close()));
  }

  /** Closes all connections now. */
  destroy(): void {
    for (const target of this.targets) target.lane.destroy();
  }
}
