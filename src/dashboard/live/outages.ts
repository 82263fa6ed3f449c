import type { Overview } from '../../admin/live/live-types.ts';
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
  for (const { name, breaker } of overview.upstreams) {
    if (breaker.state === 'CLOSED') continue;
    const from = begun.get(breaker.name)?.from ?? breaker.openedAt ?? breaker.lastChangeAt;
    found.push({ upstream: name, from, to: overview.at, over: false });
  }
  return found;
}
