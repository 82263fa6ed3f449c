import type { NumberedEvent } from '../../observe/gateway-event.ts';

/** An entry of the timeline. */
export interface TimelineItem {
  /** Stays what it is while it grows. */
  readonly id: number;
  readonly event: NumberedEvent;
  /** Probes that failed one after the other, the one of `event` included; 0: it is about something else. */
  readonly failedProbes: number;
  /** When the first of them failed. */
  readonly since: number;
}

/**
 * An upstream that is down for a night fails a thousand probes, and its two lines for each would be all that is seen. So
 * those between two other changes of a breaker are one entry, where the last of them stands.
 *
 * @param events oldest first
 * @returns newest first
 */
export function foldProbes(events: readonly NumberedEvent[]): readonly TimelineItem[] {
  const items: TimelineItem[] = [];
  /** Places in `items`, of breakers that were still failing probes at what comes later. */
  const running = new Map<string, number>();
  for (const event of events.toReversed()) {
    const { id, at: since } = event;
    const alone = { id, event, failedProbes: isFailedProbe(event) ? 1 : 0, since };
    if (event.type === 'transition') {
      const place = running.get(event.breaker);
      if (alone.failedProbes > 0 && place !== undefined) {
        const item = items[place]!;
        items[place] = { ...item, id, failedProbes: item.failedProbes + 1, since };
        continue;
      }
      // That it was let through goes without saying: it failed.
      if (place !== undefined && event.to === 'HALF_OPEN' && event.reason.rule === 'open_time_over') continue;
      if (alone.failedProbes > 0) running.set(event.breaker, items.length);
      else running.delete(event.breaker);
    }
    items.push(alone);
  }
  return items;
}

function isFailedProbe(event: NumberedEvent): boolean {
  if (event.type !== 'transition' || event.to !== 'OPEN') return false;
  return event.reason.rule === 'probe_failed' || event.reason.rule === 'probe_lost';
}
