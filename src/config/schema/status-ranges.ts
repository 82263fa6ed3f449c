import { z } from 'zod';
import type { StatusRange } from '../gateway-config.ts';
import { show, text } from './field.ts';
import { ValueError } from './value-error.ts';

/** Which statuses a list may hold; both belong to it. */
export interface StatusBounds {
  readonly lowest: number;
  readonly highest: number;
}

/** `502-504`. */
export function formatStatusRange({ from, to }: StatusRange): string {
  return from === to ? String(from) : `${from}-${to}`;
}

/** `[500, 502-504]`, as code for the manual. */
export function formatStatusRanges(ranges: readonly StatusRange[]): string {
  return `\`[${ranges.map(formatStatusRange).join(', ')}]\``;
}

/**
 * `429` or `502-504`.
 * @throws {ValueError}
 */
export function parseStatusRange(value: string, { lowest, highest }: StatusBounds): StatusRange {
  const [, from, to = from] = /^(\d{3})(?:-(\d{3}))?$/.exec(value) ?? [];
  const range = { from: Number(from), to: Number(to) };
  if (!(lowest <= range.from && range.from <= range.to && range.to <= highest)) {
    throw new ValueError(
      `must be a status from ${lowest} to ${highest}, or a range such as 502-504, not ${show(value)}`,
    );
  }
  return range;
}

/** An item of a list of statuses: `429`, or `502-504`. */
export function statusRange(bounds: StatusBounds): z.ZodType<StatusRange, number | string> {
  const range = text({
    doc: 'A status, or a range of statuses: `502-504`.',
    type: 'status or range',
    parse: (value) => parseStatusRange(value, bounds),
  });
  // Its own bounds are those of whole numbers, about which nobody wants to hear.
  const status = z.int({ error: ({ input }) => mustBe(input) }).transform((value, context) => {
    try {
      return parseStatusRange(String(value), bounds);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      context.addIssue({ code: 'custom', message: error.message, input: value });
      return z.NEVER;
    }
  });
  return z.union([status, range], {
    error: ({ input }) => mustBe(input),
  });
}

function mustBe(input: unknown): string {
  return `must be a status, or a range such as 502-504, not ${show(input)}`;
}
