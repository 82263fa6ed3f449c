import type { z } from 'zod';
import { formatDuration } from './quantities.ts';

interface Bound {
  readonly key: string;
  /** Milliseconds; undefined where the file does not give it. */
  readonly given: number | undefined;
  /** Milliseconds. */
  readonly otherwise: number;
}

/** Finds a duration above the one that bounds it, and says so at a key that is there: the other may be a default. */
export function checkOrder(context: z.core.$RefinementCtx, low: Bound, high: Bound): void {
  const least = low.given ?? low.otherwise;
  const most = high.given ?? high.otherwise;
  if (least <= most) return;
  const [key, message] =
    high.given === undefined
      ? [low.key, `must not be longer than ${high.key} (${formatDuration(most)}, if not given)`]
      : [high.key, `must not be shorter than ${low.key} (${formatDuration(least)})`];
  context.addIssue({ code: 'custom', message, path: [key], input: least });
}
