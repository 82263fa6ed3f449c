import { firstValue } from '../http/field-names.ts';
import type { HeaderList } from '../http/message.ts';

/**
 * What the kind of a body means for its verdict. `grpc`: the status that counts is in `grpc-status`, in the trailers or,
 * where there is no body, in the head. `endless`: an event stream is right for as long as it lasts, so that there is no
 * end to wait for. `plain`: a success when it is complete.
 */
export function judgedAtHead(headers: HeaderList): 'grpc' | 'endless' | 'plain' {
  const type = firstValue(headers, 'content-type');
  if (type === undefined) return 'plain';
  if (/^application\/grpc(?:[-+;]|$)/i.test(type)) return 'grpc';
  return /^text\/event-stream(?:\s*;|$)/i.test(type) ? 'endless' : 'plain';
}

/** The code in `grpc-status`; null when there is none, or no number of two digits at most. */
export function grpcStatusOf(fields: HeaderList): number | null {
  const value = firstValue(fields, 'grpc-status');
  return value !== undefined && /^[0-9]{1,2}$/.test(value) ? Number(value) : null;
}
