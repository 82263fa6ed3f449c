import { z } from 'zod';
import { count, described, duration, percent, show, withDefault } from './field.ts';
import { mapping } from './structure.ts';

/** The mapping form of `upstreams.<name>.ejection`. */
export const ejectionFieldsSchema = mapping({
  consecutive_failures: withDefault(
    count({ doc: 'Failures in a row that eject a target.', min: 1, max: 1_000_000 }),
    5,
  ),
  base_time: withDefault(
    duration({
      doc: 'How long the first ejection lasts; the second lasts twice as long, the third three times.',
      min: '1ms',
      max: '24h',
    }),
    '10s',
  ),
  max_time: withDefault(duration({ doc: 'No ejection lasts longer.', min: '1ms', max: '24h' }), '5m'),
  max_ejected: withDefault(
    percent({
      doc: 'Share of the targets that may be ejected at a time; never the last one.',
      min: '0.01%',
      max: '100%',
    }),
    '50%',
  ),
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
