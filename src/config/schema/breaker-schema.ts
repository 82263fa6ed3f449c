import { z } from 'zod';
import type { BreakerMode } from '../gateway-config.ts';
import {
  count,
  described,
  duration,
  type FieldWithDefault,
  fieldFacts,
  oneOf,
  show,
  text,
  withDefault,
} from './field.ts';
import { parseName } from './names.ts';
import { mapping } from './structure.ts';

const MODES = ['enforce', 'disabled'] as const satisfies BreakerMode[];

/** What a breaker's fields are when neither the upstream nor its profile gives them. */
export const breakerDefaultsSchema = mapping({
  failure_threshold: withDefault(
    count({ doc: 'Failures in a row that open the breaker.', min: 1, max: 1_000_000 }),
    5,
  ),
  success_threshold: withDefault(
    count({ doc: 'Successful probes in a row that close it again.', min: 1, max: 1_000_000 }),
    1,
  ),
  half_open_requests: withDefault(
    count({ doc: 'Probes permitted at a time while half-open.', min: 1, max: 1_000_000 }),
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
  open_timeout: withDefault(
    duration({ doc: 'How long it stays open before probes are permitted.', min: '1ms', max: '24h' }),
    '60s',
  ),
  mode: withDefault(
    oneOf({ doc: '`disabled` lets everything pass and counts nothing.', values: MODES }),
    'enforce',
  ),
});

const halfOpenTimeout = described(
  duration({
    doc: 'A probe that has no result after this time counts as failed, and the breaker opens again.',
    min: '1ms',
    max: '24h',
  }),
  {
    doc: 'A probe that has no result after this time counts as failed, and the breaker opens again. Default: `request_timeout`.',
    type: 'duration',
    bounds: '1ms to 24h',
    default: '`request_timeout`',
  },
);

const { failure_threshold, success_threshold, half_open_requests, ...times } = withoutDefaults(
  breakerDefaultsSchema.shape,
);

const fields = {
  failure_threshold,
  success_threshold,
  half_open_requests,
  half_open_timeout: halfOpenTimeout.optional(),
  ...times,
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
    doc: 'A profile in `circuit_breakers` from which the fields that are not given here are taken.',
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
