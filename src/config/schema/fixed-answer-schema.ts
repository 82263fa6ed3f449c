import { z } from 'zod';
import { count, described, text, withDefault } from './field.ts';
import { headerFieldsSchema } from './header-fields-schema.ts';
import { mapping } from './structure.ts';

/** RFC 9110 §15.3.5 and §15.4.5. */
const BODYLESS: ReadonlySet<number> = new Set([204, 304]);

/** The answer of a `static` or `mock` step. */
export const fixedAnswerSchema = mapping({
  status: withDefault(count({ doc: 'Its status.', min: 200, max: 599 }), 200),
  headers: headerFieldsSchema('Its header fields.'),
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
