import { z } from 'zod';
import { described, oneOf, show, text, withDefault } from './field.ts';
import { parseCookieName, parseFieldName } from './field-names.ts';
import { mapping } from './structure.ts';

/** The mapping form of `balance.hash`. */
export const hashFieldsSchema = mapping({
  header: described(text({ doc: '', type: 'name of a header field', parse: parseFieldName }).optional(), {
    doc: 'Requests with the same value of this header field go to the same target.',
    type: 'name of a header field',
    bounds: null,
    default: null,
  }),
  cookie: described(text({ doc: '', type: 'name of a cookie', parse: parseCookieName }).optional(), {
    doc: 'Requests with the same value of this cookie go to the same target.',
    type: 'name of a cookie',
    bounds: null,
    default: null,
  }),
}).refine(({ header, cookie }) => (header === undefined) !== (cookie === undefined), {
  error: 'must have either "header" or "cookie"',
});

const hashSchema = described(
  z.union([z.literal('ip'), hashFieldsSchema], {
    error: ({ input }) => `must be ip, { header: name } or { cookie: name }, not ${show(input)}`,
  }),
  {
    doc: 'What decides: the client’s `ip`, a `{ header: name }` or a `{ cookie: name }`.',
    type: '`ip`, or mapping (below)',
    bounds: null,
    default: null,
  },
);

/** `upstreams.<name>.balance`. */
export const balanceSchema = withDefault(
  described(
    z.union(
      [
        oneOf({ doc: '', values: ['round_robin', 'least_requests', 'latency'] as const }),
        mapping({ hash: hashSchema }),
      ],
      {
        error: ({ input }) =>
          `must be round_robin, least_requests, latency, or { hash: … }, not ${show(input)}`,
      },
    ),
    {
      doc: 'Which target gets the next request: each in turn, one with few requests under way, one that answers soon, or always the same one for the same client.',
      type: '`round_robin`, `least_requests`, `latency`, or `{ hash: … }`',
      bounds: null,
      default: null,
    },
  ),
  'round_robin',
);
