import { firstValue } from '../http/field-names.ts';
import type { HeaderList } from '../http/message.ts';

/**
 * What the kind of a body means for its verdict. `grpc`: the status that counts is in `grpc-status`, in the trailers or,
 * where there is no body, in the head. `endless`: an event stream is right for as long as it lasts, so that there is no
 * end to wait for. `plain`: a success when it is complete.
 */
export function judgedAtHead(headers: HeaderList): 'grpc' | 'endless' | 'plain' {
  const type = firstValue(headers, 'content-type');
  // The shortest of those that matter; most are told apart by their length or their first letter.
  if (type === undefined || type.length < GRPC.length) return 'plain';
  const first = type.charCodeAt(0) | 0x20;
  if (first !== A && first !== T) return 'plain';
  if (first === A && (type.charCodeAt(12) | 0x20) !== G) return 'plain';
  if (/^application\/grpc(?:[-+;]|$)/i.test(type)) return 'grpc';
  return /^text\/event-stream(?:\s*;|$)/i.test(type) ? 'endless' : 'plain';
}

const GRPC = 'application/grpc';
const A = 0x61;
const G = 0x67;
const T = 0x74;

/** The code in `grpc-status`; null when there is none, or no number of two digits at most. */
export function grpcStatusOf(fields: HeaderList): number | null {
  const value = firstValue(fields, 'grpc-status');
  return value !== undefined && /^[0-9]{1,2}$/.test(value) ? Number(value) : null;
}
