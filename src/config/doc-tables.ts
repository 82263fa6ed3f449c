import type { z } from 'zod';
import { answersSchema } from './schema/answers-schema.ts';
import { hashFieldsSchema } from './schema/balance-schema.ts';
import {
  openTimeoutFieldsSchema,
  slowCallFieldsSchema,
  windowFieldsSchema,
} from './schema/breaker-rules-schema.ts';
import { breakerFieldsSchema } from './schema/breaker-schema.ts';
import { bulkheadFieldsSchema, routeBulkheadFieldsSchema } from './schema/bulkhead-schema.ts';
import { cacheSchema, redisSchema } from './schema/cache-schema.ts';
import { dnsFieldsSchema } from './schema/dns-schema.ts';
import { ejectionFieldsSchema } from './schema/ejection-schema.ts';
import { fallbackStepSchema } from './schema/fallback-schema.ts';
import { fieldFacts } from './schema/field.ts';
import { fixedAnswerSchema } from './schema/fixed-answer-schema.ts';
import { gatewaySchema } from './schema/gateway-schema.ts';
import { expectSchema, healthCheckFieldsSchema } from './schema/health-check-schema.ts';
import { accessLogFieldsSchema, logSchema } from './schema/log-schema.ts';
import { backoffSchema, retryFieldsSchema } from './schema/retry-schema.ts';
import { routeCacheFieldsSchema } from './schema/route-cache-schema.ts';
import { routeSchema } from './schema/route-schema.ts';
import { adminSchema, serverSchema } from './schema/server-schema.ts';
import { traceExportSchema, tracingSchema } from './schema/tracing-schema.ts';
import { targetSchema, upstreamSchema } from './schema/upstream-schema.ts';

/** The sections of docs/configuration.md that are made from the schema, by the name in their marker. */
const SECTIONS: Readonly<Record<string, z.ZodObject>> = {
  file: gatewaySchema,
  server: serverSchema,
  answers: answersSchema,
  admin: adminSchema,
  log: logSchema,
  tracing: tracingSchema,
  trace_export: traceExportSchema,
  access: accessLogFieldsSchema,
  cache: cacheSchema,
  redis: redisSchema,
  bulkhead: bulkheadFieldsSchema,
  upstream: upstreamSchema,
  target: targetSchema,
  hash: hashFieldsSchema,
  ejection: ejectionFieldsSchema,
  health_check: healthCheckFieldsSchema,
  expect: expectSchema,
  dns: dnsFieldsSchema,
  circuit_breaker: breakerFieldsSchema,
  window: windowFieldsSchema,
  slow_call: slowCallFieldsSchema,
  open_timeout: openTimeoutFieldsSchema,
  route: routeSchema,
  retry: retryFieldsSchema,
  backoff: backoffSchema,
  fallback: fallbackStepSchema,
  fixed_answer: fixedAnswerSchema,
  route_cache: routeCacheFieldsSchema,
  route_bulkhead: routeBulkheadFieldsSchema,
};

const MARKED = /(<!-- keys: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g;

/**
 * Writes the tables between `<!-- keys: section -->` and `<!-- end -->` anew.
 * @throws {RangeError} when the manual lacks a section, or asks for one that is not there
 */
export function renderDocTables(manual: string): string {
  const missing = new Set(Object.keys(SECTIONS));
  const rendered = manual.replace(MARKED, (_, open: string, name: string, close: string) => {
    const section = SECTIONS[name];
    if (section === undefined) throw new RangeError(`the schema has no section "${name}"`);
    missing.delete(name);
    return `${open}${table(section)}${close}`;
  });
  if (missing.size > 0) throw new RangeError(`the manual has no table for ${[...missing].join(', ')}`);
  return rendered;
}

function table(section: z.ZodObject): string {
  const rows = Object.entries(section.shape).map(([key, field]) => row(key, field as z.ZodType));
  return `\n| Key | Value | Default | Meaning |\n|-|-|-|-|\n${rows.join('')}\n`;
}

function row(key: string, field: z.ZodType): string {
  const facts = fieldFacts.get(field) ?? unwrapped(field);
  if (facts === undefined) throw new RangeError(`nothing is known about "${key}"`);
  const bounds = facts.bounds === null ? '' : `, ${facts.bounds}`;
  const required = !field.safeParse(undefined).success;
  const otherwise = facts.default === null ? (required ? '**required**' : '–') : quoted(facts.default);
  // What stands in the column "Default" needs no second mention.
  const doc = facts.doc.replace(/ Default: [^:]*\.$/, '');
  return `| \`${key}\` | ${facts.type}${bounds} | ${otherwise} | ${doc} |\n`;
}

function unwrapped(field: z.ZodType): ReturnType<typeof fieldFacts.get> {
  const inner = (field as unknown as { unwrap?: () => z.ZodType }).unwrap?.();
  return inner === undefined ? undefined : fieldFacts.get(inner);
}

function quoted(value: string): string {
  return /[`\s]/.test(value) ? value : `\`${value}\``;
}
