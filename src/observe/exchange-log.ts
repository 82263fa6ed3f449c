import type { Logger } from 'pino';
import type { AttemptFacts, FailedAttempt } from '../proxy/exchange-context.ts';
import type { FallbackSource } from '../proxy/fallback-step.ts';

/**
 * Says why an attempt failed: the client is told a code only, or nothing where another attempt or a fallback answers.
 * While a breaker is open there are no attempts, so an outage writes a few such lines and then none. An answer of the
 * upstream's own, whatever its status, is for its log.
 */
export function logFailedAttempt(
  logger: Pick<Logger, 'warn'>,
  { kind, code, detail }: FailedAttempt,
  attempt: AttemptFacts,
): void {
  if (kind === 'status') return;
  logger.warn(
    { event: 'upstream_failed', ...fields(attempt), kind, code: code ?? undefined, detail },
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
