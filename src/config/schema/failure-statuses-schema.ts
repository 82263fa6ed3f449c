import type { StatusRange } from '../gateway-config.ts';
import { listOf } from './list-of.ts';
import { formatStatusRange, formatStatusRanges, statusRange } from './status-ranges.ts';

const HIGHEST = 599;

/** 501 and 505 tell of what was asked, not of the health of who answers. */
export const DEFAULT_FAILURE_STATUSES: readonly StatusRange[] = [
  { from: 500, to: 500 },
  { from: 502, to: 504 },
  { from: 506, to: HIGHEST },
];

const shown = DEFAULT_FAILURE_STATUSES.map(formatStatusRange).join(', ');

/** Informational and successful answers cannot be failures. */
export const failureStatusesSchema = listOf(statusRange({ lowest: 300, highest: HIGHEST }), {
  doc: 'Statuses of answers that are failures, in place of the usual ones.',
  type: 'list of statuses and ranges',
  example: `a list of statuses such as [${shown}, 429]`,
  empty: null,
  absent: formatStatusRanges(DEFAULT_FAILURE_STATUSES),
});

/** An interim answer is never the one that is judged. */
export const excludedStatusesSchema = listOf(statusRange({ lowest: 200, highest: HIGHEST }), {
  doc: 'Statuses of answers that count nowhere, neither as failures nor as successes, even where they are among the usual `failure_statuses`.',
  type: 'list of statuses and ranges',
  example: 'a list of statuses such as [404, 429]',
  empty: null,
  absent: '`[]`',
});
