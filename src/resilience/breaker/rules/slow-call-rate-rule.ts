import type { CallCounts } from '../call-counts.ts';
import { reachesRate } from './reaches-rate.ts';
import type { TripRule } from './trip-rule.ts';

/** Was too large a share of the window's calls slow, of enough of them? */
export class SlowCallRateRule implements TripRule {
  readonly rule = 'slow_call_rate';
  readonly #hundredths: number;
  readonly #minRequests: number;

  /** @param hundredths of a percent */
  constructor(hundredths: number, minRequests: number) {
    this.#hundredths = hundredths;
    this.#minRequests = minRequests;
  }

  tripped({ slow, requests }: Readonly<CallCounts>): boolean {
    return requests >= this.#minRequests && reachesRate(slow, requests, this.#hundredths);
  }
}
