import { type ResolvedBreakerOptions, streakThreshold } from '../breaker-options.ts';
import { ConsecutiveFailuresRule } from './consecutive-failures-rule.ts';
import { FailureRateRule } from './failure-rate-rule.ts';
import { FailuresRule } from './failures-rule.ts';
import { SlowCallRateRule } from './slow-call-rate-rule.ts';
import type { TripRule } from './trip-rule.ts';

/** The rules that the options ask for, in the order in which they are named when several hold at once. */
export function tripRules(options: ResolvedBreakerOptions): TripRule[] {
  if (options.mode === 'disabled') return [];
  const { failureThreshold, window, failureRate, slowCall, minRequests } = options;
  const rules: TripRule[] = [];
  const streak = streakThreshold(options);
  if (failureThreshold !== null && window !== null)
    rules.push(new FailuresRule(failureThreshold, options.minRequestsForFailures));
  if (streak !== null) rules.push(new ConsecutiveFailuresRule(streak));
  if (failureRate !== null) rules.push(new FailureRateRule(hundredths(failureRate), minRequests));
  if (slowCall !== null) rules.push(new SlowCallRateRule(hundredths(slowCall.rate), minRequests));
  return rules;
}

const hundredths = (percent: number): number => Math.round(percent * 100);
