import { parseDuration } from '../../config/schema/quantities.ts';
import { AdminCallError } from '../admin/admin-call-error.ts';
import { AdminClient } from '../admin/admin-client.ts';
import { type AdminOptions, findAdmin } from '../admin/find-admin.ts';
import type { CommandIo } from '../command-io.ts';
import { paletteFor } from '../terminal/palette.ts';
import { screenWidth } from '../terminal/screen-width.ts';
import { renderStatus } from './render-status.ts';
import { watchStatus } from './watch-status.ts';

export interface StatusOptions extends AdminOptions {
  readonly watch: boolean;
  readonly json: boolean;
  /** Between two looks: `1s`. */
  readonly interval: string;
}

const DEGRADED = 2;

/**
 * `breakwater status`.
 *
 * @returns the exit code: 0 when the gateway says that it is healthy, 2 when not; 0 for a watch that was ended
 * @throws {AdminCallError}
 */
export async function status(options: StatusOptions, io: CommandIo): Promise<number> {
  const intervalMs = parseInterval(options.interval);
  const client = new AdminClient(await findAdmin(options, io));
  if (options.watch) {
    const read = (signal: AbortSignal) => client.overview(signal);
    return watchStatus({ read, intervalMs, json: options.json }, io);
  }
  const overview = await client.overview();
  if (options.json) io.out(`${JSON.stringify(overview, null, 2)}\n`);
  else {
    const look = { width: screenWidth(io.outScreen, io.env), palette: paletteFor(io.outScreen, io.env) };
    io.out(`${renderStatus(overview, look).join('\n')}\n`);
  }
  return overview.gateway.status === 'healthy' ? 0 : DEGRADED;
}

function parseInterval(text: string): number {
  let milliseconds: number;
  try {
    milliseconds = parseDuration(text);
  } catch (error) {
    throw new AdminCallError('BAD_ARGUMENT', `--interval ${text}: ${(error as Error).message}`, error);
  }
  if (milliseconds >= 100 && milliseconds <= 3_600_000) return milliseconds;
  throw new AdminCallError('BAD_ARGUMENT', `--interval must be from 100ms to 1h, not ${text}`);
}
