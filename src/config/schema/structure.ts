import { z } from 'zod';
import { described, show } from './field.ts';
import { parseName } from './names.ts';
import { ValueError } from './value-error.ts';

/** A mapping whose keys are all known; any other key is a mistake, never ignored. */
export function mapping<Shape extends z.core.$ZodShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: ({ code, input }) =>
      code === 'invalid_type' ? `must be a mapping of keys and values, not ${show(input)}` : undefined,
  });
}

/** A mapping from names that the file chooses. */
export function named<Value extends z.ZodType>(value: Value, doc: string): z.ZodRecord<z.ZodString, Value> {
  const name = z.string().check((context) => {
    try {
      parseName(context.value);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      context.issues.push({ code: 'custom', message: error.message, input: context.value });
    }
  });
  const error = ({ input }: { input?: unknown }) => `must be a mapping of names, not ${show(input)}`;
  return described(z.record(name, value, { error }), {
    doc,
    type: 'mapping of names',
    bounds: null,
    default: null,
  });
}
