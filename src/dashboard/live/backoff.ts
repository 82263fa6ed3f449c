const WAITS_MS = [1000, 2000, 3000, 5000, 8000, 10_000];

/**
 * Milliseconds until the next try after so many failed ones: 1 to 10 s, up to a fifth of it less at random, so that
 * many pages do not come back in the same moment.
 *
 * @param random 0 to less than 1
 */
export function backoffMs(failures: number, random: number): number {
  const most = WAITS_MS[Math.min(failures, WAITS_MS.length) - 1] ?? WAITS_MS[0]!;
  return most * (1 - random * 0.2);
}
