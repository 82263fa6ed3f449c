import { z } from 'zod';
import { described, show, text } from './field.ts';
import { parseAnswerFieldName, parseFieldValue } from './field-names.ts';
import { ValueError } from './value-error.ts';

const headerName = z.string().check((context) => {
  try {
    parseAnswerFieldName(context.value);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    context.issues.push({ code: 'custom', message: error.message, input: context.value });
  }
});

const fields = z
  .record(headerName, text({ doc: 'The field’s value.', type: 'text', parse: parseFieldValue }), {
    error: ({ input }) => `must be a mapping of header fields, not ${show(input)}`,
  })
  .superRefine((headers, context) => {
    const seen = new Set<string>();
    for (const name of Object.keys(headers)) {
      const message = 'is given twice: the names of header fields know no case';
      if (seen.has(name.toLowerCase())) {
        context.addIssue({ code: 'custom', message, path: [name], input: headers });
      }
      seen.add(name.toLowerCase());
    }
  })
  .optional();

/** Header fields of a message that the gateway itself writes; nothing of how its connection is used. */
export function headerFieldsSchema(doc: string): typeof fields {
  return described(fields, { doc, type: 'mapping of header fields', bounds: null, default: null });
}
