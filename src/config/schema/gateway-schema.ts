import { z } from 'zod';
import { breakerProfileSchema } from './breaker-schema.ts';
import { described, show } from './field.ts';
import { routeSchema } from './route-schema.ts';
import { adminSchema, logSchema, serverSchema } from './server-schema.ts';
import { mapping, named } from './structure.ts';
import { upstreamSchema } from './upstream-schema.ts';

function section<Schema extends z.ZodType>(schema: Schema, doc: string): Schema {
  return described(schema, { doc, type: 'mapping', bounds: null, default: null });
}

/** The whole file: every key, its meaning, bounds and default. */
export const gatewaySchema = mapping({
  server: section(serverSchema.prefault({}), 'The port that clients use, and what they may ask of it.'),
  admin: section(adminSchema.optional(), 'The admin API on a port of its own. Absent: there is none.'),
  log: section(logSchema.prefault({}), 'JSON lines on standard output.'),
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
