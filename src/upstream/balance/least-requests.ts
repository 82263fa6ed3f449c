import type { Balancer, Candidate } from './balancer.ts';
import { drawByWeight } from './draw-by-weight.ts';

/**
 * Of two drawn at random, the one that has less to do for its weight. Two are enough: looking at all of them would
 * send every gateway to the same idle target at once (Mitzenmacher, "The power of two choices", 2001).
 *
 * While both are idle the draw decides. Otherwise a gateway with little traffic would never ask the lighter one.
 */
export class LeastRequests implements Balancer {
  readonly #random: () => number;

  /** @param random 0 to less than 1 */
  constructor(random: () => number) {
    this.#random = random;
  }

  pick<T extends Candidate>(candidates: readonly T[]): T {
    if (candidates.length === 1) return candidates[0]!;
    const first = drawByWeight(candidates, this.#random());
    const second = drawByWeight(candidates, this.#random(), first);
    if (first.inFlight === 0 && second.inFlight === 0) return first;
    return load(second) < load(first) ? second : first;
  }
}

function load({ inFlight, weight }: Candidate): number {
  return (inFlight + 1) / weight;
}
