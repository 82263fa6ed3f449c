import type { EjectionConfig } from '../config/gateway-config.ts';
import type { Clock } from '../resilience/index.ts';
import type { Verdict } from './classify.ts';
import type { Target } from './target.ts';
import type { TargetEvents } from './target-events.ts';

export interface EjectorParts {
  readonly clock: Clock;
  /** 0 to less than 1. */
  readonly random: () => number;
  readonly events: TargetEvents;
}

/**
 * Takes targets out of rotation that keep failing live requests, and lets them back after a time. It does both when
 * asked, never by timer.
 */
export class Ejector {
  readonly #config: EjectionConfig;
  readonly #parts: EjectorParts;

  constructor(config: EjectionConfig, parts: EjectorParts) {
    this.#config = config;
    this.#parts = parts;
  }

  /** Lets those back whose time is over. */
  restore(targets: readonly Target[]): void {
    for (const target of targets) {
      if (!target.ejection.active || !target.ejection.endIfOver(this.#parts.clock.now())) continue;
      target.rampUp();
      this.#parts.events.tell('restored', target.url, 'its time out of rotation is over');
    }
  }

  /** @param targets all that the upstream has now */
  judged(target: Target, verdict: Verdict, targets: readonly Target[]): void {
    const failures = target.ejection.judged(verdict);
    // What still comes of one that is ejected matters no more.
    if (failures < this.#config.consecutiveFailures || target.ejection.active) return;
    this.restore(targets);
    if (!this.#mayEject(target, targets)) return;
    const { clock, random, events } = this.#parts;
    const ms = target.ejection.begin(clock.now(), random(), this.#config);
    events.tell('ejected', target.url, `${failures} failures in a row; for ${(ms / 1000).toFixed(1)} s`);
  }

  #mayEject(target: Target, targets: readonly Target[]): boolean {
    // The result may be late and the target gone meanwhile.
    if (!targets.includes(target)) return false;
    if (!targets.some((other) => other !== target && other.available)) return false;
    const most = Math.max(1, Math.floor((targets.length * this.#config.maxEjected) / 100));
    let ejected = 0;
    for (const { ejection } of targets) if (ejection.active) ejected++;
    return ejected < most;
  }
}
