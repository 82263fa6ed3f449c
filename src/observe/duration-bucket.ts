import { DURATION_BUCKETS } from './request-layout.ts';

const BOUNDS = Float64Array.from(DURATION_BUCKETS);

/** Its index in DURATION_BUCKETS, or the one behind the last. */
export function bucketOf(seconds: number): number {
  let index = 0;
  while (index < BOUNDS.length && seconds > (BOUNDS[index] ?? 0)) index++;
  return index;
}
