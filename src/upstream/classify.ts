import type { StatusRange } from '../config/gateway-config.ts';
import type { UpstreamErrorKind } from '../http/message.ts';
import type { Outcome } from '../resilience/index.ts';

/** What a verdict can be; a timeout is a failure that is also counted apart. */
export type Verdict = Outcome | 'timeout';

const STATUSES = 600;

/** A client takes a status outside of what is defined for one of the 5xx class (RFC 9110 §15). */
const UNDEFINED_STATUS = 500;

/** Compiled from the configuration once, so that an answer costs one look into a table. */
export function statusClassifier(failures: readonly StatusRange[]): (status: number) => Outcome {
  const failing = new Uint8Array(STATUSES);
  for (const { from, to } of failures) failing.fill(1, from, to + 1);
  return (status) => (failing[status < STATUSES ? status : UNDEFINED_STATUS] === 1 ? 'failure' : 'success');
}

const VERDICT_OF_KIND: Readonly<Record<UpstreamErrorKind, Verdict>> = {
  connect: 'failure',
  connect_timeout: 'timeout',
  reset: 'failure',
  headers_timeout: 'timeout',
  body_timeout: 'timeout',
  protocol: 'failure',
  // Otherwise one client with too many connections could open every breaker.
  exhausted: 'excluded',
  // The client's own doing.
  request_body: 'excluded',
};

export function classifyError(kind: UpstreamErrorKind): Verdict {
  return VERDICT_OF_KIND[kind];
}
