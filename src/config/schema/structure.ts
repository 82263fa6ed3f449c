import { z } from 'zod';
import { suggestion } from '../suggest.ts';
import { described, show } from './field.ts';
import { parseName } from './names.ts';
import { ValueError } from './value-error.ts';

/**
 * A mapping whose keys are all known; any other key is a mistake, never ignored. The message for several unknown
 * keys has one line for each, in the order of the issue's `keys`.
 */
export function mapping<Shape extends z.core.$ZodShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys')
        return issue.keys.map((key) => unknownKey(key, known)).join('\n');
      return `must be a mapping of keys and values, not ${show(issue.input)}`;
    },
  });
}

function unknownKey(key: string, known: readonly string[]): string {
  return `unknown key ${show(key)}; ${suggestion(key, known)}`;
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
