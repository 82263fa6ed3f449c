import { z } from 'zod';
import { count, described, duration, otherwise, show, text } from './field.ts';
import { parseName } from './names.ts';
import { formatDuration } from './quantities.ts';
import { mapping } from './structure.ts';

const MOST = 1_000_000;

/** What holds where nothing is said. */
export const BULKHEAD_DEFAULTS = { queue: 0, queueTimeoutMs: 1000 } as const;

/** `bulkheads.<name>`: a pool of slots. */
export const bulkheadFieldsSchema = mapping({
  max_concurrent: count({ doc: 'Requests that may be under way at a time.', min: 1, max: MOST }),
  queue: otherwise(
    count({ doc: 'Requests that may wait for a slot; further ones are refused at once.', min: 0, max: MOST }),
    String(BULKHEAD_DEFAULTS.queue),
  ),
  queue_timeout: otherwise(
    duration({ doc: 'Longest wait in the queue; then the request is refused.', min: '1ms', max: '1h' }),
    formatDuration(BULKHEAD_DEFAULTS.queueTimeoutMs),
  ),
}).superRefine(({ queue, queue_timeout }, context) => {
  if (queue !== undefined || queue_timeout === undefined) return;
  const message = 'is for those who wait, and nobody does without "queue"';
  context.addIssue({ code: 'custom', message, path: ['queue_timeout'], input: queue_timeout });
});

export const poolNameSchema = text({
  doc: 'Name of a pool in `bulkheads`.',
  type: 'name of a pool',
  parse: parseName,
});

/** `upstreams.<name>.bulkhead`. */
export const upstreamBulkheadSchema = described(
  z
    .union([poolNameSchema, bulkheadFieldsSchema], {
      error: ({ input }) =>
        `must be the name of a pool, or { max_concurrent, queue, queue_timeout }, not ${show(input)}`,
    })
    .optional(),
  {
    doc: 'How many requests may be under way at a time: the name of a pool in `bulkheads`, or a pool of its own. Absent: no limit.',
    type: 'name of a pool, or mapping',
    bounds: null,
    default: null,
  },
);

/** The mapping form of `routes[].bulkhead`. */
export const routeBulkheadFieldsSchema = mapping({
  read: described(poolNameSchema.optional(), {
    doc: 'The pool for GET, HEAD, OPTIONS and TRACE, the safe methods (RFC 9110 §9.2.1).',
    type: 'name of a pool',
    bounds: null,
    default: null,
  }),
  write: described(poolNameSchema.optional(), {
    doc: 'The pool for all other methods.',
    type: 'name of a pool',
    bounds: null,
    default: null,
  }),
}).refine(({ read, write }) => read !== undefined || write !== undefined, {
  error: 'must name a pool for "read", for "write", or for both',
});

/** `routes[].bulkhead`. */
export const routeBulkheadSchema = described(
  z
    .union([poolNameSchema, routeBulkheadFieldsSchema], {
      error: ({ input }) => `must be the name of a pool, or { read, write }, not ${show(input)}`,
    })
    .optional(),
  {
    doc: 'The pool in `bulkheads` that its requests take a slot of, or one for reading and one for writing: `{ read: name, write: name }`.',
    type: 'name of a pool, or mapping (below)',
    bounds: null,
    default: null,
  },
);
