import { routeBulkheadSchema } from './bulkhead-schema.ts';
import { fallbackSchema } from './fallback-schema.ts';
import { described, duration, flag, text, withDefault } from './field.ts';
import { methodsSchema } from './methods-schema.ts';
import { parseHostPattern, parseName } from './names.ts';
import { retrySchema } from './retry-schema.ts';
import { routeCacheSchema } from './route-cache-schema.ts';
import { parsePrefix, parseRoutePath } from './route-path.ts';
import { mapping } from './structure.ts';

function optionalText(doc: string, type: string, parse: (text: string) => string) {
  const facts = { doc, type, bounds: null, default: null };
  return described(text({ doc, type, parse }).optional(), facts);
}

/** `routes[]`: which requests go to which upstream. */
export const routeSchema = mapping({
  path: text({
    doc: 'Whole segments: `/a/b`, `/a/:id/b`, or `/a/*` for `/a` and everything below it. The most specific route wins, whatever the order.',
    type: 'path',
    parse: parseRoutePath,
  }),
  host: optionalText(
    'Only requests for this host: `www.example.com`, or `*.example.com` for every name below it. Absent: any host.',
    'host name',
    parseHostPattern,
  ),
  methods: methodsSchema({
    doc: 'Only these methods; `GET` stands for `HEAD` as well. Absent: all.',
    empty: 'must list at least one method; leave it out for all',
    absent: null,
  }),
  upstream: text({
    doc: 'Name of the upstream that answers.',
    type: 'name of an upstream',
    parse: parseName,
  }),
  timeout: withDefault(
    duration({
      doc: 'Bounds the whole exchange, body included, but not an open tunnel.',
      min: '1ms',
      max: '24h',
    }),
    '60s',
  ),
  strip_prefix: optionalText(
    'Leading segments of the path that the upstream does not see.',
    'path',
    parsePrefix,
  ),
  rewrite: optionalText(
    'The path that the upstream sees instead; may use the `:names` and the final `*` of `path`. The query stays.',
    'path',
    parseRoutePath,
  ),
  retry: retrySchema,
  fallback: fallbackSchema,
  cache: routeCacheSchema,
  bulkhead: routeBulkheadSchema,
  websocket: withDefault(flag({ doc: 'Upgrades to WebSocket are passed on.' }), true),
  tunnel_idle_timeout: withDefault(
    duration({
      doc: 'How long an open tunnel may be silent in both directions before it is closed.',
      min: '1ms',
      max: '24h',
    }),
    '10m',
  ),
});
