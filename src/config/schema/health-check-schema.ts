import { z } from 'zod';
import type { StatusRange } from '../gateway-config.ts';
import { count, described, duration, oneOf, otherwise, percent, show, text, withDefault } from './field.ts';
import { formatStatusRanges, statusRange } from './status-ranges.ts';
import { mapping } from './structure.ts';
import { ValueError } from './value-error.ts';

export const DEFAULT_EXPECTED_STATUSES: readonly StatusRange[] = [{ from: 200, to: 299 }];

/**
 * Path and query of a probe.
 * @throws {ValueError}
 */
export function parseProbePath(value: string): string {
  if (!/^\/[\x21\x22\x24-\x7e]*$/.test(value) || /[\\^`{|}"<>]/.test(value)) {
    throw new ValueError('must be a path such as /health, percent-encoded and without a fragment');
  }
  return value;
}

const status = statusRange({ lowest: 100, highest: 599 });

/** `health_check.expect`. */
export const expectSchema = mapping({
  status: described(
    z
      .union([z.array(status).min(1, { error: 'must list at least one status' }), status], {
        error: ({ input }) =>
          `must be a status, a range such as 200-299, or a list of them, not ${show(input)}`,
      })
      .optional(),
    {
      doc: `Statuses of a good probe. Default: ${formatStatusRanges(DEFAULT_EXPECTED_STATUSES)}.`,
      type: 'status or range, or list of them',
      bounds: null,
      default: formatStatusRanges(DEFAULT_EXPECTED_STATUSES),
    },
  ),
  body: described(text({ doc: '', type: 'text', parse: parseExpectedBody }).optional(), {
    doc: 'Text that the first 64 KiB of its body must contain. Needs `method: GET`.',
    type: 'text',
    bounds: null,
    default: null,
  }),
});

function parseExpectedBody(value: string): string {
  if (value === '') throw new ValueError('must not be empty: every body contains that');
  return value;
}

/** `upstreams.<name>.health_check`. */
export const healthCheckFieldsSchema = mapping({
  path: withDefault(
    text({ doc: 'Path and query of the probe.', type: 'path', parse: parseProbePath }),
    '/health',
  ),
  method: withDefault(oneOf({ doc: 'Method of the probe.', values: ['GET', 'HEAD'] as const }), 'GET'),
  interval: withDefault(
    duration({ doc: 'Time between two probes of a target.', min: '10ms', max: '24h' }),
    '15s',
  ),
  unhealthy_interval: otherwise(
    duration({ doc: 'Time between two probes of a target that is not healthy.', min: '10ms', max: '24h' }),
    'a third of `interval`',
  ),
  timeout: withDefault(
    duration({ doc: 'A probe without an answer after this time is a bad one.', min: '1ms', max: '1h' }),
    '2s',
  ),
  jitter: withDefault(
    percent({
      doc: 'By so much an interval varies at random, so that many gateways do not probe at the same moment.',
      min: '0%',
      max: '100%',
    }),
    '10%',
  ),
  rise: withDefault(count({ doc: 'Good probes in a row that make a target healthy.', min: 1, max: 1000 }), 2),
  fall: withDefault(
    count({ doc: 'Bad probes in a row that make a target unhealthy.', min: 1, max: 1000 }),
    3,
  ),
  expect: described(expectSchema.optional(), {
    doc: 'What a good probe’s answer is like.',
    type: 'mapping (below)',
    bounds: null,
    default: null,
  }),
}).superRefine(({ method, expect }, context) => {
  if (method !== 'HEAD' || expect?.body === undefined) return;
  const message = 'cannot be looked for with method HEAD, whose answers have no body';
  context.addIssue({ code: 'custom', message, path: ['expect', 'body'], input: expect.body });
});

export const healthCheckSchema = described(healthCheckFieldsSchema.optional(), {
  doc: 'Asks every target by itself whether it is well. Absent: only live requests show it.',
  type: 'mapping (below)',
  bounds: null,
  default: null,
});
