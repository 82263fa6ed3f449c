import type { BreakerReason, BreakerRule, OpeningRule } from '../breaker-snapshot.ts';
import { type ResolvedBreakerOptions, streakThreshold } from './breaker-options.ts';
import { CAUSE, KEPT_FAILURES, KEPT_REQUESTS, KEPT_SLOW, RULE_MASK } from './layout.ts';
import type { Memory } from './memory.ts';

/** Operators search their logs for these texts. */
const MESSAGES: Readonly<Record<BreakerRule, string>> = {
  failures: 'max failures reached',
  consecutive_failures: 'max failures reached',
  failure_rate: 'failure rate exceeded',
  slow_call_rate: 'slow call rate exceeded',
  probe_failed: 'probe failed',
  probe_lost: 'probe timed out',
  forced_open: 'forced open',
  open_time_over: 'attempting recovery',
  recovered: 'recovery successful',
  reset: 'reset by operator',
  forced_closed: 'forced closed',
  released: 'attempting recovery',
  restored: 'restored',
};

/** Numbers of the rules in memory; part of the layout, and 0 stands for none. */
const OPENING_RULES: readonly (OpeningRule | null)[] = [
  null,
  'failures',
  'consecutive_failures',
  'failure_rate',
  'slow_call_rate',
  'probe_failed',
  'probe_lost',
  'forced_open',
];

export const ruleNumber = (rule: OpeningRule): number => OPENING_RULES.indexOf(rule);

export const ruleOf = (cause: number): OpeningRule | null => OPENING_RULES[cause & RULE_MASK] ?? null;

/** The reason with the counts that were kept when the breaker opened last. */
export function reasonFor(memory: Memory, rule: BreakerRule, options: ResolvedBreakerOptions): BreakerReason {
  return {
    rule,
    message: MESSAGES[rule],
    failures: memory.load(KEPT_FAILURES),
    requests: memory.load(KEPT_REQUESTS),
    slowCalls: memory.load(KEPT_SLOW),
    threshold: thresholdOf(rule, options),
    windowMs: options.window?.type === 'time' ? options.window.durationMs : null,
  };
}

/** Why it opened last. */
export function lastReason(memory: Memory, options: ResolvedBreakerOptions): BreakerReason | null {
  const rule = ruleOf(memory.load(CAUSE));
  return rule === null ? null : reasonFor(memory, rule, options);
}

function thresholdOf(rule: BreakerRule, options: ResolvedBreakerOptions): number | null {
  if (rule === 'failures') return options.failureThreshold;
  if (rule === 'consecutive_failures') return streakThreshold(options);
  if (rule === 'failure_rate') return options.failureRate;
  return rule === 'slow_call_rate' ? (options.slowCall?.rate ?? null) : null;
}
