/**
 * Whether `part` of `whole` is at least the rate. Integers multiplied crosswise, exact up to 2^53: in floating
 * point 0.07 * 100 is more than 7.
 *
 * @param hundredths of a percent, 1 to 10,000
 */
export function reachesRate(part: number, whole: number, hundredths: number): boolean {
  return whole > 0 && part * 10_000 >= hundredths * whole;
}
