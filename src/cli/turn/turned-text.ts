import type { BreakerOverview } from '../../admin/live/live-types.ts';
import { stateWord } from '../status/breaker-row.ts';
import { oneLine } from '../terminal/one-line.ts';
import type { NamedBreaker } from './find-breaker.ts';

export type TurnAction = 'reset' | 'open' | 'close' | 'release';

/**
 * What an action did, what that means, and how it is undone.
 *
 * @param before as it was
 * @param state as it is now
 */
export function turnedText(
  action: TurnAction,
  { breaker: before, upstream }: NamedBreaker,
  state: BreakerOverview['state'],
): string {
  const name = oneLine(before.name);
  const who = upstream === null ? 'the cache' : oneLine(upstream);
  const undo = `Undo: breakwater release ${shellWord(name)}`;
  switch (action) {
    case 'open':
      return `${name} is forced open${was(before)}: requests for ${who} are refused, or answered by their fallback, until it is released. ${undo}`;
    case 'close':
      return `${name} is forced closed${was(before)}: requests go to ${who} and no failure opens it, until it is released. ${undo}`;
    case 'reset': {
      const judged = before.mode === 'disabled' ? '' : ' and it is judged anew';
      return `${name} is ${stateWord(state)}${was(before)} and its counts are forgotten: requests go to ${who}${judged}. A reset cannot be undone; breakwater open ${shellWord(name)} refuses them again.`;
    }
    case 'release':
      return released(name, who, before, state);
  }
}

function released(
  name: string,
  who: string,
  before: BreakerOverview,
  state: BreakerOverview['state'],
): string {
  if (before.forced === null) return `${name} was not forced; it is ${stateWord(state)} as before.`;
  const verb = before.forced === 'open' ? 'open' : 'close';
  const now =
    state === 'HALF_OPEN'
      ? `the next request for ${who} is its probe`
      : state === 'OPEN'
        ? `it opens the way to ${who} again when a probe succeeds`
        : `requests go to ${who} and it is judged from nothing`;
  return `${name} is no longer forced ${before.forced} and is ${stateWord(state)}: ${now}. Undo: breakwater ${verb} ${shellWord(name)}`;
}

function was({ state, forced }: BreakerOverview): string {
  const word = forced === null ? stateWord(state) : `forced ${forced}`;
  return ` (was ${word})`;
}

/** As it can be typed; most names need nothing. */
function shellWord(name: string): string {
  return /^[\w.@%+:/-]+$/.test(name) ? name : `'${name.replaceAll("'", String.raw`'\''`)}'`;
}
