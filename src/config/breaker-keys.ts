import type { BreakerConfig, WindowConfig } from './gateway-config.ts';
import { present } from './present.ts';
import { formatGrpcStatus } from './schema/grpc-statuses-schema.ts';
import { formatDuration, formatPercent } from './schema/quantities.ts';
import { formatStatusRange } from './schema/status-ranges.ts';

/** A breaker in the file's own keys. */
export function breakerKeys(breaker: BreakerConfig): Record<string, unknown> {
  const { slowCall, window } = breaker;
  return {
    name: breaker.name,
    ...present('failure_threshold', breaker.failureThreshold),
    ...present('consecutive_failures', breaker.consecutiveFailures),
    ...present('failure_rate', breaker.failureRate && formatPercent(breaker.failureRate)),
    ...present(
      'slow_call',
      slowCall && { duration: formatDuration(slowCall.durationMs), rate: formatPercent(slowCall.rate) },
    ),
    ...present('window', window && windowKeys(window)),
    ...present('min_requests', breaker.minRequests),
    failure_statuses: breaker.failureStatuses.map(formatStatusRange),
    excluded_statuses: breaker.excludedStatuses.map(formatStatusRange),
    failure_errors: breaker.failureErrors,
    failure_grpc_statuses: breaker.failureGrpcStatuses.map(formatGrpcStatus),
    success_threshold: breaker.successThreshold,
    half_open_requests: breaker.halfOpenRequests,
    half_open_timeout: formatDuration(breaker.halfOpenTimeoutMs),
    request_timeout: formatDuration(breaker.requestTimeoutMs),
    open_timeout: openTimeoutKeys(breaker),
    mode: breaker.mode,
  };
}

function windowKeys(window: WindowConfig): Record<string, unknown> {
  return window.type === 'count'
    ? { count: window.size }
    : { duration: formatDuration(window.durationMs), buckets: window.buckets };
}

function openTimeoutKeys({ openTimeoutMs, openTimeoutGrowth, openTimeoutJitter }: BreakerConfig): unknown {
  const initial = formatDuration(openTimeoutMs);
  if (openTimeoutGrowth === null && openTimeoutJitter === 0) return initial;
  const growth = openTimeoutGrowth && {
    factor: openTimeoutGrowth.factor,
    max: formatDuration(openTimeoutGrowth.maxMs),
  };
  return { initial, ...growth, jitter: formatPercent(openTimeoutJitter) };
}
