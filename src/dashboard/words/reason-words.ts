import type { BreakerReason, BreakerState } from '../../resilience/index.ts';
import { count, countOf, percent, span } from './format.ts';

/** Why a breaker opened, as the second half of a sentence: `5 failures in a row`. */
export function openedBecause(reason: BreakerReason): string {
  const { failures, requests, slowCalls, threshold, windowMs } = reason;
  const within = windowMs === null ? '' : ` within ${span(windowMs)}`;
  switch (reason.rule) {
    case 'failures':
      // Without a window of time it is one of calls, or the failures stand in a row.
      if (windowMs === null && requests > failures)
        return `${countOf(failures, 'failure')} in ${count(requests)} calls`;
      return `${countOf(failures, 'failure')}${within || ' in a row'}`;
    case 'consecutive_failures':
      return `${countOf(threshold ?? failures, 'failure')} in a row`;
    case 'failure_rate':
      return `${share(failures, requests)} of ${countOf(requests, 'call')}${within} failed`;
    case 'slow_call_rate':
      return `${share(slowCalls, requests)} of ${countOf(requests, 'call')}${within} were too slow`;
    case 'probe_failed':
      return 'the probe failed';
    case 'probe_lost':
      return 'the probe got no answer in time';
    case 'forced_open':
      return 'an operator holds it open';
    default:
      return reason.message;
  }
}

function share(part: number, whole: number): string {
  return percent(whole === 0 ? 0 : (100 * part) / whole);
}

/** What a change of state means, as a sentence without the name: `opened: 5 failures in a row`. */
export function transitionWords(from: BreakerState, to: BreakerState, reason: BreakerReason): string {
  if (reason.rule === 'reset') return 'was reset by an operator';
  if (reason.rule === 'restored') return 'goes on where the last process stopped';
  if (reason.rule === 'forced_closed') return 'is held closed by an operator';
  if (reason.rule === 'forced_open') return 'is held open by an operator';
  if (to === 'OPEN') return `${from === 'HALF_OPEN' ? 'stays open' : 'opened'}: ${openedBecause(reason)}`;
  if (to === 'HALF_OPEN') {
    return reason.rule === 'released' ? 'was released, and probes' : 'half-opened: it lets a probe through';
  }
  return reason.rule === 'released' ? 'was released' : 'recovered, and is closed';
}
