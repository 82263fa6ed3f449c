import type { BreakerReason, BreakerState, BreakerTransition, Outcome } from '../breaker-snapshot.ts';

/** A call was not let through. */
export interface BreakerRejection {
  readonly breaker: string;
  readonly state: BreakerState;
  readonly retryAfterMs: number;
}

/** A call was settled. */
export interface BreakerCall {
  readonly breaker: string;
  readonly outcome: Outcome | 'timeout';
  readonly durationMs: number | undefined;
  /** False: it belonged to an earlier generation, or nothing is judged. */
  readonly counted: boolean;
}

/** In mode `observe`: it would have opened. */
export interface BreakerWouldOpen {
  readonly breaker: string;
  readonly reason: BreakerReason;
  /** Unix milliseconds. */
  readonly at: number;
  readonly counts: BreakerTransition['counts'];
  /** For how many milliseconds it would have refused calls. */
  readonly retryAfterMs: number;
}

export interface ListenerError {
  readonly breaker: string;
  readonly event: keyof BreakerEventMap;
  readonly error: unknown;
}

export interface BreakerEventMap {
  transition: BreakerTransition;
  rejected: BreakerRejection;
  call: BreakerCall;
  would_open: BreakerWouldOpen;
  listener_error: ListenerError;
}

export type BreakerListener<Event extends keyof BreakerEventMap> = (event: BreakerEventMap[Event]) => void;

type Listeners = { [Event in keyof BreakerEventMap]: readonly BreakerListener<Event>[] };

/** Tells listeners in their order. One that throws, or rejects, keeps nothing from the others or the caller. */
export class BreakerEvents {
  readonly #breaker: string;
  /** Replaced, never changed, so that a listener may come or go while others are being told. */
  readonly #listeners: Listeners = {
    transition: [],
    rejected: [],
    call: [],
    would_open: [],
    listener_error: [],
  };

  constructor(breaker: string) {
    this.#breaker = breaker;
  }

  /** @returns ends it */
  on<Event extends keyof BreakerEventMap>(event: Event, listener: BreakerListener<Event>): () => void {
    // A wrapper of its own, so that the same function added twice can be taken away once.
    const added: BreakerListener<Event> = (data) => listener(data);
    this.#set(event, [...this.#of(event), added]);
    return () =>
      this.#set(
        event,
        this.#of(event).filter((other) => other !== added),
      );
  }

  /** Whether it is worth making the event. */
  wanted(event: keyof BreakerEventMap): boolean {
    return this.#listeners[event].length > 0;
  }

  emit<Event extends keyof BreakerEventMap>(event: Event, data: BreakerEventMap[Event]): void {
    for (const listener of this.#of(event)) {
      try {
        const result: unknown = listener(data);
        if (result instanceof Promise) result.catch((error) => this.#report(event, error));
      } catch (error) {
        this.#report(event, error);
      }
    }
  }

  #report(event: keyof BreakerEventMap, error: unknown): void {
    // Nobody is left to hear of a listener that fails at hearing of failures.
    if (event !== 'listener_error') this.emit('listener_error', { breaker: this.#breaker, event, error });
  }

  #of<Event extends keyof BreakerEventMap>(event: Event): readonly BreakerListener<Event>[] {
    return this.#listeners[event];
  }

  #set<Event extends keyof BreakerEventMap>(
    event: Event,
    listeners: readonly BreakerListener<Event>[],
  ): void {
    (this.#listeners as Record<Event, readonly BreakerListener<Event>[]>)[event] = listeners;
  }
}
