import type { HealthCheckConfig } from '../../config/gateway-config.ts';
import type { OutboundLane } from '../../http/message.ts';
import type { CircuitBreaker, Clock, StopTimer, Timer } from '../../resilience/index.ts';
import type { Target } from '../target.ts';
import type { TargetEvents } from '../target-events.ts';
import { Probe } from './probe.ts';
import type { ProbeResult } from './probe-record.ts';
import { RecoveryWatch } from './recovery-watch.ts';

/** First probes are spread over this time. */
const FIRST_WITHIN_MS = 1_000;

export interface HealthCheckParts {
  readonly config: HealthCheckConfig;
  readonly breaker: CircuitBreaker;
  readonly events: TargetEvents;
  /** A lane for one probe. */
  readonly makeLane: (target: Target) => OutboundLane;
  readonly clock: Clock;
  readonly timer: Timer;
  /** 0 to less than 1. */
  readonly random: () => number;
  /** Told of every result, after it was noted. */
  readonly onProbed: (target: Target) => void;
}

/** Sends probes to one target, one at a time, and draws the conclusions. */
export class HealthCheck {
  readonly #target: Target;
  readonly #parts: HealthCheckParts;
  readonly #recovery: RecoveryWatch;
  #stopTimer: StopTimer = () => {};
  #probe: Probe | null = null;

  constructor(target: Target, parts: HealthCheckParts) {
    this.#target = target;
    this.#parts = parts;
    this.#recovery = new RecoveryWatch(target.probes, parts.breaker);
  }

  start(): void {
    const { config, random } = this.#parts;
    this.#wait(random() * Math.min(FIRST_WITHIN_MS, config.intervalMs));
  }

  stop(): void {
    this.#stopTimer();
    this.#probe?.cancel();
    this.#probe = null;
  }

  #wait(ms: number): void {
    this.#stopTimer = this.#parts.timer.start(ms, () => this.#send());
  }

  #send(): void {
    const { config, makeLane, clock, timer } = this.#parts;
    this.#recovery.probing();
    this.#probe = new Probe({
      config,
      lane: makeLane(this.#target),
      authority: this.#target.authority,
      clock,
      timer,
      onResult: (result) => this.#note(result),
    });
    this.#probe.send();
  }

  #note(result: ProbeResult | null): void {
    const { config, events, random, onProbed } = this.#parts;
    const { probes } = this.#target;
    this.#probe = null;
    const changed = result !== null && probes.note(result, config.rise, config.fall);
    const jitter = (config.jitter / 100) * (2 * random() - 1);
    this.#wait((probes.healthy ? config.intervalMs : config.unhealthyIntervalMs) * (1 + jitter));
    if (result !== null) onProbed(this.#target);
    if (!changed) return;
    if (probes.healthy) {
      this.#target.rampUp();
      this.#recovery.recovered();
      events.tell('healthy', this.#target.url, `good probes in a row: ${config.rise}`);
    } else {
      events.tell(
        'unhealthy',
        this.#target.url,
        `bad probes in a row: ${config.fall}, the last: ${result.detail}`,
      );
    }
  }
}
