import type { FallbackStepConfig, FixedAnswerConfig, RetryConfig, RouteConfig } from './gateway-config.ts';
import { present } from './present.ts';
import { formatDuration, formatPercent, formatSize } from './schema/quantities.ts';
import { formatStatusRange } from './schema/status-ranges.ts';

/** A route in the file's own keys. */
export function routeKeys(route: RouteConfig): Record<string, unknown> {
  const { retry, cache, bulkhead } = route;
  return {
    path: route.path,
    ...present('host', route.host),
    ...present('methods', route.methods),
    upstream: route.upstream,
    timeout: formatDuration(route.timeoutMs),
    ...present('strip_prefix', route.stripPrefix),
    ...present('rewrite', route.rewrite),
    ...present('retry', retry && retryKeys(retry)),
    fallback: route.fallback.map(stepKeys),
    cache: cache !== null && (cache.ttlMs === null || { ttl: formatDuration(cache.ttlMs) }),
    ...present(
      'bulkhead',
      bulkhead.read === null && bulkhead.write === null
        ? null
        : { ...present('read', bulkhead.read), ...present('write', bulkhead.write) },
    ),
    websocket: route.webSocket,
    tunnel_idle_timeout: formatDuration(route.tunnelIdleTimeoutMs),
  };
}

function retryKeys(retry: RetryConfig): Record<string, unknown> {
  const { initialMs, factor, maxMs, jitter } = retry.backoff;
  return {
    attempts: retry.attempts,
    backoff: { initial: formatDuration(initialMs), factor, max: formatDuration(maxMs), jitter },
    budget: retry.budget === null ? 'unlimited' : formatPercent(retry.budget),
    methods: retry.methods,
    on: retry.on,
    // Given without `status` in `on` they would be a mistake.
    ...(retry.on.includes('status') ? { statuses: retry.statuses.map(formatStatusRange) } : {}),
    max_body: formatSize(retry.maxBodyBytes),
    max_retry_after: formatDuration(retry.maxRetryAfterMs),
  };
}

function stepKeys(step: FallbackStepConfig): Record<string, unknown> {
  return { ...kindKeys(step), ...present('methods', step.methods), on: step.on };
}

function kindKeys(step: FallbackStepConfig): Record<string, unknown> {
  if (step.type === 'upstream') return { upstream: step.upstream };
  if (step.type === 'stale') return { stale: formatDuration(step.maxAgeMs) };
  return { [step.type]: answerKeys(step.answer) };
}

function answerKeys({ status, headers, body }: FixedAnswerConfig): Record<string, unknown> {
  const fields: Record<string, string> = {};
  for (let at = 0; at < headers.length; at += 2) fields[headers[at]!] = headers[at + 1]!;
  return { status, headers: fields, ...(body === '' ? {} : { body }) };
}
