import type { TargetConfig } from '../config/gateway-config.ts';
import type { OutboundLane } from '../http/message.ts';
import type { Clock } from '../resilience/index.ts';
import type { Verdict } from './classify.ts';
import { Ejection } from './ejection.ts';
import { ProbeRecord } from './health/probe-record.ts';

/** The share of its weight with which a target begins that joins or comes back. */
const FIRST_SHARE = 0.1;

/** `unknown` until a request or a probe has shown something. */
export type TargetStatus = 'healthy' | 'unhealthy' | 'ejected' | 'unknown';

export interface TargetParts {
  readonly clock: Clock;
  readonly slowStartMs: number;
  /** Told of every judged attempt, after it was counted. */
  readonly onJudged?: (target: Target, verdict: Verdict, latencyMs: number | undefined) => void;
}

/** One address of an upstream, the lane to it, and what traffic and probes have shown of it. */
export class Target {
  readonly config: TargetConfig;
  readonly lane: OutboundLane;
  /** Host and port as they stand in a Host field. */
  readonly authority: string;
  /** For people, as written; the address beside it where DNS gave one: `http://auth:8081 (10.0.0.3)`. */
  readonly url: string;
  readonly ejection = new Ejection();
  readonly probes = new ProbeRecord();
  readonly #parts: TargetParts;
  #share: number;
  #rampFrom: number | null = null;
  #requests = 0;
  #failures = 0;
  #consecutiveFailures = 0;
  #lastFailureAt: number | null = null;
  #inFlight = 0;
  #onIdle: (() => void) | null = null;

  constructor(config: TargetConfig, lane: OutboundLane, parts: TargetParts) {
    this.config = config;
    this.lane = lane;
    this.authority = new URL(config.url).host;
    this.url = config.address === undefined ? config.url : `${config.url} (${config.address})`;
    this.#share = config.weight;
    this.#parts = parts;
  }

  /** Its share of the traffic at this moment, against those of the others; over 0. */
  get weight(): number {
    if (this.#rampFrom === null) return this.#share;
    const grown = (this.#parts.clock.now() - this.#rampFrom) / this.#parts.slowStartMs;
    return grown >= 1 ? this.#share : this.#share * (FIRST_SHARE + (1 - FIRST_SHARE) * grown);
  }

  /** In rotation: nothing that traffic or probes have shown speaks against it. */
  get available(): boolean {
    return this.probes.healthy && !this.ejection.active;
  }

  get status(): TargetStatus {
    if (!this.probes.healthy) return 'unhealthy';
    if (this.ejection.active) return 'ejected';
    if (this.#consecutiveFailures > 0 && !this.#checkedSince) return 'unhealthy';
    return this.#requests === 0 && this.probes.last === null ? 'unknown' : 'healthy';
  }

  /** A health check that was good has come after the last failure. */
  get #checkedSince(): boolean {
    const { last } = this.probes;
    return last?.ok === true && last.at > (this.#lastFailureAt ?? 0);
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

  /** Attempts under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** An attempt begins. */
  started(): void {
    this.#requests++;
    this.#inFlight++;
  }

  /**
   * What became of an attempt; at most once for each.
   *
   * @param latencyMs until the response head
   */
  judged(verdict: Verdict, latencyMs: number | undefined): void {
    if (verdict === 'success') this.#consecutiveFailures = 0;
    else if (verdict !== 'excluded') {
      this.#failures++;
      this.#consecutiveFailures++;
      this.#lastFailureAt = this.#parts.clock.wallNow();
    }
    this.#parts.onJudged?.(this, verdict, latencyMs);
  }

  /** An attempt is over; exactly once for each that was started. */
  ended(): void {
    this.#inFlight--;
    if (this.#inFlight === 0) this.#onIdle?.();
  }

  /** It joins, or comes back: its weight grows from a tenth to the whole within the slow start. */
  rampUp(): void {
    if (this.#parts.slowStartMs > 0) this.#rampFrom = this.#parts.clock.now();
  }

  /** @param weight over 0, takes the place of the configured one */
  setWeight(weight: number): void {
    this.#share = weight;
  }

  /** It gets no new attempts any more: closes its connections when the last one is over. */
  retire(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = () => resolve(this.lane.close());
      if (this.#inFlight === 0) this.#onIdle();
    });
  }
}
