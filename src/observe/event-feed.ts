import { tell } from '../resilience/tell.ts';
import type { GatewayEvent, NumberedEvent } from './gateway-event.ts';

/** How many are kept: some hundred kilobytes at most, and more than anybody scrolls back. */
export const MAX_EVENTS = 500;

type EventListener = (event: NumberedEvent) => void;

/** What has happened in all threads of the gateway, numbered in the order in which the main thread heard of it. */
export class EventFeed {
  /** A ring: the event with number n stands at n modulo its size. */
  readonly #kept: NumberedEvent[] = [];
  readonly #listeners = new Set<EventListener>();
  #lastId = 0;

  /** Of the newest; 0: nothing has happened. */
  get lastId(): number {
    return this.#lastId;
  }

  tell(event: GatewayEvent): void {
    const numbered = { ...event, id: ++this.#lastId };
    this.#kept[this.#lastId % MAX_EVENTS] = numbered;
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
    const events: NumberedEvent[] = [];
    for (let at = Math.max(from, this.#lastId - MAX_EVENTS) + 1; at <= this.#lastId; at++) {
      events.push(this.#kept[at % MAX_EVENTS]!);
    }
    return events;
  }

  /** A listener that throws keeps nothing from the others. @returns ends it */
  on(listener: EventListener): () => void {
    const added: EventListener = (event) => listener(event);
    this.#listeners.add(added);
    return () => this.#listeners.delete(added);
  }
}
