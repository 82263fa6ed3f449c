import type { CallCounts } from '../call-counts.ts';
import type { TripRule } from './trip-rule.ts';

/** Were there too many failures with no success between them? */
export class ConsecutiveFailuresRule implements TripRule {
  readonly rule = 'consecutive_failures';
  readonly #threshold: number;

  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  tripped({ streak }: Readonly<CallCounts>): boolean {
    return streak >= this.#threshold;
  }
}
