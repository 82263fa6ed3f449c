import { InboundBodyError, type UpstreamError, type UpstreamErrorKind } from '../http/message.ts';
import { Refusal, type RefusalCode } from '../http/refusal.ts';
import { BulkheadFullError, BulkheadQueueTimeoutError } from '../resilience/index.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { WaitedFor } from './expiry.ts';

const CODE_OF_KIND: Record<Exclude<UpstreamErrorKind, 'request_body'>, RefusalCode> = {
  connect: 'UPSTREAM_UNREACHABLE',
  connect_timeout: 'UPSTREAM_TIMEOUT',
  reset: 'UPSTREAM_RESET',
  headers_timeout: 'UPSTREAM_TIMEOUT',
  body_timeout: 'UPSTREAM_TIMEOUT',
  protocol: 'UPSTREAM_PROTOCOL_ERROR',
  exhausted: 'SHUTTING_DOWN',
};

const MESSAGE_OF_KIND: Record<Exclude<UpstreamErrorKind, 'request_body'>, string> = {
  connect: 'The service could not be reached.',
  connect_timeout: 'The service did not accept a connection in time.',
  reset: 'The service closed the connection before its answer was complete.',
  headers_timeout: 'The service did not answer in time.',
  body_timeout: 'The service stopped in the middle of its answer.',
  protocol: 'The service sent something that is not a valid HTTP answer.',
  exhausted: 'The gateway has no connection to spare at the moment.',
};

const CODE_OF_BODY_ERROR: Record<InboundBodyError['code'], RefusalCode> = {
  aborted: 'BAD_REQUEST',
  malformed: 'BAD_REQUEST',
  too_large: 'BODY_TOO_LARGE',
  timeout: 'REQUEST_TIMEOUT',
};

/** From a failed attempt to what the client is told: the one place where upstream failures get status codes. */
export function upstreamRefusal(error: UpstreamError, service: string): Refusal {
  if (error.kind === 'request_body') {
    const code =
      error.cause instanceof InboundBodyError ? CODE_OF_BODY_ERROR[error.cause.code] : 'BAD_REQUEST';
    return new Refusal(code, error.message, { cause: error });
  }
  return new Refusal(CODE_OF_KIND[error.kind], MESSAGE_OF_KIND[error.kind], {
    details: { service },
    cause: error,
  });
}

/** The answer when one of an exchange's time limits is over: 408, 503 or 504, depending on who was waited for. */
export function timeoutRefusal(end: { waitedFor: WaitedFor; elapsedMs: number; service: string }): Refusal {
  const seconds = (end.elapsedMs / 1000).toFixed(1);
  const details = { service: end.service };
  switch (end.waitedFor) {
    case 'client':
      return new Refusal('REQUEST_TIMEOUT', `The request was not complete within ${seconds} s.`);
    case 'slot':
      return new Refusal('BULKHEAD_FULL', `No place for this request became free within ${seconds} s.`, {
        details,
        headers: ['Retry-After', '1'],
      });
    case 'connection':
      return new Refusal('SHUTTING_DOWN', `No connection to the service became free within ${seconds} s.`, {
        details,
        headers: ['Retry-After', '1'],
      });
    default:
      return new Refusal('UPSTREAM_TIMEOUT', `No complete answer within ${seconds} s.`, { details });
  }
}

/**
 * The answer when a bulkhead has no slot, and no place in its line that would become one in time.
 *
 * @param error what the bulkhead refused with
 */
export function bulkheadRefusal(error: unknown, upstream: Upstream): Refusal {
  const waited = error instanceof BulkheadQueueTimeoutError;
  const full = waited || error instanceof BulkheadFullError;
  if (!full) return internalRefusal(error);
  const message = waited
    ? `No place for this request became free within ${(error.timeoutMs / 1000).toFixed(1)} s.`
    : 'The service has as many requests as it may get at a time.';
  return new Refusal('BULKHEAD_FULL', message, {
    details: { service: upstream.name, bulkhead: error.bulkhead },
    headers: ['Retry-After', '1'],
    cause: error,
  });
}

/** What by itself means that nobody has got anything of the request. */
const NOT_SENT: ReadonlySet<RefusalCode> = new Set([
  'UPSTREAM_UNREACHABLE',
  'CIRCUIT_BREAKER_OPEN',
  'BULKHEAD_FULL',
]);

/**
 * The last attempt's refusal as the client may be told it: after an earlier attempt, or a secondary, has got the request,
 * "could not be reached" alone would invite it to send a payment again.
 */
export function toldAfter({ nothingSent }: { readonly nothingSent: boolean }, refusal: Refusal): Refusal {
  if (nothingSent || !NOT_SENT.has(refusal.code)) return refusal;
  const { code, message, details, headers } = refusal;
  return new Refusal(code, `${message} An earlier attempt may have been carried out.`, {
    details: { ...details, may_have_been_carried_out: true },
    headers,
    cause: refusal.cause,
  });
}

/** The answer to `Cache-Control: only-if-cached` when nothing fit is stored (RFC 9111 §5.2.1.7). */
export function notStoredRefusal(): Refusal {
  return new Refusal('NOT_STORED', 'Nothing is stored that could answer this request.');
}

export function internalRefusal(cause: unknown): Refusal {
  return new Refusal('INTERNAL_ERROR', 'The gateway failed to handle this request.', { cause });
}
