import { z } from 'zod';
import {
  DURATION_PATTERN,
  PERCENT_PATTERN,
  parseDuration,
  parsePercent,
  parseSize,
  SIZE_PATTERN,
} from './quantities.ts';
import { ValueError } from './value-error.ts';

/** What the manual says about a key. The JSON Schema and the tables of docs/configuration.md are made from it. */
export interface FieldFacts {
  readonly doc: string;
  /** `duration`, `whole number`, … */
  readonly type: string;
  /** `1ms to 24h`; null where there are none. */
  readonly bounds: string | null;
  /** As written in YAML; null where the key must be given or its absence means something of its own. */
  readonly default: string | null;
}

export const fieldFacts = z.registry<FieldFacts>();

/** A key with a default. `unwrap()` is the same key without it. */
export type FieldWithDefault<Out = unknown, In = unknown> = z.ZodPrefault<z.ZodType<Out, In>>;

/** Ties a schema to what the manual says about it. */
export function described<Schema extends z.ZodType>(schema: Schema, facts: FieldFacts): Schema {
  const description = facts.bounds === null ? facts.doc : `${facts.doc} From ${facts.bounds}.`;
  const copy = schema.meta({ ...schema.meta(), description }) as Schema;
  fieldFacts.add(copy as z.ZodType, facts);
  return copy;
}

/** Gives a described key its default. */
export function withDefault<Out, In>(
  schema: z.ZodType<Out, In>,
  value: In & (string | number | boolean),
): FieldWithDefault<Out, In> {
  const facts = { ...fieldFacts.get(schema)!, default: String(value) } as FieldFacts;
  return described(described(schema, facts).prefault(value as never), facts) as unknown as FieldWithDefault<
    Out,
    In
  >;
}

/** Makes a described key optional and says what holds where it is absent, if that is no fixed value. */
export function otherwise<Out, In>(
  schema: z.ZodType<Out, In>,
  absent: string,
): z.ZodOptional<z.ZodType<Out, In>> {
  const facts = fieldFacts.get(schema)!;
  return described(
    described(schema, { ...facts, doc: `${facts.doc} Default: ${absent}.`, default: absent }).optional(),
    { ...facts, doc: `${facts.doc} Default: ${absent}.`, default: absent },
  );
}

/** Text with rules of its own. `parse` throws a {@link ValueError}, whose message never repeats a secret. */
export function text<Out>(options: {
  doc: string;
  type: string;
  parse: (text: string) => Out;
}): z.ZodType<Out, string> {
  const { doc, type, parse } = options;
  const problem = (value: string): string | null => {
    try {
      parse(value);
      return null;
    } catch (error) {
      if (error instanceof ValueError) return error.message;
      throw error;
    }
  };
  const kind = type === 'text' ? type : `text (${type})`;
  const schema = z
    .string({
      error: ({ input }) => {
        if (typeof input === 'object' || input === undefined) return `must be ${kind}, not ${show(input)}`;
        return problem(String(input)) ?? `must be ${kind}: put it in quotes`;
      },
    })
    .transform((value, context) => {
      const message = problem(value);
      if (message === null) return parse(value);
      context.addIssue({ code: 'custom', message, input: value });
      return z.NEVER;
    });
  return described(schema, { doc, type, bounds: null, default: null });
}

interface Bounded {
  readonly doc: string;
  readonly min: string;
  readonly max: string;
}

/** Milliseconds, from `60s`. */
export function duration(options: Bounded): z.ZodType<number, string> {
  return quantity({
    ...options,
    type: 'duration',
    example: '60s',
    pattern: DURATION_PATTERN,
    parse: parseDuration,
  });
}

/** Percent to two decimals, from `50%`. */
export function percent(options: Bounded): z.ZodType<number, string> {
  return quantity({
    ...options,
    type: 'percentage',
    example: '50%',
    pattern: PERCENT_PATTERN,
    parse: parsePercent,
  });
}

/** Bytes, from `64KiB`. */
export function size(options: Bounded): z.ZodType<number, string> {
  return quantity({
    ...options,
    type: 'size',
    example: '64KiB',
    pattern: SIZE_PATTERN,
    parse: parseSize,
  });
}

