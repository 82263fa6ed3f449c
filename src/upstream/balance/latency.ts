import type { Clock } from '../../resilience/index.ts';
import type { Verdict } from '../classify.ts';
import type { Balancer, Candidate } from './balancer.ts';
import { drawByWeight } from './draw-by-weight.ts';
import { LatencyEstimate } from './latency-estimate.ts';

/** What a failed attempt counts as at least: failing fast must not attract traffic. */
const FAILURE_MS = 1_000;

/** Of a target that is being tried for the first time: whoever else can answer is faster. */
const UNKNOWN_MS = 1e9;

/**
 * Of two drawn at random, the one that is expected to answer first: its usual latency times what it has to do. One
 * that has not answered yet is tried with one request at a time.
 */
export class Latency implements Balancer {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #estimates = new WeakMap<Candidate, LatencyEstimate>();

  /** @param random 0 to less than 1 */
  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  pick<T extends Candidate>(candidates: readonly T[]): T {
    if (candidates.length === 1) return candidates[0]!;
    const first = drawByWeight(candidates, this.#random());
    const second = drawByWeight(candidates, this.#random(), first);
    const now = this.#clock.now();
    return this.#cost(second, now) < this.#cost(first, now) ? second : first;
  }

  judged(target: Candidate, verdict: Verdict, latencyMs: number | undefined): void {
    const now = this.#clock.now();
    let estimate = this.#estimates.get(target);
    let ms = latencyMs;
    if (verdict === 'excluded') {
      // It would have taken at least so long; whether any longer, nobody waited to see.
      if (ms === undefined || ms <= (estimate?.ms(now) ?? FAILURE_MS)) return;
    } else if (verdict !== 'success') ms = Math.max(ms ?? 0, FAILURE_MS);
    if (ms === undefined) return;
    if (estimate === undefined) {
      estimate = new LatencyEstimate();
      this.#estimates.set(target, estimate);
    }
    estimate.observe(ms, now);
  }

  #cost(target: Candidate, now: number): number {
    const estimate = this.#estimates.get(target);
    const idle = target.inFlight === 0;
    const ms = estimate === undefined ? (idle ? 0 : UNKNOWN_MS) : estimate.ms(now);
    return (ms * (target.inFlight + 1)) / target.weight;
  }
}
