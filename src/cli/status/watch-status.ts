import type { Overview } from '../../admin/live/live-types.ts';
import { AdminCallError } from '../admin/admin-call-error.ts';
import type { CommandIo } from '../command-io.ts';
import { Interruption } from '../terminal/interruption.ts';
import { canRedraw } from '../terminal/palette.ts';
import { pause } from '../terminal/pause.ts';
import { ChangeLog } from './change-log.ts';
import { JsonLines } from './json-lines.ts';
import { LiveTable } from './live-table.ts';

export interface Watch {
  read(signal: AbortSignal): Promise<Overview>;
  readonly intervalMs: number;
  /** One line of JSON for each look. */
  readonly json: boolean;
}

/** How a watch shows what it sees. */
export interface Watcher extends Disposable {
  show(overview: Overview): void;
  /** The gateway does not answer now. */
  lost(error: AdminCallError): void;
}

/**
 * `breakwater status --watch`, until Ctrl-C. A gateway that is away for a while is waited for; one that was never there
 * is an error.
 *
 * @returns 0
 * @throws {AdminCallError} the first look failed, or a later one for a reason that does not pass
 */
export async function watchStatus({ read, intervalMs, json }: Watch, io: CommandIo): Promise<number> {
  using interruption = new Interruption(io);
  const { signal } = interruption;
  let overview: Overview;
  try {
    overview = await read(signal);
  } catch (error) {
    if (signal.aborted) return 0;
    throw error;
  }
  using watcher = watcherFor(json, io);
  watcher.show(overview);
  for (;;) {
    await pause(intervalMs, signal);
    if (signal.aborted) return 0;
    try {
      watcher.show(await read(signal));
    } catch (error) {
      if (signal.aborted) return 0;
      if (!(error instanceof AdminCallError && error.passing)) throw error;
      watcher.lost(error);
    }
  }
}

function watcherFor(json: boolean, io: CommandIo): Watcher {
  if (json) return new JsonLines(io);
  return canRedraw(io.outScreen, io.env) ? new LiveTable(io) : new ChangeLog(io);
}
