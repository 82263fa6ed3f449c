import { z } from 'zod';
import type { RetryCondition, RetryConfig, StatusRange } from '../gateway-config.ts';
import { checkOrder } from './check-order.ts';
import { FAILURE_KINDS } from './failure-kinds-schema.ts';
import {
  count,
  decimal,
  described,
  duration,
  fieldFacts,
  oneOf,
  otherwise,
  percent,
  show,
  size,
  withDefault,
} from './field.ts';
import { listOf } from './list-of.ts';
import { methodsSchema } from './methods-schema.ts';
import { formatDuration } from './quantities.ts';
import { formatStatusRanges, statusRange } from './status-ranges.ts';
import { mapping } from './structure.ts';

const CONDITIONS = [...FAILURE_KINDS, 'status'] as const satisfies readonly RetryCondition[];

const JITTERS = [
  'full',
  'none',
  'equal',
  'decorrelated',
] as const satisfies readonly RetryConfig['backoff']['jitter'][];

/** What holds where nothing is said. `methods`: the idempotent ones (RFC 9110 §9.2.2) that a gateway passes on. */
export const RETRY_DEFAULTS = {
  initialMs: 50,
  maxMs: 1000,
  methods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'],
  // A target that breaks the protocol will do so again.
  on: ['connect', 'timeout', 'reset', 'status'] satisfies RetryCondition[],
  statuses: [{ from: 502, to: 504 }] satisfies StatusRange[],
} as const;

/** `retry.backoff`. */
export const backoffSchema = mapping({
  initial: otherwise(
    duration({ doc: 'The wait before the first retry.', min: '1ms', max: '1h' }),
    formatDuration(RETRY_DEFAULTS.initialMs),
  ),
  factor: withDefault(
    decimal({ doc: 'Each wait is so many times longer than the one before.', min: 1, max: 100 }),
    2,
  ),
  max: otherwise(
    duration({ doc: 'No wait is longer.', min: '1ms', max: '1h' }),
    formatDuration(RETRY_DEFAULTS.maxMs),
  ),
  jitter: withDefault(
    oneOf({
      doc: 'How the wait is drawn: `full` from nothing to all of it, `equal` from its upper half, `decorrelated` from what the last one was, `none` not at all.',
      values: JITTERS,
    }),
    'full',
  ),
}).superRefine(({ initial, max }, context) => {
  checkOrder(
    context,
    { key: 'initial', given: initial, otherwise: RETRY_DEFAULTS.initialMs },
    { key: 'max', given: max, otherwise: RETRY_DEFAULTS.maxMs },
  );
});

const share = percent({
  doc: 'Share of the upstream’s live requests that may be retries, so that a service in trouble is not asked many times as much.',
  min: '0.01%',
  max: '100%',
});

const budgetSchema = described(
  z.union([z.literal('unlimited').transform(() => null), share], {
    error: ({ input }) =>
      typeof input === 'number'
        ? `must be a percentage such as 20%, or unlimited; ${input} has no percent sign`
        : `must be a percentage such as 20%, or unlimited, not ${show(input)}`,
  }),
  { ...fieldFacts.get(share)!, type: 'percentage, or `unlimited`' },
);

const attempts = count({
  doc: 'Attempts in all, the first one included.',
  min: 1,
  max: 10,
});

/** The mapping form of `routes[].retry`. */
export const retryFieldsSchema = mapping({
  attempts: withDefault(attempts, 3),
  backoff: described(backoffSchema.optional(), {
    doc: 'How long to wait before the next attempt.',
    type: 'mapping (below)',
    bounds: null,
    default: null,
  }),
  budget: withDefault(budgetSchema, '20%'),
  methods: methodsSchema({
    doc: 'Methods whose requests may be sent again after the upstream may have carried them out.',
    empty: 'must list at least one method; on: [connect] retries only what was never sent',
    absent: `\`[${RETRY_DEFAULTS.methods.join(', ')}]\``,
  }),
  on: listOf(oneOf({ doc: 'What an attempt fails with.', values: CONDITIONS }), {
    doc: 'What an attempt must have failed with. After `connect` any method is tried again: nothing was sent.',
    type: `list of ${CONDITIONS.map((condition) => `\`${condition}\``).join(', ')}`,
    example: 'a list such as [connect, status]',
    empty: 'must list at least one; without "retry" there is one attempt',
    absent: `\`[${RETRY_DEFAULTS.on.join(', ')}]\``,
  }),
  statuses: listOf(statusRange({ lowest: 300, highest: 599 }), {
    doc: 'Statuses that `status` in `on` stands for.',
    type: 'list of statuses and ranges',
    example: 'a list of statuses such as [429, 502-504]',
    empty: 'must list at least one status; "on" without status looks at none',
    absent: formatStatusRanges(RETRY_DEFAULTS.statuses),
  }),
  max_body: withDefault(
    size({
      doc: 'Largest request body that is kept to be sent again; a request with a larger one is not retried once it was sent.',
      min: '0B',
      max: '16MiB',
    }),
    '64KiB',
  ),
  max_retry_after: withDefault(
    duration({
      doc: 'An upstream’s `Retry-After` is waited for up to this time; a longer one ends the attempts.',
      min: '0s',
      max: '1h',
    }),
    '10s',
  ),
}).superRefine(({ on, statuses }, context) => {
  if (statuses === undefined || on === undefined || on.includes('status')) return;
  const message = 'is never looked at: "on" does not list status';
  context.addIssue({ code: 'custom', message, path: ['statuses'], input: statuses });
});

/** `routes[].retry`. */
export const retrySchema = described(
  z
    .union([attempts, retryFieldsSchema], {
      error: ({ input }) => `must be a number of attempts from 1 to 10, or a mapping, not ${show(input)}`,
    })
    .optional(),
  {
    doc: 'Tries again what failed: the number of attempts in all, or a mapping. Absent: one attempt.',
    type: 'whole number, or mapping (below)',
    bounds: null,
    default: null,
  },
);
