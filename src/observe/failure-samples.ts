import type { FailureSample, GatewayEvent } from './gateway-event.ts';

/** For each upstream: enough to see whether all fail alike. */
export const MAX_SAMPLES = 5;

/** The last failed attempts at each upstream. */
export class FailureSamples {
  readonly #kept = new Map<string, readonly FailureSample[]>();

  note(sample: FailureSample): void {
    const kept = this.#kept.get(sample.upstream) ?? [];
    this.#kept.set(sample.upstream, [...kept.slice(1 - MAX_SAMPLES), sample]);
  }

  /** Oldest first. */
  of(upstream: string): readonly FailureSample[] {
    return this.#kept.get(upstream) ?? [];
  }

  /** The event with what led to it, if it tells that a breaker opened, or would have. */
  attachedTo(event: GatewayEvent): GatewayEvent {
    const opened = event.type === 'would_open' || (event.type === 'transition' && event.to === 'OPEN');
    return opened && event.upstream !== null ? { ...event, samples: this.of(event.upstream) } : event;
  }
}
