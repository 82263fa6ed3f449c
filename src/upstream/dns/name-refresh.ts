import type { TargetConfig } from '../../config/gateway-config.ts';
import type { StopTimer, Timer } from '../../resilience/index.ts';

/** Up to so much of each wait is taken off at random, so that many names and gateways do not ask at once. */
const JITTER = 0.1;

/** Wait after a first failure; it doubles with each further one, up to the usual time between lookups. */
const FIRST_RETRY_MS = 1_000;

export interface NameRefreshOptions {
  /** @throws {Error} nothing was found out */
  readonly lookup: () => Promise<readonly TargetConfig[]>;
  readonly refreshMs: number;
  readonly timer: Timer;
  /** 0 to less than 1. */
  readonly random: () => number;
  readonly onAnswer: (targets: readonly TargetConfig[]) => void;
  /** Told once per outage. */
  readonly onFailure: (reason: string) => void;
}

/** Asks for a name again and again. */
export class NameRefresh {
  readonly #options: NameRefreshOptions;
  #failures = 0;
  #stopped = false;
  #stopTimer: StopTimer = () => {};

  constructor(options: NameRefreshOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#ask();
  }

  /** Nothing is told any more. */
  stop(): void {
    this.#stopped = true;
    this.#stopTimer();
  }

  async #ask(): Promise<void> {
    const { lookup, onAnswer, onFailure } = this.#options;
    try {
      const targets = await lookup();
      if (this.#stopped) return;
      this.#failures = 0;
      onAnswer(targets);
    } catch (error) {
      if (this.#stopped) return;
      this.#failures++;
      if (this.#failures === 1) onFailure(error instanceof Error ? error.message : String(error));
    }
    this.#stopTimer = this.#options.timer.start(this.#waitMs(), () => void this.#ask());
  }

  #waitMs(): number {
    const { refreshMs, random } = this.#options;
    const usual = this.#failures === 0 ? refreshMs : FIRST_RETRY_MS * 2 ** (this.#failures - 1);
    return Math.min(usual, refreshMs) * (1 - random() * JITTER);
  }
}
