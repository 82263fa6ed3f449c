/** What is asked of a breaker here. */
export interface RecoverySource {
  readonly name: string;
  lastRecoveryMs(): number | null;
}

/** How long each breaker took from open to closed, the last time, whichever thread closed it. */
export class RecoveryTimes {
  readonly #breakers: ReadonlyMap<string, RecoverySource>;

  constructor(breakers: Iterable<RecoverySource>) {
    this.#breakers = new Map([...breakers].map((breaker) => [breaker.name, breaker]));
  }

  /** Milliseconds; null: it has never recovered. */
  lastMs(breaker: string): number | null {
    return this.#breakers.get(breaker)?.lastRecoveryMs() ?? null;
  }
}
