import { z } from 'zod';
import { gatewaySchema } from './schema/gateway-schema.ts';

/** Any value may be, or hold, a reference to a variable: an editor must not call that a mistake. */
const REFERENCE = { type: 'string', pattern: String.raw`\$\{` } as const;

type JsonSchema = z.core.JSONSchema.JSONSchema;

/**
 * The file's JSON Schema, by which editors complete and explain its keys. Draft 7: what the YAML language server
 * knows best.
 */
export function gatewayJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(gatewaySchema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => allowReference(jsonSchema),
  });
  return {
    $schema: schema.$schema!,
    title: 'Breakwater gateway configuration',
    ...schema,
  };
}

/** Moves what restricts a scalar into one of two alternatives; the other is a reference. */
function allowReference(schema: JsonSchema): void {
  const restricted =
    schema.type === 'integer' ||
    schema.type === 'number' ||
    schema.type === 'boolean' ||
    schema.enum !== undefined ||
    schema.const !== undefined ||
    (schema.type === 'string' && schema.pattern !== undefined);
  if (!restricted) return;
  const rules: JsonSchema = {};
  for (const key of ['type', 'enum', 'const', 'pattern', 'minimum', 'maximum'] as const) {
    if (schema[key] === undefined) continue;
    Object.assign(rules, { [key]: schema[key] });
    delete schema[key];
  }
  schema.anyOf = [rules, { ...REFERENCE }];
}
