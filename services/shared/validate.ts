import { z } from 'zod';
import { ServiceError } from './service-error.ts';

interface FieldProblem {
  /** The field's path, dotted; empty when the value as a whole is wrong. */
  readonly field: string;
  readonly message: string;
}

function describe(issue: z.core.$ZodIssue): FieldProblem[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: [...path, key].join('.'), message: 'this field is not known' }));
  }
  return [{ field: path.join('.'), message: issue.message }];
}

/**
 * Checks what a client sent.
 *
 * @throws ServiceError 400 VALIDATION_FAILED, whose `fields` lists every field that is wrong
 */
export function validate<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = z.safeParse(schema, value ?? {});
  if (result.success) return result.data;
  const fields = result.error.issues.flatMap(describe);
  const summary = fields.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join('; ');
  throw new ServiceError(400, 'VALIDATION_FAILED', `The request is not valid. ${summary}`, {
    details: { fields },
  });
}
