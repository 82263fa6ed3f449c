import { parseCollectorUrl } from './collector-url.ts';
import { count, described, duration, flag, otherwise, percent, text, withDefault } from './field.ts';
import { headerFieldsSchema } from './header-fields-schema.ts';
import { parseName } from './names.ts';
import { mapping } from './structure.ts';

const MOST_SPANS = 100_000;

export const DEFAULT_BATCH = 512;

/** `tracing.export`. */
export const traceExportSchema = mapping({
  interval: withDefault(
    duration({ doc: 'How long a span may wait for others to be sent with.', min: '10ms', max: '1m' }),
    '5s',
  ),
  batch: otherwise(
    count({
      doc: 'Spans in one request; as soon as so many wait, they are sent. At most `queue`.',
      min: 1,
      max: 10_000,
    }),
    `\`${DEFAULT_BATCH}\`, or \`queue\` where that is less`,
  ),
  queue: withDefault(
    count({
      doc: 'Spans that may wait; further ones are dropped, and counted in the log.',
      min: 1,
      max: MOST_SPANS,
    }),
    4096,
  ),
  timeout: withDefault(
    duration({
      doc: 'Time for one batch, further tries included; then it is dropped.',
      min: '10ms',
      max: '1m',
    }),
    '10s',
  ),
}).superRefine(({ batch, queue }, context) => {
  if (batch === undefined || batch <= queue) return;
  const message = `must not be more than queue (${queue}): so many never wait`;
  context.addIssue({ code: 'custom', message, path: ['batch'], input: batch });
});

/** `tracing`: where spans go, and of which requests there are any. */
export const tracingSchema = mapping({
  endpoint: text({
    doc: 'Where a collector takes OTLP over HTTP, as JSON: `http://127.0.0.1:4318/v1/traces`, or `https://`; without a path, `/v1/traces` is added. Empty: nothing is traced.',
    type: 'URL',
    parse: parseCollectorUrl,
  }),
  headers: headerFieldsSchema('Header fields for the collector, such as a key.'),
  sample: withDefault(
    percent({
      doc: 'Share of the requests that are traced, of those whose client decides nothing that is followed.',
      min: '0%',
      max: '100%',
    }),
    '10%',
  ),
  trust_parent: withDefault(
    flag({
      doc: 'Follows the `sampled` flag in the `traceparent` of every client; if not, only of peers in `server.trusted_proxies`. Trace ids are kept either way.',
    }),
    false,
  ),
  service_name: withDefault(
    text({ doc: 'The gateway’s name in traces (`service.name`).', type: 'name', parse: parseName }),
    'breakwater',
  ),
  export: described(traceExportSchema.prefault({}), {
    doc: 'When spans are sent, and how many may wait.',
    type: 'mapping (below)',
    bounds: null,
    default: null,
  }),
});
