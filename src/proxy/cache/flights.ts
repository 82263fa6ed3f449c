import { type Clock, MemoryStore, type Timer } from '../../resilience/index.ts';
import { Flight } from './flight.ts';

export interface FlightsOptions {
  readonly timer: Timer;
  readonly clock: Clock;
  /** Milliseconds for which a fetch is waited for. */
  readonly maxWaitMs: number;
}

/** How many keys are remembered whose answers are for nobody else, and for how long, in milliseconds. */
const REMEMBERED = 10_000;
const REMEMBERED_MS = 60_000;

/** The fetches that others may wait for, by key. There are never more than requests. */
export class Flights {
  readonly #options: FlightsOptions;
  readonly #flights = new Map<string, Flight>();
  /** Waiting for what cannot be shared would only put its requests in a row. */
  readonly #unshared: MemoryStore<true>;

  #landings = 0;

  constructor(options: FlightsOptions) {
    this.#options = options;
    this.#unshared = new MemoryStore<true>({ maxEntries: REMEMBERED, clock: options.clock });
  }

  /** How many fetches have ended so far. */
  get landings(): number {
    return this.#landings;
  }

  get size(): number {
    return this.#flights.size;
  }

  get(key: string): Flight | undefined {
    return this.#flights.get(key);
  }

  start(key: string): Flight {
    const { timer, maxWaitMs } = this.#options;
    const flight = new Flight(timer, maxWaitMs, () => this.remove(key, flight));
    this.#flights.set(key, flight);
    return flight;
  }

  remove(key: string, flight: Flight): void {
    if (this.#flights.get(key) !== flight) return;
    this.#flights.delete(key);
    this.#landings++;
  }

  isShared(key: string): boolean {
    return this.#unshared.get(key) === undefined;
  }

  setShared(key: string, shared: boolean): void {
    if (shared) this.#unshared.delete(key);
    else this.#unshared.set(key, true, REMEMBERED_MS);
  }
}
