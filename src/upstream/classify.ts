import type { BreakerConfig, FailureKind, StatusRange } from '../config/gateway-config.ts';
import type { UpstreamErrorKind } from '../http/message.ts';
import type { Outcome } from '../resilience/index.ts';

/** What a verdict can be; a timeout is a failure that is also counted apart. */
export type Verdict = Outcome | 'timeout';

const OUTCOMES: readonly Outcome[] = ['success', 'failure', 'excluded'];
const FAILURE = 1;
const EXCLUDED = 2;

const STATUSES = 600;

/** A client takes a status outside of what is defined for one of the 5xx class (RFC 9110 §15). */
const UNDEFINED_STATUS = 500;

/** Compiled from the configuration once, so that an answer costs one look into a table. Excluded statuses win. */
export function statusClassifier({
  failureStatuses,
  excludedStatuses,
}: Pick<BreakerConfig, 'failureStatuses' | 'excludedStatuses'>): (status: number) => Outcome {
  const table = new Uint8Array(STATUSES);
  fill(table, failureStatuses, FAILURE);
  fill(table, excludedStatuses, EXCLUDED);
  return (status) => OUTCOMES[table[status < STATUSES ? status : UNDEFINED_STATUS]!]!;
}

function fill(table: Uint8Array, ranges: readonly StatusRange[], outcome: number): void {
  for (const { from, to } of ranges) table.fill(outcome, from, to + 1);
}

/** What the configuration calls each kind. Null: says nothing of the upstream, whatever is configured. */
const CONFIGURED_AS: Readonly<Record<UpstreamErrorKind, FailureKind | null>> = {
  connect: 'connect',
  connect_timeout: 'timeout',
  reset: 'reset',
  headers_timeout: 'timeout',
  body_timeout: 'timeout',
  protocol: 'protocol',
  // Otherwise one client with too many connections could open every breaker.
  exhausted: null,
  // The client's own doing.
  request_body: null,
};

export function errorClassifier({
  failureErrors,
}: Pick<BreakerConfig, 'failureErrors'>): (kind: UpstreamErrorKind) => Verdict {
  return (kind) => {
    const name = CONFIGURED_AS[kind];
    if (name === null || !failureErrors.includes(name)) return 'excluded';
    return name === 'timeout' ? 'timeout' : 'failure';
  };
}

const LAST_GRPC_STATUS = 16;

/** A client takes a code that is not defined for UNKNOWN. */
const UNKNOWN_GRPC_STATUS = 2;

export function grpcStatusClassifier({
  failureGrpcStatuses,
}: Pick<BreakerConfig, 'failureGrpcStatuses'>): (code: number) => Outcome {
  return (code) => {
    const defined = Number.isInteger(code) && code >= 0 && code <= LAST_GRPC_STATUS;
    return failureGrpcStatuses.includes(defined ? code : UNKNOWN_GRPC_STATUS) ? 'failure' : 'success';
  };
}
