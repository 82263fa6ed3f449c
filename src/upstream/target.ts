import type { TargetConfig } from '../config/gateway-config.ts';
import type { OutboundLane } from '../http/message.ts';
import type { Verdict } from './classify.ts';

/** One address of an upstream, the lane to it, and what traffic has shown of it. */
export class Target {
  readonly config: TargetConfig;
  readonly lane: OutboundLane;
  /** Host and port as they stand in a Host field. */
  readonly authority: string;
  #requests = 0;
  #failures = 0;
  #consecutiveFailures = 0;
  #lastFailureAt: number | null = null;

  constructor(config: TargetConfig, lane: OutboundLane) {
    this.config = config;
    this.lane = lane;
    this.authority = new URL(config.url).host;
  }

  get url(): string {
    return this.config.url;
  }

  /** Attempts that were started. */
  get requests(): number {
    return this.#requests;
  }

  get failures(): number {
    return this.#failures;
  }

  get consecutiveFailures(): number {
    return this.#consecutiveFailures;
  }

  /** Unix milliseconds; null when none was seen. */
  get lastFailureAt(): number | null {
    return this.#lastFailureAt;
  }

  started(): void {
    this.#requests++;
  }

  settled(verdict: Verdict): void {
    if (verdict === 'success') this.#consecutiveFailures = 0;
    else if (verdict !== 'excluded') {
      this.#failures++;
      this.#consecutiveFailures++;
      this.#lastFailureAt = Date.now();
    }
  }
}
