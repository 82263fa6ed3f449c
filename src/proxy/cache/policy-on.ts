import CachePolicy from 'http-cache-semantics';
import type { Clock } from '../../resilience/index.ts';

/** http-cache-semantics by the clock of whoever asks, so that tests set the time. */
export type PolicyClass = typeof CachePolicy;

export function policyOn(clock: Clock): PolicyClass {
  return class extends CachePolicy {
    now(): number {
      return clock.wallNow();
    }
  };
}
