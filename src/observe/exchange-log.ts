import type { Logger } from 'pino';
import type { UpstreamError } from '../http/message.ts';
import type { AttemptFacts } from '../proxy/exchange-context.ts';
import type { FallbackSource } from '../proxy/fallback-step.ts';

/**
 * Says why an attempt failed: the client is told a code only, or nothing where another attempt or a fallback answers.
 * While a breaker is open there are no attempts, so an outage writes a few such lines and then none.
 */
export function logUpstreamError(
  logger: Pick<Logger, 'warn'>,
  error: UpstreamError,
  attempt: AttemptFacts,
): void {
  const { kind, message, cause } = error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  logger.warn(
    { event: 'upstream_failed', ...fields(attempt), kind, code, detail: message },
    `request to ${attempt.upstream.name} failed: ${kind}`,
  );
}

/** Says that a failed attempt is followed by another one, and when. @param why how it failed */
export function logRetry(
  logger: Pick<Logger, 'info'>,
  attempt: AttemptFacts,
  why: string,
  delayMs: number,
): void {
  const retry_in_ms = Math.round(delayMs);
  logger.info(
    { event: 'retry', ...fields(attempt), why, retry_in_ms },
    `attempt ${attempt.attempt} at ${attempt.upstream.name} failed (${why}); trying again in ${retry_in_ms} ms`,
  );
}

/** Says that something else answered in place of the route's upstream. @param why how that one failed */
export function logFallback(
  logger: Pick<Logger, 'info'>,
  attempt: AttemptFacts,
  source: FallbackSource,
  why: string,
): void {
  logger.info(
    { event: 'fallback', ...fields(attempt), fallback: source, why },
    `${attempt.route} answered by its fallback "${source}" (${why})`,
  );
}

function fields({ requestId, upstream, route, target, attempt }: AttemptFacts): Record<string, unknown> {
  return { request_id: requestId, upstream: upstream.name, route, target: target?.url, attempt };
}
