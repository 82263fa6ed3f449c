import type { CallCounts } from '../call-counts.ts';
import { reachesRate } from './reaches-rate.ts';
import type { TripRule } from './trip-rule.ts';

/** Did too large a share of the window's calls fail, of enough of them? */
export class FailureRateRule implements TripRule {
  readonly rule = 'failure_rate';
  readonly #hundredths: number;
  readonly #minRequests: number;

  /** @param hundredths of a percent */
  constructor(hundredths: number, minRequests: number) {
    this.#hundredths = hundredths;
    this.#minRequests = minRequests;
  }

  tripped({ failures, requests }: Readonly<CallCounts>): boolean {
    return requests >= this.#minRequests && reachesRate(failures, requests, this.#hundredths);
  }
}
