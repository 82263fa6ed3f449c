import { z } from 'zod';
import { answersSchema } from './answers-schema.ts';
import { breakerProfileSchema } from './breaker-schema.ts';
import { bulkheadFieldsSchema } from './bulkhead-schema.ts';
import { cacheSchema } from './cache-schema.ts';
import { described, show, text } from './field.ts';
import { logSchema } from './log-schema.ts';
import { parseActiveProfile } from './names.ts';
import { routeSchema } from './route-schema.ts';
import { adminSchema, serverSchema } from './server-schema.ts';
import { mapping, named } from './structure.ts';
import { tracingSchema } from './tracing-schema.ts';
import { upstreamSchema } from './upstream-schema.ts';

function section<Schema extends z.ZodType>(schema: Schema, doc: string): Schema {
  return described(schema, { doc, type: 'mapping', bounds: null, default: null });
}

/** The whole file: every key, its meaning, bounds and default. */
export const gatewaySchema = mapping({
  profile: described(
    text({ doc: '', type: 'name of a profile', parse: parseActiveProfile }).nullable().optional(),
    {
      doc: 'The profile in effect: breakers that name none take its fields, and `development` allows `mock` fallbacks. Empty or absent: none.',
      type: 'name of a profile',
      bounds: null,
      default: null,
    },
  ),
  server: section(serverSchema.prefault({}), 'The port that clients use, and what they may ask of it.'),
  answers: section(answersSchema.prefault({}), 'What the gateway adds to the answers that it passes on.'),
  admin: section(adminSchema.optional(), 'The admin API on a port of its own. Absent: there is none.'),
  log: section(
    logSchema.prefault({}),
    'What the gateway says of itself and of each request, on standard output.',
  ),
  tracing: section(
    tracingSchema.optional(),
    'OpenTelemetry spans, sent by OTLP over HTTP. Absent: nothing is traced, and the clients’ trace context is passed on as it is.',
  ),
  cache: section(cacheSchema.prefault({}), 'The store that the routes’ caches share.'),
  bulkheads: named(
    bulkheadFieldsSchema,
    'Pools of slots that routes and upstreams share, by name.',
  ).optional(),
  circuit_breakers: named(breakerProfileSchema, 'Named profiles that upstreams may refer to.').optional(),
  upstreams: named(upstreamSchema, 'The services behind the gateway, by name.').refine(
    (upstreams) => Object.keys(upstreams).length > 0,
    { error: 'must name at least one upstream' },
  ),
  routes: described(
    z
      .array(routeSchema, { error: ({ input }) => `must be a list of routes, not ${show(input)}` })
      .min(1, { error: 'must list at least one route' }),
    {
      doc: 'Which requests go to which upstream.',
      type: 'list of mappings',
      bounds: null,
      default: null,
    },
  ),
});

export type GatewayFile = z.output<typeof gatewaySchema>;
