import type { BreakerConfig, WindowConfig } from './gateway-config.ts';
import { formatDuration, formatPercent } from './schema/quantities.ts';

/** Calls that a rate needs where nothing is said, as in the circuit breaker itself. */
const DEFAULT_MIN_REQUESTS = 20;

/** A breaker's rules in plain words: `opens after 5 failures in a row, for 60s`. */
export function describeBreaker(breaker: BreakerConfig): string {
  if (breaker.mode === 'disabled') return 'disabled: lets everything pass';
  const opens = breaker.mode === 'observe' ? 'observes only: refuses nothing, would open' : 'opens';
  return `${opens} after ${rules(breaker).join(' or ')}, ${openTime(breaker)}`;
}

function rules(breaker: BreakerConfig): string[] {
  const { failureThreshold, consecutiveFailures, failureRate, slowCall, window, minRequests } = breaker;
  const texts: string[] = [];
  const streak =
    window === null
      ? Math.min(
          failureThreshold ?? Number.POSITIVE_INFINITY,
          consecutiveFailures ?? Number.POSITIVE_INFINITY,
        )
      : (consecutiveFailures ?? Number.POSITIVE_INFINITY);
  if (failureThreshold !== null && window !== null)
    texts.push(`${failures(failureThreshold)} ${among(window, minRequests)}`);
  if (streak === 1) texts.push('the first failure');
  else if (streak !== Number.POSITIVE_INFINITY) texts.push(`${streak} failures in a row`);
  if (window === null) return texts;
  const enough = among(window, rateMinimum(window, minRequests));
  const shares: string[] = [];
  if (failureRate !== null) shares.push(`${formatPercent(failureRate)} failures`);
  if (slowCall !== null)
    shares.push(`${formatPercent(slowCall.rate)} calls slower than ${formatDuration(slowCall.durationMs)}`);
  if (shares.length > 0) texts.push(`${shares.join(' or ')} ${enough}`);
  return texts;
}

function failures(count: number): string {
  return count === 1 ? '1 failure' : `${count} failures`;
}

/** `among at least 20 calls within 30s`. */
function among(window: WindowConfig, minimum: number | null): string {
  const least = minimum === null || minimum === 1 ? null : `at least ${minimum}`;
  if (window.type === 'time') {
    const span = `within ${formatDuration(window.durationMs)}`;
    return least === null ? span : `among ${least} calls ${span}`;
  }
  const last = window.size === 1 ? 'the last call' : `the last ${window.size} calls`;
  // A window that is judged only when it is full has one number to say, not two.
  return least === null || minimum === window.size ? `among ${last}` : `among ${last} (${least})`;
}

function rateMinimum(window: WindowConfig, minRequests: number | null): number {
  if (minRequests !== null) return minRequests;
  return window.type === 'count' ? Math.min(DEFAULT_MIN_REQUESTS, window.size) : DEFAULT_MIN_REQUESTS;
}

function openTime({ openTimeoutMs, openTimeoutGrowth: growth, openTimeoutJitter }: BreakerConfig): string {
  const grown =
    growth === null
      ? ''
      : `, each time ${growth.factor} times as long, up to ${formatDuration(growth.maxMs)}`;
  const less = openTimeoutJitter === 0 ? '' : `, less up to ${formatPercent(openTimeoutJitter)} at random`;
  return `for ${formatDuration(openTimeoutMs)}${grown}${less}`;
}
