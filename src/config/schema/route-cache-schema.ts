import { z } from 'zod';
import { described, duration, show } from './field.ts';
import { mapping } from './structure.ts';

/** The mapping form of `routes[].cache`. */
export const routeCacheFieldsSchema = mapping({
  ttl: duration({
    doc: 'How long an answer is fresh that does not say so itself. Absent: by the heuristics of RFC 9111 §4.2.2.',
    min: '1ms',
    max: '8760h',
  }).optional(),
});

/** `routes[].cache`. */
export const routeCacheSchema = described(
  z
    .union([z.boolean(), routeCacheFieldsSchema], {
      error: ({ input }) => `must be true, false, or { ttl }, not ${show(input)}`,
    })
    .optional(),
  {
    doc: 'Answers from the cache where RFC 9111 allows it. Default: false.',
    type: 'boolean, or mapping (below)',
    bounds: null,
    default: 'false',
  },
);
