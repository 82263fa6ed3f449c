import type { Balancer, Candidate } from './balancer.ts';
import { hashText, mixBits } from './hash-text.ts';
import { RoundRobin } from './round-robin.ts';

/**
 * The same key, the same target: weighted rendezvous hashing. Every candidate gets a score from the key and its own
 * name, and the highest wins; so when one leaves, its keys move and no others, each to the candidate that comes next
 * in the key's own order, and come back with it. Shares follow the weights exactly, without a ring to build.
 *
 * A request without a key goes round robin.
 */
export class ConsistentHash implements Balancer {
  readonly #withoutKey = new RoundRobin();
  readonly #hashes = new WeakMap<Candidate, number>();

  pick<T extends Candidate>(candidates: readonly T[], hashKey: string | null): T {
    if (hashKey === null) return this.#withoutKey.pick(candidates);
    const key = hashText(hashKey);
    let best = candidates[0]!;
    let highest = -1;
    for (const candidate of candidates) {
      const chance = (mixBits(key ^ this.#hashOf(candidate)) + 0.5) / 2 ** 32;
      const score = candidate.weight / -Math.log(chance);
      if (score > highest) {
        highest = score;
        best = candidate;
      }
    }
    return best;
  }

  #hashOf(candidate: Candidate): number {
    let hash = this.#hashes.get(candidate);
    if (hash === undefined) {
      hash = hashText(candidate.url);
      this.#hashes.set(candidate, hash);
    }
    return hash;
  }
}