/** Bytes, from `64KiB`; null from `unlimited`. */
export function sizeOrUnlimited(options: Bounded): z.ZodType<number | null, string> {
  const limited = size(options);
  const schema = z.union([z.literal('unlimited').transform(() => null), limited], {
    error: ({ input }) => `must be a size such as 64KiB, or unlimited, not ${show(input)}`,
  });
  return described(schema, { ...fieldFacts.get(limited)!, type: 'size, or `unlimited`' });
}

interface Quantity extends Bounded {
  readonly type: string;
  readonly example: string;
  readonly pattern: string;
  readonly parse: (text: string) => number;
}

function quantity(options: Quantity): z.ZodType<number, string> {
  const { doc, min, max, type, parse } = options;
  const least = parse(min);
  const most = parse(max);
  const explain = (input: unknown): string | null => {
    try {
      const value = parse(typeof input === 'number' ? String(input) : (input as string));
      return value >= least && value <= most ? null : `must be from ${min} to ${max}, not ${show(input)}`;
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      return `must be a ${type} such as ${options.example}; ${error.message}`;
    }
  };
  const schema = z
    .string({
      error: ({ input }) =>
        typeof input === 'number'
          ? explain(input)!
          : `must be a ${type} such as ${options.example}, not ${show(input)}`,
    })
    .meta({ pattern: options.pattern })
    .transform((text, context) => {
      const problem = explain(text);
      if (problem === null) return parse(text);
      context.addIssue({ code: 'custom', message: problem, input: text });
      return z.NEVER;
    });
  return described(schema, { doc, type, bounds: `${min} to ${max}`, default: null });
}

interface Counted {
  readonly doc: string;
  readonly min: number;
  readonly max: number;
}

/** A whole number. */
export function count(options: Counted): z.ZodType<number, number> {
  const { doc, min, max } = options;
  const error = ({ input }: { input?: unknown }) =>
    `must be a whole number from ${min} to ${max}, not ${show(input)}`;
  return described(z.int({ error }).min(min, { error }).max(max, { error }), {
    doc,
    type: 'whole number',
    bounds: `${min} to ${max}`,
    default: null,
  });
}

/** A number that need not be whole. */
export function decimal(options: Counted): z.ZodType<number, number> {
  const { doc, min, max } = options;
  const error = ({ input }: { input?: unknown }) =>
    `must be a number from ${min} to ${max}, not ${show(input)}`;
  return described(z.number({ error }).min(min, { error }).max(max, { error }), {
    doc,
    type: 'number',
    bounds: `${min} to ${max}`,
    default: null,
  });
}

/** A whole number; null from `unlimited`. */
export function countOrUnlimited(options: Counted): z.ZodType<number | null, number | string> {
  const limited = count(options);
  const schema = z.union([z.literal('unlimited').transform(() => null), limited], {
    error: ({ input }) =>
      `must be a whole number from ${options.min} to ${options.max}, or unlimited, not ${show(input)}`,
  });
  return described(schema, { ...fieldFacts.get(limited)!, type: 'whole number, or `unlimited`' });
}

/** A whole number, or `auto`. */
export function countOrAuto(options: Counted): z.ZodType<number | 'auto', number | string> {
  const limited = count(options);
  const schema = z.union([z.literal('auto'), limited], {
    error: ({ input }) =>
      `must be a whole number from ${options.min} to ${options.max}, or auto, not ${show(input)}`,
  });
  return described(schema, { ...fieldFacts.get(limited)!, type: 'whole number, or `auto`' });
}

export function flag(options: { doc: string }): z.ZodType<boolean, boolean> {
  const error = ({ input }: { input?: unknown }) => `must be true or false, not ${show(input)}`;
  return described(z.boolean({ error }), { doc: options.doc, type: 'boolean', bounds: null, default: null });
}

export function oneOf<const Value extends string>(options: {
  doc: string;
  values: readonly Value[];
}): z.ZodType<Value, Value> {
  const list = options.values.join(', ');
  const error = ({ input }: { input?: unknown }) => `must be one of ${list}, not ${show(input)}`;
  return described(z.enum(options.values as readonly [Value, ...Value[]], { error }), {
    doc: options.doc,
    type: options.values.map((value) => `\`${value}\``).join(', '),
    bounds: null,
    default: null,
  }) as unknown as z.ZodType<Value, Value>;
}

/** A short spelling of a value for a message: never more than it takes to recognise it. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
