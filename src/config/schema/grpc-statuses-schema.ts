import { z } from 'zod';
import { suggestion } from '../suggest.ts';
import { show, text } from './field.ts';
import { listOf } from './list-of.ts';
import { ValueError } from './value-error.ts';

/** By their numbers, as gRPC gives them (https://grpc.io/docs/guides/status-codes). */
const NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

/** UNKNOWN, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE, DATA_LOSS: the others tell of what was asked. */
export const DEFAULT_FAILURE_GRPC_STATUSES: readonly number[] = [2, 4, 13, 14, 15];

/** `UNAVAILABLE`. */
export function formatGrpcStatus(status: number): string {
  return NAMES[status] ?? String(status);
}

/** @throws {ValueError} */
function parseGrpcStatus(value: string): number {
  const number = /^\d{1,2}$/.test(value) ? Number(value) : NAMES.indexOf(value as (typeof NAMES)[number]);
  if (number === 0) throw new ValueError('cannot be OK, which is no failure');
  if (NAMES[number] === undefined) {
    throw new ValueError(
      `must be a gRPC status such as UNAVAILABLE, or its number from 1 to 16, not ${show(value)}; ${suggestion(value, NAMES.slice(1))}`,
    );
  }
  return number;
}

const byNumber = z.int().transform((value, context) => {
  try {
    return parseGrpcStatus(String(value));
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    context.addIssue({ code: 'custom', message: error.message, input: value });
    return z.NEVER;
  }
});

const byName = text({ doc: 'A status of gRPC.', type: 'gRPC status', parse: parseGrpcStatus });

export const failureGrpcStatusesSchema = listOf(
  z.union([byNumber, byName], {
    error: ({ input }) =>
      `must be a gRPC status such as UNAVAILABLE, or its number from 1 to 16, not ${show(input)}`,
  }),
  {
    doc: 'Statuses of gRPC answers that are failures, by name or number.',
    type: 'list of gRPC statuses',
    example: 'a list of gRPC statuses such as [UNAVAILABLE, 4]',
    empty: null,
    absent: `\`[${DEFAULT_FAILURE_GRPC_STATUSES.map(formatGrpcStatus).join(', ')}]\``,
  },
);
