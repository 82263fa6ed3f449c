import type { FailureKind } from '../config/gateway-config.ts';
import type { UpstreamErrorKind } from '../http/message.ts';

const CONDITION_OF_KIND: Readonly<Record<Exclude<UpstreamErrorKind, 'request_body'>, FailureKind>> = {
  connect: 'connect',
  // Whatever it is to the breaker: what matters to a further attempt is that nothing was sent.
  connect_timeout: 'connect',
  exhausted: 'connect',
  reset: 'reset',
  headers_timeout: 'timeout',
  body_timeout: 'timeout',
  protocol: 'protocol',
};

/** What a failed attempt is called in a route's `retry` and `fallback`. */
export function conditionOf(kind: Exclude<UpstreamErrorKind, 'request_body'>): FailureKind {
  return CONDITION_OF_KIND[kind];
}
