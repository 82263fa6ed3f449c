import { z } from 'zod';
import { count, described, show, text, withDefault } from './field.ts';
import { parseAnswerFieldName, parseFieldValue } from './field-names.ts';
import { mapping } from './structure.ts';
import { ValueError } from './value-error.ts';

const headerName = z.string().check((context) => {
  try {
    parseAnswerFieldName(context.value);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    context.issues.push({ code: 'custom', message: error.message, input: context.value });
  }
});

const headersSchema = described(
  z
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
    .optional(),
  {
    doc: 'Its header fields.',
    type: 'mapping of header fields',
    bounds: null,
    default: null,
  },
);

/** RFC 9110 §15.3.5 and §15.4.5. */
const BODYLESS: ReadonlySet<number> = new Set([204, 304]);

/** The answer of a `static` or `mock` step. */
export const fixedAnswerSchema = mapping({
  status: withDefault(count({ doc: 'Its status.', min: 200, max: 599 }), 200),
  headers: headersSchema,
  json: described(z.unknown().optional(), {
    doc: 'Any YAML value, sent as JSON with `Content-Type: application/json` unless `headers` say otherwise.',
    type: 'any value',
    bounds: null,
    default: null,
  }),
  body: described(text({ doc: '', type: 'text', parse: (value) => value }).optional(), {
    doc: 'Instead of `json`: text, sent with `Content-Type: text/plain; charset=utf-8` unless `headers` say otherwise.',
    type: 'text',
    bounds: null,
    default: null,
  }),
}).superRefine((answer, context) => {
  const { json, body, status } = answer;
  const wrong = (key: string, message: string) =>
    context.addIssue({ code: 'custom', message, path: [key], input: answer });
  if (json !== undefined && body !== undefined) wrong('body', 'cannot be given together with json');
  if (BODYLESS.has(status)) {
    for (const key of ['json', 'body'] as const)
      if (answer[key] !== undefined)
        wrong(key, `cannot be given: an answer with status ${status} has no body`);
  }
  if (!isJson(json)) wrong('json', 'holds a number that JSON does not have');
});

/** YAML has `.inf` and `.nan`, of which JSON would make null. */
function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isJson);
}
