import type { FailureKind } from '../gateway-config.ts';
import { oneOf } from './field.ts';
import { listOf } from './list-of.ts';

export const FAILURE_KINDS = [
  'connect',
  'timeout',
  'reset',
  'protocol',
] as const satisfies readonly FailureKind[];

export const failureErrorsSchema = listOf(
  oneOf({ doc: 'A kind of broken exchange.', values: FAILURE_KINDS }),
  {
    doc: 'Kinds of broken exchanges that are failures (below); the others count nowhere.',
    type: `list of ${FAILURE_KINDS.map((kind) => `\`${kind}\``).join(', ')}`,
    example: 'a list such as [connect, timeout]',
    empty: null,
    absent: 'all of them',
  },
);
