import { Deadline } from './deadline.ts';
import { orAborted } from './timeout.ts';
import type { Timer } from './timer.ts';

interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
  over: boolean;
}

/**
 * One run of the work for everybody who asks for the same thing meanwhile. Each caller waits under its own signal;
 * the work is aborted when all of them have given up, or when it takes too long.
 */
export class SingleFlight<T> {
  readonly #timeoutMs: number;
  readonly #timer: Timer;
  readonly #flights = new Map<string, Flight<T>>();

  constructor(timeoutMs: number, timer: Timer) {
    this.#timeoutMs = timeoutMs;
    this.#timer = timer;
  }

  has(key: string): boolean {
    return this.#flights.has(key);
  }

  /**
   * @param isCurrent (to the work) false once the flight was detached or abandoned: its result is old
   */
  start(
    key: string,
    signal: AbortSignal,
    work: (signal: AbortSignal, isCurrent: () => boolean) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    const isCurrent = (): boolean => this.#flights.get(key) === flight;
    const flight: Flight<T> = {
      controller,
      waiting: 0,
      over: false,
      result: this.#run(controller.signal, (bounded) => work(bounded, isCurrent)).finally(() => {
        flight.over = true;
        if (isCurrent()) this.#flights.delete(key);
      }),
    };
    // When every caller has given up, nobody is there to hear that the work failed.
    flight.result.catch(() => {});
    this.#flights.set(key, flight);
    return this.#wait(key, flight, signal);
  }

  /** @throws Error no such flight; ask `has` first */
  join(key: string, signal: AbortSignal): Promise<T> {
    const flight = this.#flights.get(key);
    if (flight === undefined) throw new Error(`No flight for ${key}`);
    return this.#wait(key, flight, signal);
  }

  /** Who asks from now on gets a flight of his own; who waits already still gets this one's result. */
  detach(key: string): void {
    this.#flights.delete(key);
  }

  async #run(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    // In a microtask of its own: the flight is in the map before its work begins.
    await undefined;
    using deadline = Deadline.after(this.#timeoutMs, { signal, timer: this.#timer });
    return await work(deadline.signal);
  }

  async #wait(key: string, flight: Flight<T>, signal: AbortSignal): Promise<T> {
    flight.waiting++;
    try {
      return await orAborted(() => flight.result, signal);
    } finally {
      flight.waiting--;
      if (flight.waiting === 0 && !flight.over) {
        if (this.#flights.get(key) === flight) this.#flights.delete(key);
        flight.controller.abort(signal.reason);
      }
    }
  }
}
