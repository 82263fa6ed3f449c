import type { OpeningRule } from '../../breaker-snapshot.ts';
import type { CallCounts } from '../call-counts.ts';

/** Answers one question about counts. It knows nothing of states, time or threads. */
export interface TripRule {
  readonly rule: OpeningRule;
  tripped(counts: Readonly<CallCounts>): boolean;
}
