import { tell } from '../resilience/tell.ts';

/** Something changed about the targets of an upstream. */
export interface TargetEvent {
  /**
   * `ejected`, `restored`: by what traffic showed. `unhealthy`, `healthy`: by health checks. `added`, `removed`: by DNS.
   * `dns_failed`: nothing was found out about a name; what was known stays. Told once per outage.
   */
  readonly type: 'ejected' | 'restored' | 'healthy' | 'unhealthy' | 'added' | 'removed' | 'dns_failed';
  readonly upstream: string;
  /** The target's URL with its address; of `dns_failed` the URL as configured. */
  readonly target: string;
  /** For people and logs. */
  readonly reason: string;
}

export type TargetListener = (event: TargetEvent) => void;

/** Tells listeners after the change was made. One that throws keeps nothing from the others. */
export class TargetEvents {
  readonly #upstream: string;
  #listeners: readonly TargetListener[] = [];

  constructor(upstream: string) {
    this.#upstream = upstream;
  }

  /** @returns ends it */
  on(listener: TargetListener): () => void {
    const added: TargetListener = (event) => listener(event);
    this.#listeners = [...this.#listeners, added];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== added);
    };
  }

  tell(type: TargetEvent['type'], target: string, reason: string): void {
    const event: TargetEvent = { type, upstream: this.#upstream, target, reason };
    for (const listener of this.#listeners) tell(listener, event);
  }
}
