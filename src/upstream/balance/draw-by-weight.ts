import type { Candidate } from './balancer.ts';

/**
 * Draws one at random, each as likely as its weight says.
 *
 * @param random 0 to less than 1
 * @param except is not drawn, unless it is the only one
 */
export function drawByWeight<T extends Candidate>(
  candidates: readonly T[],
  random: number,
  except: T | null = null,
): T {
  let total = 0;
  for (const candidate of candidates) if (candidate !== except) total += candidate.weight;
  let left = random * total;
  let drawn = candidates[0]!;
  for (const candidate of candidates) {
    if (candidate === except) continue;
    drawn = candidate;
    left -= candidate.weight;
    if (left < 0) break;
  }
  return drawn;
}
