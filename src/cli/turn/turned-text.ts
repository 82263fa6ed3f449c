import type { BreakerOverview } from '../../admin/live/live-types.ts';
import { stateWord } from '../status/breaker-row.ts';
import { oneLine } from '../terminal/one-line.ts';
import type { NamedBreaker } from './find-breaker.ts';

export type TurnAction = 'reset' | 'open' | 'close' | 'release';

export interface Turned extends NamedBreaker {
  readonly action: TurnAction;
  /** As it is now; `breaker` is as it was. */
  readonly state: BreakerOverview['state'];
  /** What the command that undoes it needs besides: ` --admin http://127.0.0.1:9901`. */
  readonly where: string;
}

/** What an action did, what that means, and how it is undone. */
export function turnedText(turned: Turned): string {
  const { action, breaker: before, state } = turned;
  const name = oneLine(before.name);
  const who = whoOf(turned);
  switch (action) {
    case 'open':
      return `${name} is forced open${was(before)}: requests for ${who} are refused, or answered by their fallback, until it is released. Undo: ${command('release', turned)}`;
    case 'close':
      return `${name} is forced closed${was(before)}: requests go to ${who} and no failure opens it, until it is released. Undo: ${command('release', turned)}`;
    case 'reset':
      return `${name} is ${stateWord(state)}${was(before)} and its counts are forgotten: requests go to ${who}, and it is judged from nothing. A reset cannot be undone; to refuse them again: ${command('open', turned)}`;
    case 'release':
      return released(turned);
  }
}

function released(turned: Turned): string {
  const { breaker: before, state } = turned;
  const name = oneLine(before.name);
  if (before.forced === null) return `${name} was not forced; it is ${stateWord(state)} as before.`;
  const now =
    state === 'CLOSED'
      ? `requests go to ${whoOf(turned)}, and it is judged from nothing`
      : `the next request for ${whoOf(turned)} is its probe`;
  const undo = command(before.forced === 'open' ? 'open' : 'close', turned);
  return `${name} is no longer forced ${before.forced} and is ${stateWord(state)}: ${now}. Undo: ${undo}`;
}

function whoOf({ upstream }: NamedBreaker): string {
  return upstream === null ? 'the cache' : oneLine(upstream);
}

function command(action: TurnAction, { breaker, where }: Turned): string {
  return `breakwater ${action} ${shellWord(oneLine(breaker.name))}${where}`;
}

function was({ state, forced }: BreakerOverview): string {
  const word = forced === null ? stateWord(state) : `forced ${forced}`;
  return ` (was ${word})`;
}

/** As it can be typed; most names need nothing. */
export function shellWord(name: string): string {
  return /^[\w.@%+:/-]+$/.test(name) ? name : `'${name.replaceAll("'", String.raw`'\''`)}'`;
}
