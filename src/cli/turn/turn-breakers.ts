import type { Overview } from '../../admin/live/live-types.ts';
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
    io.out(`${allReset((await client.resetAll()).length, overview)}\n`);
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

/** @param before as it was */
function allReset(count: number, { upstreams, cacheBreaker }: Overview): string {
  const breakers = [
    ...upstreams.map(({ breaker }) => breaker),
    ...(cacheBreaker === null ? [] : [cacheBreaker]),
  ];
  const open = breakers.filter(({ state }) => state !== 'CLOSED').map(({ name }) => oneLine(name));
  const were = open.length === 0 ? 'none was open' : `not closed before: ${listed(open, 10)}`;
  const all = count === 1 ? 'the only breaker is' : `all ${count} breakers are`;
  return `${all} closed and the counts are forgotten (${were}). A reset cannot be undone.`;
}

/** The gateway is found in the same way by the command that undoes it. */
function whereText({ admin, config, configNamed }: AdminOptions): string {
  const file = configNamed ? ` -c ${shellWord(config)}` : '';
  return file + (admin === undefined ? '' : ` --admin ${shellWord(admin)}`);
}
