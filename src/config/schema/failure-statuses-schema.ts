import { z } from 'zod';
import type { StatusRange } from '../gateway-config.ts';
import { described, show, text } from './field.ts';
import { ValueError } from './value-error.ts';

/** Informational and successful answers cannot be failures. */
const LOWEST = 300;
const HIGHEST = 599;

/** 501 and 505 tell of what was asked, not of the health of who answers. */
export const DEFAULT_FAILURE_STATUSES: readonly StatusRange[] = [
  { from: 500, to: 500 },
  { from: 502, to: 504 },
  { from: 506, to: HIGHEST },
];

/** `502-504`. */
export function formatStatusRange({ from, to }: StatusRange): string {
  return from === to ? String(from) : `${from}-${to}`;
}

/**
 * `429` or `502-504`.
 * @throws {ValueError}
 */
export function parseStatusRange(value: string): StatusRange {
  const [, from, to = from] = /^(\d{3})(?:-(\d{3}))?$/.exec(value) ?? [];
  const range = { from: Number(from), to: Number(to) };
  if (!(LOWEST <= range.from && range.from <= range.to && range.to <= HIGHEST)) {
    throw new ValueError(
      `must be a status from ${LOWEST} to ${HIGHEST}, or a range such as 502-504, not ${show(value)}`,
    );
  }
  return range;
}

const range = text({
  doc: 'A status, or a range of statuses: `502-504`.',
  type: 'status or range',
  parse: parseStatusRange,
});

const status = z.int().transform((value, context) => {
  try {
    return parseStatusRange(String(value));
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    context.addIssue({ code: 'custom', message: error.message, input: value });
    return z.NEVER;
  }
});

const shown = DEFAULT_FAILURE_STATUSES.map(formatStatusRange).join(', ');

export const failureStatusesSchema = described(
  z
    .array(
      z.union([status, range], {
        error: ({ input }) => `must be a status, or a range such as 502-504, not ${show(input)}`,
      }),
      { error: ({ input }) => `must be a list of statuses such as [${shown}, 429], not ${show(input)}` },
    )
    .optional(),
  {
    doc: `Statuses of answers that are failures, in place of the usual ones. Default: \`[${shown}]\`.`,
    type: 'list of statuses and ranges',
    bounds: null,
    default: `\`[${shown}]\``,
  },
);
