/**
 * Milliseconds until a breaker asks for a probe; 0: the next request is the probe.
 *
 * @param retryAfterMs what was left at `at`
 * @param now may be before `at`: it goes on by whole seconds, and an overview comes between two of them
 */
export function probeLeftMs(retryAfterMs: number, at: number, now: number): number {
  return Math.max(0, retryAfterMs - Math.max(0, now - at));
}
