import { z } from 'zod';
import type { AccessLogConfig, LogFormat, LogLevel } from '../gateway-config.ts';
import { described, duration, oneOf, percent, show, text, withDefault } from './field.ts';
import { parseFieldName } from './field-names.ts';
import { listOf } from './list-of.ts';
import { parseLogFile, parseSecretName } from './log-values.ts';
import { mapping } from './structure.ts';

const LOG_LEVELS = [
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'fatal',
  'silent',
] as const satisfies LogLevel[];

const LOG_FORMATS = ['json', 'logfmt', 'pretty'] as const satisfies LogFormat[];

const QUERIES = ['names', 'keep', 'drop'] as const satisfies AccessLogConfig['query'][];

const CLIENT_ADDRESSES = ['full', 'prefix', 'none'] as const satisfies AccessLogConfig['clientAddress'][];

/** The mapping form of `log.access`. */
export const accessLogFieldsSchema = mapping({
  sample: withDefault(
    percent({
      doc: 'Share of plain requests that are written. Those are always written that did not end with the upstream’s or a page of the gateway’s own answer, were answered 500 or above, took an attempt that failed, or were slow.',
      min: '0%',
      max: '100%',
    }),
    '100%',
  ),
  slow: withDefault(
    duration({ doc: 'A request that took so long is slow, and always written.', min: '1ms', max: '24h' }),
    '1s',
  ),
  file: described(text({ doc: '', type: 'path', parse: parseLogFile }).optional(), {
    doc: 'Where to append the lines; SIGHUP opens it anew. Empty or absent: standard output, with the log.',
    type: 'path',
    bounds: null,
    default: null,
  }),
  query: withDefault(
    oneOf({
      doc: 'What is written of a query: the `names` of its parameters, with masks for their values; or `keep` it, but for the values of `redact`; or `drop` it.',
      values: QUERIES,
    }),
    'names',
  ),
  redact: listOf(text({ doc: 'A name, whatever its case.', type: 'name', parse: parseSecretName }), {
    doc: 'Parameters of the query and header fields whose values are masked, besides the usual ones (authorization, cookie, token, password, api_key, …).',
    type: 'list of names',
    example: 'a list of names such as [patient, X-User]',
    empty: null,
    absent: '`[]`',
  }),
  request_headers: listOf(
    text({ doc: 'A name of a field.', type: 'name of a header field', parse: parseFieldName }),
    {
      doc: 'Fields of the request that are written as well.',
      type: 'list of header fields',
      example: 'a list of header fields such as [User-Agent, Referer]',
      empty: null,
      absent: '`[]`',
    },
  ),
  client_address: withDefault(
    oneOf({
      doc: 'How much is written of who asks: the `full` address, its `prefix` (/24, or /48 of IPv6), or `none`.',
      values: CLIENT_ADDRESSES,
    }),
    'full',
  ),
});

/** `log`: what the gateway says of itself, and of each request. */
export const logSchema = mapping({
  level: withDefault(
    oneOf({
      doc: 'The least severe lines that are written. The access log does not ask it.',
      values: LOG_LEVELS,
    }),
    'info',
  ),
  format: withDefault(
    oneOf({
      doc: 'How lines are written, those of the access log as well; `pretty` is for a person at a terminal.',
      values: LOG_FORMATS,
    }),
    'json',
  ),
  access: described(
    z
      .union([z.boolean(), accessLogFieldsSchema], {
        error: ({ input }) => `must be true, false, or a mapping such as { sample: 10% }, not ${show(input)}`,
      })
      .optional(),
    {
      doc: 'The access log: one line for each request. Default: false.',
      type: 'boolean, or mapping (below)',
      bounds: null,
      default: 'false',
    },
  ),
});
