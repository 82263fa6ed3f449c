import type { CircuitBreaker } from '../../resilience/index.ts';
import type { ProbeRecord } from './probe-record.ts';

/**
 * Tells an open breaker of a recovery that probes have seen, so that real traffic need not wait for the rest of the open
 * time. A recovery is that a target which was unhealthy by probes became healthy, by probes that were all sent since
 * the breaker opened. Probes that were good all along say nothing: they did not see what the traffic saw.
 */
export class RecoveryWatch {
  readonly #probes: ProbeRecord;
  readonly #breaker: CircuitBreaker;
  /** At which opening the present row of good probes began; null: not while it was open. */
  #opening: number | null = null;

  constructor(probes: ProbeRecord, breaker: CircuitBreaker) {
    this.#probes = probes;
    this.#breaker = breaker;
  }

  /** A probe is about to be sent. */
  probing(): void {
    if (!this.#probes.healthy && this.#probes.contrary === 0) this.#opening = this.#presentOpening();
  }

  /** The target has become healthy. */
  recovered(): void {
    if (this.#opening !== null && this.#opening === this.#presentOpening()) this.#breaker.permitProbe();
  }

  /** The number of its changes tells one opening from the next, also of those that other threads brought about. */
  #presentOpening(): number | null {
    return this.#breaker.state === 'OPEN' ? this.#breaker.snapshot().transitions : null;
  }
}
