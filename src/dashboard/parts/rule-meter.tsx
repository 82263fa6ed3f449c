import type { RuleGauge } from '../../admin/live/live-types.ts';
import { count, percent } from '../words/format.ts';

/** Up to so many steps are drawn one by one. */
const MOST_STEPS = 12;

const NAMES = {
  failures: 'Failures',
  consecutive_failures: 'Failures in a row',
  failure_rate: 'Failed',
  slow_call_rate: 'Too slow',
} as const;

/** How far one rule is from opening the breaker. */
export function RuleMeter({ gauge, alone }: { readonly gauge: RuleGauge; readonly alone: boolean }) {
  const { rule, value, threshold, unit } = gauge;
  const share = value === null ? 0 : Math.min(1, value / threshold);
  const level = share >= 1 ? 'reached' : share >= 0.6 ? 'near' : 'far';
  return (
    <li class={`rule ${level}${alone ? ' alone' : ''}`}>
      <span class="rule-name">{NAMES[rule]}</span>
      <span class="rule-value">{valueText(gauge)}</span>
      {unit === 'calls' && threshold <= MOST_STEPS ? (
        <span class="steps" aria-hidden="true">
          {Array.from({ length: threshold }, (_, step) => (
            <span key={step} class={step < (value ?? 0) ? 'step on' : 'step'} />
          ))}
        </span>
      ) : (
        <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
          <rect class="bar-track" width="100" height="6" />
          <rect class="bar-fill" width={share * 100} height="6" />
        </svg>
      )}
    </li>
  );
}

function valueText({ value, threshold, unit }: RuleGauge): string {
  if (value === null) return 'too few calls';
  if (unit === 'percent') return `${percent(value)}, limit ${percent(threshold)}`;
  // Failed probes are counted on top.
  return value > threshold
    ? `${count(value)}, limit ${count(threshold)}`
    : `${count(value)} of ${count(threshold)}`;
}
