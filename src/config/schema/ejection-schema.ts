import { z } from 'zod';
import { checkOrder } from './check-order.ts';
import { count, described, duration, otherwise, percent, show, withDefault } from './field.ts';
import { formatDuration } from './quantities.ts';
import { mapping } from './structure.ts';

/** What holds where the file says nothing. */
export const EJECTION_TIMES = { baseMs: 10_000, maxMs: 300_000 } as const;

/** The mapping form of `upstreams.<name>.ejection`. */
export const ejectionFieldsSchema = mapping({
  consecutive_failures: withDefault(
    count({ doc: 'Failures in a row that eject a target.', min: 1, max: 1_000_000 }),
    5,
  ),
  base_time: otherwise(
    duration({
      doc: 'How long the first ejection lasts; the second lasts twice as long, the third three times.',
      min: '1ms',
      max: '24h',
    }),
    formatDuration(EJECTION_TIMES.baseMs),
  ),
  max_time: otherwise(
    duration({ doc: 'No ejection lasts longer.', min: '1ms', max: '24h' }),
    formatDuration(EJECTION_TIMES.maxMs),
  ),
  max_ejected: withDefault(
    percent({
      doc: 'Share of the targets that may be ejected at a time; never the last one.',
      min: '0.01%',
      max: '100%',
    }),
    '50%',
  ),
}).superRefine(({ base_time, max_time }, context) => {
  checkOrder(
    context,
    { key: 'base_time', given: base_time, otherwise: EJECTION_TIMES.baseMs },
    { key: 'max_time', given: max_time, otherwise: EJECTION_TIMES.maxMs },
  );
});

/** `upstreams.<name>.ejection`. */
export const ejectionSchema = described(
  z
    .union([z.boolean(), ejectionFieldsSchema], {
      error: ({ input }) => `must be true, false, or a mapping of fields, not ${show(input)}`,
    })
    .optional(),
  {
    doc: 'Takes a target whose requests keep failing out of rotation for a while. Default: on, with more than one target or `dns`.',
    type: 'boolean, or mapping (below)',
    bounds: null,
    default: 'on, with more than one target or `dns`',
  },
);
