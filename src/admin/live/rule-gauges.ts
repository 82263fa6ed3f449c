import { streakThreshold } from '../../resilience/breaker/breaker-options.ts';
import type { BreakerSnapshot, ResolvedBreakerOptions } from '../../resilience/index.ts';
import type { RuleGauge } from './live-types.ts';

/** How far each rule of a breaker is from opening it, in the order in which the breaker asks them. */
export function ruleGauges(options: ResolvedBreakerOptions, snapshot: BreakerSnapshot): RuleGauge[] {
  if (options.mode === 'disabled') return [];
  const { failureThreshold, window, failureRate, slowCall, minRequests, minRequestsForFailures } = options;
  const { requestCount } = snapshot;
  /** Of too few calls the rule does not say anything yet; where one is enough, none is no failure. */
  const among = (value: number | null, least: number): number | null =>
    least > 1 && requestCount < least ? null : value;
  const gauges: RuleGauge[] = [];
  if (failureThreshold !== null && window !== null) {
    const value = among(snapshot.failureCount, minRequestsForFailures);
    gauges.push({ rule: 'failures', value, threshold: failureThreshold, unit: 'calls' });
  }
  const streak = streakThreshold(options);
  if (streak !== null) {
    const value = snapshot.consecutiveFailures;
    gauges.push({ rule: 'consecutive_failures', value, threshold: streak, unit: 'calls' });
  }
  if (failureRate !== null) {
    const value = among(snapshot.failureRate, minRequests);
    gauges.push({ rule: 'failure_rate', value, threshold: failureRate, unit: 'percent' });
  }
  if (slowCall !== null) {
    const value = among(snapshot.slowRate, minRequests);
    gauges.push({ rule: 'slow_call_rate', value, threshold: slowCall.rate, unit: 'percent' });
  }
  return gauges;
}
