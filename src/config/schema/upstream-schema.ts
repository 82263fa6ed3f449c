import { z } from 'zod';
import { balanceSchema } from './balance-schema.ts';
import { circuitBreakerSchema } from './breaker-schema.ts';
import { upstreamBulkheadSchema } from './bulkhead-schema.ts';
import { dnsSchema } from './dns-schema.ts';
import { ejectionSchema } from './ejection-schema.ts';
import { count, described, duration, flag, otherwise, show, text, withDefault } from './field.ts';
import { healthCheckSchema } from './health-check-schema.ts';
import { mapping } from './structure.ts';
import { parseTargetUrl } from './target-url.ts';

export const urlSchema = text({
  doc: 'Scheme, host and port: `http://127.0.0.1:8081`. No path, query or password.',
  type: 'URL',
  parse: parseTargetUrl,
});

export const targetSchema = mapping({
  url: urlSchema,
  weight: withDefault(
    count({
      doc: 'Its share of the requests, against the weights of the other targets.',
      min: 1,
      max: 1000,
    }),
    1,
  ),
});

/** `upstreams.<name>`: a service behind the gateway. */
export const upstreamSchema = mapping({
  targets: described(
    z
      .array(
        z.union([urlSchema, targetSchema], {
          error: ({ input }) =>
            `must be a URL such as http://127.0.0.1:8081, or { url, weight }, not ${show(input)}`,
        }),
        { error: ({ input }) => `must be a list of URLs, not ${show(input)}` },
      )
      .min(1, { error: 'must list at least one URL' }),
    {
      doc: 'Where the service listens: URLs, or `{ url, weight }`.',
      type: 'list of URLs or `{ url, weight }`',
      bounds: null,
      default: null,
    },
  ),
  balance: balanceSchema,
  slow_start: withDefault(
    duration({
      doc: 'How long a target that joins, or comes back, takes to get its whole share of the requests; `0s`: it gets it at once.',
      min: '0s',
      max: '1h',
    }),
    '0s',
  ),
  ejection: ejectionSchema,
  health_check: healthCheckSchema,
  dns: dnsSchema,
  bulkhead: upstreamBulkheadSchema,
  connect_timeout: withDefault(
    duration({ doc: 'Longest wait for a connection to a target.', min: '1ms', max: '1h' }),
    '5s',
  ),
  response_timeout: otherwise(
    duration({
      doc: 'Longest wait for a response head, whatever the breaker says; counted from the sent request.',
      min: '1ms',
      max: '24h',
    }),
    '30s, or the breaker’s `request_timeout` where that is longer',
  ),
  idle_body_timeout: withDefault(
    duration({ doc: 'Longest silence in the middle of a response body.', min: '1ms', max: '24h' }),
    '60s',
  ),
  max_connections: withDefault(
    count({
      doc: 'Connections per target; divided among the workers, one for each at least.',
      min: 1,
      max: 100_000,
    }),
    256,
  ),
  keep_alive: withDefault(
    duration({ doc: 'How long an unused connection to a target is kept.', min: '1ms', max: '24h' }),
    '60s',
  ),
  allow_h2: withDefault(flag({ doc: 'HTTP/2 is used where an https target offers it.' }), true),
  preserve_host: withDefault(
    flag({ doc: 'The client’s `Host` is sent on; otherwise the target’s own name and port.' }),
    false,
  ),
  circuit_breaker: described(circuitBreakerSchema.optional(), {
    doc: 'A profile’s name, or the fields, or `{ profile: name, … }` with fields that replace the profile’s.',
    type: 'name of a profile, or mapping',
    bounds: null,
    default: null,
  }),
});
