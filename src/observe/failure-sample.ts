import type { UpstreamErrorKind } from '../http/message.ts';
import type { AttemptFacts } from '../proxy/exchange-context.ts';
import type { FailureSample } from './gateway-event.ts';

/** How an attempt failed. */
export interface AttemptFailure {
  /** `status`: the upstream answered, with a status that is a failure. */
  readonly kind: UpstreamErrorKind | 'status';
  readonly status: number | null;
  /** The system's own such as `ECONNREFUSED`; null where there is none. */
  readonly code: string | null;
  /** For people. */
  readonly detail: string;
}

/** Characters of a detail that are kept: some errors quote what they could not read. */
const MAX_DETAIL = 300;

/** What is kept of a failed attempt. @param at Unix milliseconds */
export function failureSample(failure: AttemptFailure, attempt: AttemptFacts, at: number): FailureSample {
  const { kind, status, code, detail } = failure;
  const { requestId, route, upstream, target } = attempt;
  return {
    at,
    upstream: upstream.name,
    route,
    target: target?.url ?? null,
    kind,
    status,
    code,
    detail: detail.length > MAX_DETAIL ? `${detail.slice(0, MAX_DETAIL)}…` : detail,
    requestId,
  };
}
