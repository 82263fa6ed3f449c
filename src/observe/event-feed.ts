import { tell } from '../resilience/tell.ts';
import type { GatewayEvent, NumberedEvent } from './gateway-event.ts';

/** How many are kept: some hundred kilobytes at most, and more than anybody scrolls back. */
export const MAX_EVENTS = 500;

/**
 * How many of them may be probes. A breaker that stays open for long has two events for each, and the first hour of one
 * outage must not push out how another one began.
 */
export const MAX_PROBES = 100;

type EventListener = (event: NumberedEvent) => void;

/** What has happened in all threads of the gateway, numbered in the order in which the main thread heard of it. */
export class EventFeed {
  /** Both oldest first. */
  readonly #probes: NumberedEvent[] = [];
  readonly #others: NumberedEvent[] = [];
  readonly #listeners = new Set<EventListener>();
  #lastId = 0;

  /** Of the newest; 0: nothing has happened. */
  get lastId(): number {
    return this.#lastId;
  }

  tell(event: GatewayEvent): void {
    const numbered = { ...event, id: ++this.#lastId };
    const [kept, most] = isProbe(event)
      ? [this.#probes, MAX_PROBES]
      : [this.#others, MAX_EVENTS - MAX_PROBES];
    kept.push(numbered);
    if (kept.length > most) kept.shift();
    for (const listener of [...this.#listeners]) tell(listener, numbered);
  }

  /**
   * What came after an event, oldest first, as far as it is kept.
   *
   * @param id 0: everything. So is a number that has not been given yet: it comes from before a restart, since when nobody
   *   has seen anything
   */
  since(id: number): readonly NumberedEvent[] {
    const from = id > this.#lastId ? 0 : id;
    return [...this.#probes, ...this.#others].filter((event) => event.id > from).sort((a, b) => a.id - b.id);
  }

  /** A listener that throws keeps nothing from the others. @returns ends it */
  on(listener: EventListener): () => void {
    const added: EventListener = (event) => listener(event);
    this.#listeners.add(added);
    return () => this.#listeners.delete(added);
  }
}

/** A breaker asks whether its service is back, or has found that it is not. */
function isProbe(event: GatewayEvent): boolean {
  if (event.type !== 'transition') return false;
  const { rule } = event.reason;
  return event.to === 'HALF_OPEN' || rule === 'probe_failed' || rule === 'probe_lost';
}
