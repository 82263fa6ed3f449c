import type { Overview } from '../../admin/live/live-types.ts';
import type { NumberedEvent } from '../../observe/gateway-event.ts';
import type { SseMessage } from '../admin/sse-parser.ts';

export interface TailParts {
  /** The number of the last event that is known already. */
  readonly after: number;
  readonly print: (event: NumberedEvent) => void;
  /** Every event that the gateway keeps. */
  readonly all: () => Promise<readonly NumberedEvent[]>;
}

/**
 * Every event once and in its order, over any number of connections. A gateway that starts again counts from 1 again:
 * its overview, which comes first on each connection, tells by the time of the start.
 */
export class EventTail {
  readonly #parts: TailParts;
  #last: number;
  #startedAt: number | null = null;

  constructor(parts: TailParts) {
    this.#parts = parts;
    this.#last = parts.after;
  }

  /** The number of the last event that was printed. */
  get last(): number {
    return this.#last;
  }

  /** @throws SyntaxError what came is not JSON */
  async take({ event, data }: SseMessage): Promise<void> {
    if (event === 'event') this.#print(JSON.parse(data) as NumberedEvent);
    if (event !== 'overview') return;
    const { startedAt } = (JSON.parse(data) as Overview).gateway;
    const another = this.#startedAt !== null && this.#startedAt !== startedAt;
    this.#startedAt = startedAt;
    if (!another) return;
    // What it sends by itself begins after a number that another process has given.
    this.#last = 0;
    for (const missed of await this.#parts.all()) this.#print(missed);
  }

  #print(event: NumberedEvent): void {
    if (event.id <= this.#last) return;
    this.#last = event.id;
    this.#parts.print(event);
  }
}
