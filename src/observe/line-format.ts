import type { LogFormat } from '../config/gateway-config.ts';
import { logfmtLine } from './logfmt-line.ts';

/** From a line of JSON to one of another format, both with their end. */
export type LineFormat = (line: string) => string;

/**
 * Only the thread that writes formats: the others pass JSON on.
 *
 * @param colors of `pretty`
 * @returns null: lines stay JSON
 * @throws {LogStartError} `LOG_FORMAT_MISSING`
 */
export async function loadLineFormat(format: LogFormat, colors: boolean): Promise<LineFormat | null> {
  switch (format) {
    case 'json':
      return null;
    case 'logfmt':
      return logfmtLine;
    case 'pretty':
      return (await import('./pretty-line.ts')).loadPrettyLine(colors);
  }
}
