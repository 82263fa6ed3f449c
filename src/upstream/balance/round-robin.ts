import type { Balancer, Candidate } from './balancer.ts';

/**
 * Smooth weighted round robin. Each round every candidate earns its weight and the richest pays for all, so that of
 * the weights 5, 1, 1 the five are spread out and not served in a row.
 */
export class RoundRobin implements Balancer {
  readonly #credits = new WeakMap<Candidate, number>();

  pick<T extends Candidate>(candidates: readonly T[]): T {
    let richest = candidates[0]!;
    if (candidates.length === 1) return richest;
    let most = Number.NEGATIVE_INFINITY;
    let total = 0;
    for (const candidate of candidates) {
      const { weight } = candidate;
      const credit = (this.#credits.get(candidate) ?? 0) + weight;
      this.#credits.set(candidate, credit);
      total += weight;
      if (credit > most) {
        most = credit;
        richest = candidate;
      }
    }
    this.#credits.set(richest, most - total);
    return richest;
  }
}
