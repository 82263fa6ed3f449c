import type { DroppedLines } from '../observe/dropped-lines.ts';
import type { Logger } from '../observe/log.ts';

/** What a gateway is given of its logs, which begin before it does. */
export interface LogOptions {
  readonly log: Logger;
  /** Counts what nobody read in time. */
  readonly dropped: DroppedLines;
  /** Whether standard output shows colours, in the format `pretty`. */
  readonly colors: boolean;
}
