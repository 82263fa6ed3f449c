import type { BreakerOverview, Overview } from '../../admin/live/live-types.ts';
import type { NumberedEvent } from '../../observe/gateway-event.ts';

/** A time during which a breaker was open or half-open. */
export interface Outage {
  /** Null: the breaker of the cache. */
  readonly upstream: string | null;
  readonly from: number;
  /** The moment of the overview where it goes on. */
  readonly to: number;
  readonly over: boolean;
}

/** From the events that are known, and from the overview where a beginning is not among them any more. */
export function outages(events: readonly NumberedEvent[], overview: Overview): readonly Outage[] {
  const begun = new Map<string, { upstream: string | null; from: number }>();
  const found: Outage[] = [];
  for (const event of events) {
    if (event.type !== 'transition') continue;
    const running = begun.get(event.breaker);
    if (event.to !== 'CLOSED') {
      if (running === undefined) begun.set(event.breaker, { upstream: event.upstream, from: event.at });
    } else if (running !== undefined) {
      found.push({ ...running, to: event.at, over: true });
      begun.delete(event.breaker);
    }
  }
  const { upstreams, cacheBreaker } = overview;
  const watched: { name: string | null; breaker: BreakerOverview }[] = [...upstreams];
  if (cacheBreaker !== null) watched.push({ name: null, breaker: cacheBreaker });
  for (const { name, breaker } of watched) {
    if (breaker.state === 'CLOSED') continue;
    const from = begun.get(breaker.name)?.from ?? breaker.openedAt ?? breaker.lastChangeAt;
    found.push({ upstream: name, from, to: overview.at, over: false });
  }
  return found;
}

/** When the one that goes on began; null where none does. */
export function openSince(outages: readonly Outage[]): number | null {
  return outages.find(({ over }) => !over)?.from ?? null;
}

/** The times during which at least one went on, so that those of several are not shown several times. */
export function united(outages: readonly Outage[]): readonly Outage[] {
  const found: Outage[] = [];
  for (const outage of outages.toSorted((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last === undefined || outage.from > last.to) found.push({ ...outage, upstream: null });
    else if (outage.to > last.to || !outage.over) {
      found[found.length - 1] = {
        ...last,
        to: Math.max(last.to, outage.to),
        over: last.over && outage.over,
      };
    }
  }
  return found;
}
