import type { CallCounts } from '../call-counts.ts';
import type { TripRule } from './trip-rule.ts';

/** Are there too many failures in the window, of enough calls? */
export class FailuresRule implements TripRule {
  readonly rule = 'failures';
  readonly #threshold: number;
  readonly #minRequests: number;

  constructor(threshold: number, minRequests: number) {
    this.#threshold = threshold;
    this.#minRequests = minRequests;
  }

  tripped({ failures, requests }: Readonly<CallCounts>): boolean {
    return failures >= this.#threshold && requests >= this.#minRequests;
  }
}
