import { z } from 'zod';
import {
  count,
  decimal,
  described,
  duration,
  fieldFacts,
  otherwise,
  percent,
  show,
  withDefault,
} from './field.ts';
import { mapping } from './structure.ts';

/** Beyond a day a window says nothing of the present. */
const LONGEST_WINDOW = '24h';

/** Steps of a time window unless told otherwise. */
export const DEFAULT_BUCKETS = 10;

/** The mapping form of `window`. */
export const windowFieldsSchema = mapping({
  duration: duration({
    doc: 'The calls of the last so much time.',
    min: '1ms',
    max: LONGEST_WINDOW,
  }).optional(),
  buckets: otherwise(
    count({
      doc: 'Steps in which `duration` ages: more of them are smoother and take more memory.',
      min: 1,
      max: 1000,
    }),
    String(DEFAULT_BUCKETS),
  ),
  count: count({
    doc: 'Instead of `duration`: the last so many calls, however old they are.',
    min: 1,
    max: 100_000,
  }).optional(),
}).superRefine((window, context) => {
  const wrong = (message: string, ...path: string[]) =>
    context.addIssue({ code: 'custom', message, path, input: window });
  if ((window.duration === undefined) === (window.count === undefined)) {
    wrong('must have either "duration" or "count"');
  } else if (window.count !== undefined && window.buckets !== undefined) {
    wrong('goes with duration only: a window by count forgets one call at a time', 'buckets');
  } else if (window.duration !== undefined && window.duration < (window.buckets ?? DEFAULT_BUCKETS)) {
    wrong(`must be at least 1ms for each of the ${window.buckets ?? DEFAULT_BUCKETS} buckets`, 'duration');
  }
});

const windowDuration = duration({ doc: '', min: `${DEFAULT_BUCKETS}ms`, max: LONGEST_WINDOW });

/** `30s`, `{ duration: 30s, buckets: 30 }` or `{ count: 100 }`. */
export const windowSchema = described(
  z.union([windowDuration, windowFieldsSchema], {
    error: ({ input }) => {
      const forms = 'must be a duration such as 30s, or { count: 100 } for the last 100 calls';
      if (typeof input !== 'number') return `${forms}, not ${show(input)}`;
      return `${forms}; ${input} alone could be both: write ${input}s or { count: ${input} }`;
    },
  }),
  {
    doc: 'What `failure_threshold` and the rates look at: the calls of the last `30s`, or the last 100 with `{ count: 100 }`. Absent: failures in a row.',
    type: 'duration, or mapping (below)',
    bounds: null,
    default: null,
  },
);

const rate = (doc: string) => percent({ doc, min: '0.01%', max: '100%' });

export const failureRateSchema = rate(
  'Share of the window’s calls whose failure opens the breaker, of at least `min_requests`. Needs `window`.',
);

export const slowCallFieldsSchema = mapping({
  duration: duration({
    doc: 'A call is slow when its response head takes longer; shorter than `request_timeout`.',
    min: '1ms',
    max: '24h',
  }),
  rate: rate('Share of the window’s calls that opens the breaker when they are slow.'),
});

export const slowCallSchema = described(slowCallFieldsSchema, {
  doc: 'Opens the breaker when too many calls of the window, of at least `min_requests`, are slow. A slow probe has failed. Needs `window`.',
  type: 'mapping (below)',
  bounds: null,
  default: null,
});

const share = percent({
  doc: 'Up to this share is taken off at random, so that many gateways do not probe at the same moment; `full` is 100%.',
  min: '0%',
  max: '100%',
});

const jitter = described(
  z.union([z.literal('full').transform(() => 100), share], {
    error: ({ input }) => `must be a percentage such as 20%, or full, not ${show(input)}`,
  }),
  { ...fieldFacts.get(share)!, type: 'percentage, or `full`' },
);

/** The mapping form of `open_timeout`. */
export const openTimeoutFieldsSchema = mapping({
  initial: duration({ doc: 'How long it stays open the first time.', min: '1ms', max: '24h' }),
  factor: withDefault(
    decimal({
      doc: 'Each opening lasts so many times longer than the one before, until the breaker has been closed for as long as it was open last.',
      min: 1,
      max: 1000,
    }),
    1,
  ),
  max: otherwise(
    duration({ doc: 'It never stays open longer than this. Needs `factor`.', min: '1ms', max: '168h' }),
    '10 times `initial`',
  ),
  jitter: withDefault(jitter, '0%'),
}).superRefine((open, context) => {
  if (open.max === undefined) return;
  const wrong = (message: string) =>
    context.addIssue({ code: 'custom', message, path: ['max'], input: open });
  if (open.max < open.initial) wrong('must not be shorter than initial');
  else if (open.factor === 1) wrong('is never reached without a factor above 1: add factor: 2');
});

const plainOpenTimeout = duration({ doc: '', min: '1ms', max: '24h' });

/** `60s`, or `{ initial, factor, max, jitter }`. */
export const openTimeoutSchema = described(
  z.union([plainOpenTimeout, openTimeoutFieldsSchema], {
    error: ({ input }) =>
      typeof input === 'number'
        ? `must be a duration such as 60s; ${input} has no unit: write ${input}s or ${input}ms`
        : `must be a duration such as 60s, or { initial, factor, max, jitter }, not ${show(input)}`,
  }),
  {
    doc: 'How long it stays open before probes are permitted; as a mapping, a time that grows.',
    type: 'duration, or mapping (below)',
    bounds: '1ms to 24h',
    default: null,
  },
);
