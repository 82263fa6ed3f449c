import { z } from 'zod';
import type { FallbackCondition } from '../gateway-config.ts';
import { FAILURE_KINDS } from './failure-kinds-schema.ts';
import { described, duration, oneOf, show, text } from './field.ts';
import { fixedAnswerSchema } from './fixed-answer-schema.ts';
import { listOf } from './list-of.ts';
import { methodsSchema } from './methods-schema.ts';
import { parseName } from './names.ts';
import { mapping } from './structure.ts';

export const FALLBACK_CONDITIONS = [
  ...FAILURE_KINDS,
  'status',
  'open',
  'full',
] as const satisfies readonly FallbackCondition[];

/** Of every step but one to another upstream. */
export const DEFAULT_FALLBACK_METHODS: readonly string[] = ['GET', 'HEAD'];

export const FALLBACK_TYPES = ['upstream', 'stale', 'static', 'mock'] as const;

/** An item of `routes[].fallback`. */
export const fallbackStepSchema = mapping({
  upstream: described(text({ doc: '', type: 'name of an upstream', parse: parseName }).optional(), {
    doc: 'Another upstream answers, with its own breaker and bulkhead.',
    type: 'name of an upstream',
    bounds: null,
    default: null,
  }),
  stale: duration({
    doc: 'A stored answer stands in, up to this age.',
    min: '1ms',
    max: '8760h',
  }).optional(),
  static: described(fixedAnswerSchema.optional(), {
    doc: 'A fixed answer.',
    type: 'mapping (below)',
    bounds: null,
    default: null,
  }),
  mock: described(fixedAnswerSchema.optional(), {
    doc: 'A fixed answer that is only in effect with `profile: development`.',
    type: 'mapping (below)',
    bounds: null,
    default: null,
  }),
  methods: methodsSchema({
    doc: 'Only for these methods. Another upstream is asked for the idempotent methods (RFC 9110 §9.2.2), and for any method after `connect`, `open` and `full`, when nothing was sent, unless told otherwise.',
    empty: 'must list at least one method',
    absent: `\`[${DEFAULT_FALLBACK_METHODS.join(', ')}]\` but for \`upstream\``,
  }),
  on: listOf(oneOf({ doc: 'What the live answer failed with.', values: FALLBACK_CONDITIONS }), {
    doc: 'Only after these: the kinds of broken exchanges, `status` (an answer that the breaker counts as a failure), `open` (the breaker refused), `full` (the bulkhead refused).',
    type: `list of ${FALLBACK_CONDITIONS.map((condition) => `\`${condition}\``).join(', ')}`,
    example: 'a list such as [open, status]',
    empty: 'must list at least one condition',
    absent: 'all of them',
  }),
}).superRefine((step, context) => {
  const given = FALLBACK_TYPES.filter((type) => step[type] !== undefined);
  if (given.length === 1) return;
  const message = `must have exactly one of ${FALLBACK_TYPES.map((type) => `"${type}"`).join(', ')}`;
  context.addIssue({ code: 'custom', message, input: step });
});

/** `routes[].fallback`. */
export const fallbackSchema = described(
  z
    .array(fallbackStepSchema, {
      error: ({ input }) => `must be a list of steps such as [{ stale: 5m }], not ${show(input)}`,
    })
    .optional(),
  {
    doc: 'What to answer with when the upstream does not, tried in this order.',
    type: 'list of mappings (below)',
    bounds: null,
    default: '[]',
  },
);
