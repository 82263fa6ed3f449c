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
      const { ejection } = target;
      if (!ejection.active || !ejection.endIfOver(this.#parts.clock.now(), this.#config)) continue;
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
    // The result may be late and the target gone meanwhile.
    if (!targets.includes(target) || !this.#canSpare(target, targets)) return;
    const { clock, random, events } = this.#parts;
    // Asked again afterwards, because no word in memory counts for all targets: of two threads that eject two targets in
    // the same moment, the later one sees both, and takes back its own if that is one too many.
    const ms = target.ejection.begin(clock.now(), random(), this.#config, () =>
      this.#canSpare(target, targets),
    );
    if (ms === null) return;
    events.tell(
      'ejected',
      target.url,
      `${failures} ${failures === 1 ? 'failure' : 'failures'} in a row; for ${(ms / 1000).toFixed(1)} s`,
    );
  }

  /** Whether there would be one to go on with, and no more ejected than may be, with this one. */
  #canSpare(target: Target, targets: readonly Target[]): boolean {
    if (!targets.some((other) => other !== target && other.available)) return false;
    const most = Math.max(1, Math.floor((targets.length * this.#config.maxEjected) / 100));
    let others = 0;
    for (const other of targets) if (other !== target && other.ejection.active) others++;
    return others < most;
  }
}
