import type { UpstreamErrorKind } from '../http/message.ts';
import type { Outcome } from '../resilience/index.ts';

/** What a verdict can be; a timeout is a failure that is also counted apart. */
export type Verdict = Outcome | 'timeout';

const NOT_IMPLEMENTED = 501;
const VERSION_NOT_SUPPORTED = 505;

/** 501 and 505 tell of what was asked, not of the health of who answers. */
export function classifyStatus(status: number): Outcome {
  return status >= 500 && status !== NOT_IMPLEMENTED && status !== VERSION_NOT_SUPPORTED
    ? 'failure'
    : 'success';
}

const VERDICT_OF_KIND: Readonly<Record<UpstreamErrorKind, Verdict>> = {
  connect: 'failure',
  connect_timeout: 'timeout',
  reset: 'failure',
  headers_timeout: 'timeout',
  body_timeout: 'timeout',
  protocol: 'failure',
  // The client's own doing.
  request_body: 'excluded',
};

export function classifyError(kind: UpstreamErrorKind): Verdict {
  return VERDICT_OF_KIND[kind];
}
