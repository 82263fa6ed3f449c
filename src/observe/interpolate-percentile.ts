/**
 * A percentile out of a histogram, as Prometheus' `histogram_quantile` has it: within a bucket, values are taken for
 * evenly spread.
 *
 * @param share 0 to 1; 0.95 is the 95th percentile
 * @param counts how many values each bucket holds, not cumulative; the last is for those above all bounds
 * @param bounds upper ends of the buckets, ascending, one less than there are counts; the first bucket begins with 0
 * @returns in the unit of the bounds: the last of them, when it lies above all. Null without values
 */
export function interpolatePercentile(
  share: number,
  counts: ArrayLike<number>,
  bounds: readonly number[],
): number | null {
  let total = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) total += counts[bucket]!;
  if (total === 0) return null;
  const rank = share * total;
  let below = 0;
  let lower = 0;
  for (const [bucket, upper] of bounds.entries()) {
    const within = counts[bucket] ?? 0;
    if (within > 0 && below + within >= rank) return lower + ((upper - lower) * (rank - below)) / within;
    below += within;
    lower = upper;
  }
  return lower;
}
