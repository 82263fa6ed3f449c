import {
  BreakerRegistry,
  type BreakerSummary,
  type BreakersHealth,
  backgroundTimer,
  type CircuitBreaker,
  type Clock,
  type StopTimer,
  type Timer,
  type Work,
} from '../../src/resilience/index.ts';
import { type ClientName, type ClientSettings, settingsOf } from './settings.ts';

export interface ClientManagerOptions {
  /** Its variables override settings. @default nothing */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  /** Of pings and summaries. @default backgroundTimer: neither keeps the process alive */
  readonly timer?: Timer;
}

/** Makes the breakers of all clients, pings the clients that want it, and reports on them all together. */
export class ClientManager {
  readonly breakers: BreakerRegistry;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #timer: Timer;
  readonly #stops = new Set<StopTimer>();

  constructor(options: ClientManagerOptions = {}) {
    this.#environment = options.environment ?? {};
    this.#timer = options.timer ?? backgroundTimer;
    this.breakers = new BreakerRegistry({ clock: options.clock, timer: this.#timer });
  }

  /**
   * The breaker of a client.
   *
   * @param ping something cheap that shows whether the other side is there. It goes through the breaker: it finds a
   *   breakdown while there is no traffic, and is the probe that closes the breaker again when there is none either
   */
  register(name: ClientName, ping?: Work<unknown>): CircuitBreaker {
    const settings = settingsOf(name, this.#environment);
    const breaker = this.breakers.get(name, settings.breaker);
    if (ping !== undefined) this.#pingRegularly(breaker, settings, ping);
    return breaker;
  }

  /** Numbers since the report before, of all clients. */
  reportEvery(everyMs: number, report: (summary: BreakerSummary) => void): void {
    this.#stops.add(this.breakers.reportEvery(everyMs, report));
  }

  health(): BreakersHealth {
    return this.breakers.health();
  }

  /** Ends pings and reports. */
  close(): void {
    for (const stop of this.#stops) stop();
    this.#stops.clear();
  }

  #pingRegularly(breaker: CircuitBreaker, { pingEveryMs }: ClientSettings, ping: Work<unknown>): void {
    if (pingEveryMs === null) return;
    let stopped = false;
    let stopTimer: StopTimer = () => {};
    const next = (): void => {
      if (stopped) return;
      stopTimer = this.#timer.start(pingEveryMs, () => {
        // One after the other: a ping that hangs is not joined by more of them. Its error is in the breaker.
        breaker.execute(ping).then(next, next);
      });
    };
    next();
    this.#stops.add(() => {
      stopped = true;
      stopTimer();
    });
  }
}
