import { z } from 'zod';
import type { BreakerMode } from '../gateway-config.ts';
import {
  failureRateSchema,
  openTimeoutSchema,
  slowCallSchema,
  windowSchema,
} from './breaker-rules-schema.ts';
import { failureErrorsSchema } from './failure-kinds-schema.ts';
import { excludedStatusesSchema, failureStatusesSchema } from './failure-statuses-schema.ts';
import {
  count,
  described,
  duration,
  type FieldWithDefault,
  fieldFacts,
  oneOf,
  otherwise,
  show,
  text,
  withDefault,
} from './field.ts';
import { failureGrpcStatusesSchema } from './grpc-statuses-schema.ts';
import { parseName } from './names.ts';
import { mapping } from './structure.ts';

const MODES = ['enforce', 'observe', 'disabled'] as const satisfies BreakerMode[];

const MOST = 1_000_000;

/** Failures that open a breaker to which no rule is given at all. */
export const DEFAULT_FAILURE_THRESHOLD = 5;

/** What a breaker's fields are when neither the upstream nor its profile gives them. */
export const breakerDefaultsSchema = mapping({
  success_threshold: withDefault(
    count({ doc: 'Successful probes in a row that close it again.', min: 1, max: MOST }),
    1,
  ),
  half_open_requests: withDefault(
    count({ doc: 'Probes permitted at a time while half-open.', min: 1, max: MOST }),
    1,
  ),
  request_timeout: withDefault(
    duration({
      doc: 'Longest wait for the upstream’s response head (or the 101 of an upgrade); longer is a failure, answered 504.',
      min: '1ms',
      max: '24h',
    }),
    '10s',
  ),
  open_timeout: withDefault(openTimeoutSchema, '60s'),
  mode: withDefault(
    oneOf({
      doc: '`observe` refuses nothing and tells in log and metrics what it would have refused; `disabled` lets everything pass and counts nothing.',
      values: MODES,
    }),
    'enforce',
  ),
});

const { success_threshold, half_open_requests, ...others } = withoutDefaults(breakerDefaultsSchema.shape);

const fields = {
  failure_threshold: otherwise(
    count({
      doc: 'Failures in a row that open the breaker; with `window`, failures within it.',
      min: 1,
      max: MOST,
    }),
    `${DEFAULT_FAILURE_THRESHOLD} if no other rule is given`,
  ),
  consecutive_failures: count({
    doc: 'Failures in a row that open the breaker, whatever the window.',
    min: 1,
    max: MOST,
  }).optional(),
  failure_rate: failureRateSchema.optional(),
  slow_call: slowCallSchema.optional(),
  window: windowSchema.optional(),
  min_requests: otherwise(
    count({
      doc: 'Calls in the window from which on it is judged; given, it also gates `failure_threshold`.',
      min: 1,
      max: MOST,
    }),
    '20 for rates',
  ),
  failure_statuses: failureStatusesSchema,
  excluded_statuses: excludedStatusesSchema,
  failure_errors: failureErrorsSchema,
  failure_grpc_statuses: failureGrpcStatusesSchema,
  success_threshold,
  half_open_requests,
  half_open_timeout: otherwise(
    duration({
      doc: 'A probe that has no result after this time counts as failed, and the breaker opens again.',
      min: '1ms',
      max: '24h',
    }),
    '`request_timeout`',
  ),
  ...others,
};

/** `circuit_breakers.<name>`: a profile. What it leaves out has the default. */
export const breakerProfileSchema = mapping(fields);

export const profileNameSchema = text({
  doc: 'Name of a profile in `circuit_breakers`.',
  type: 'name',
  parse: parseName,
});

/** The mapping form of `circuit_breaker` in an upstream: fields, on top of a profile if it names one. */
export const breakerFieldsSchema = mapping({
  name: described(
    text({
      doc: '',
      type: 'name',
      parse: parseName,
    }).optional(),
    {
      doc: 'The breaker’s name in logs, metrics and the admin API. Default: the upstream’s name.',
      type: 'name',
      bounds: null,
      default: 'the upstream’s name',
    },
  ),
  profile: described(profileNameSchema.optional(), {
    doc: 'A profile in `circuit_breakers`, or `development` or `production`, from which the fields that are not given here are taken.',
    type: 'name of a profile',
    bounds: null,
    default: null,
  }),
  ...fields,
});

export const circuitBreakerSchema = z.union([profileNameSchema, breakerFieldsSchema], {
  error: ({ input }) => `must be the name of a profile or a mapping of fields, not ${show(input)}`,
});

type Shape = Readonly<Record<string, FieldWithDefault>>;
type WithoutDefaults<Fields extends Shape> = {
  [Key in keyof Fields]: z.ZodOptional<ReturnType<Fields[Key]['unwrap']>>;
};

/** A profile's absent field must stay absent, or it would hide what stands below it. */
function withoutDefaults<Fields extends Shape>(shape: Fields): WithoutDefaults<Fields> {
  const entries = Object.entries(shape).map(([key, field]) => {
    const facts = fieldFacts.get(field)!;
    return [
      key,
      described(field.unwrap().optional(), { ...facts, doc: `${facts.doc} Default: ${facts.default}.` }),
    ];
  });
  return Object.fromEntries(entries) as WithoutDefaults<Fields>;
}
