import { UpstreamError } from '../http/message.ts';
import type { FailedAttempt } from './exchange-context.ts';

/** What there is to tell of an attempt's failure; null: it was the client's body that broke, which is not the upstream's. */
export function failedOf(failure: FailedAttempt | UpstreamError): FailedAttempt | null {
  if (!(failure instanceof UpstreamError)) return failure;
  const { kind, message, cause } = failure;
  if (kind === 'request_body') return null;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : null;
  return { kind, status: null, code, detail: message };
}

/** An answer that counts as a failure. @param grpcStatus by which it does; null: by its HTTP status */
export function badAnswer(status: number, grpcStatus: number | null): FailedAttempt {
  const detail = grpcStatus === null ? `it answered ${status}` : `it answered gRPC status ${grpcStatus}`;
  return { kind: 'status', status, code: null, detail };
}
