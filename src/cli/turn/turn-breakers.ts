import { AdminCallError } from '../admin/admin-call-error.ts';
import { AdminClient } from '../admin/admin-client.ts';
import { type AdminOptions, findAdmin } from '../admin/find-admin.ts';
import type { CommandIo } from '../command-io.ts';
import { oneLine } from '../terminal/one-line.ts';
import { listed } from '../terminal/words.ts';
import { findBreaker } from './find-breaker.ts';
import { shellWord, type TurnAction, turnedText } from './turned-text.ts';

export interface TurnOptions extends AdminOptions {
  readonly action: TurnAction;
  /** Of breakers or of upstreams. */
  readonly names: readonly string[];
  /** Every breaker; goes with `reset` and without names. */
  readonly all: boolean;
}

/**
 * `breakwater reset`, `open`, `close` and `release`. Nothing is done when one of the names is wrong.
 *
 * @returns the exit code: 0
 * @throws {AdminCallError}
 */
export async function turnBreakers(options: TurnOptions, io: CommandIo): Promise<number> {
  const { action, names, all } = options;
  if (all === names.length > 0) {
    throw new AdminCallError('BAD_ARGUMENT', all ? 'give names or --all, not both' : 'give a name, or --all');
  }
  const client = new AdminClient(await findAdmin(options, io));
  const overview = await client.overview();
  if (all) {
    const { breakers } = await client.resetAll();
    const open = [...overview.upstreams.map(({ breaker }) => breaker), overview.cacheBreaker].filter(
      (breaker) => breaker !== null && breaker.state !== 'CLOSED',
    );
    const were =
      open.length === 0
        ? 'none was open'
        : `not closed before: ${listed(
            open.map((one) => oneLine(one!.name)),
            10,
          )}`;
    io.out(
      `all ${breakers.length} breakers are closed and their counts are forgotten (${were}). A reset cannot be undone.\n`,
    );
    return 0;
  }
  // All of them before the first is turned.
  const found = names.map((name) => findBreaker(name, overview));
  for (const named of new Set(found)) {
    const { state } = await client.turn(action, named.breaker.name);
    io.out(`${turnedText({ ...named, action, state, where: whereText(options) })}\n`);
  }
  return 0;
}

/** The gateway is found in the same way by the command that undoes it. */
function whereText({ admin, config, configNamed }: AdminOptions): string {
  const file = configNamed ? ` -c ${shellWord(config)}` : '';
  return file + (admin === undefined ? '' : ` --admin ${shellWord(admin)}`);
}
