import { isDeepStrictEqual } from 'node:util';
import { type BreakersHealth, breakersHealth } from './breaker-health.ts';
import type { BreakerSnapshot, BreakerTransition } from './breaker-snapshot.ts';
import { type BreakerSummary, breakerSummary } from './breaker-summary.ts';
import { checkPositive } from './check-option.ts';
import { CircuitBreaker, type CircuitBreakerOptions } from './circuit-breaker.ts';
import { type Clock, systemClock } from './clock.ts';
import { InvalidOptionError } from './errors.ts';
import { tell } from './tell.ts';
import { backgroundTimer, type StopTimer, type Timer } from './timer.ts';

/** Rules and times of a breaker, for any name. */
export type BreakerProfile = Omit<CircuitBreakerOptions, 'name' | 'clock' | 'random' | 'memory' | 'thread'>;

/** Profiles that every registry has, unless it is given its own of that name. */
export const BREAKER_PROFILES = {
  /** Shows a breaker at work within a coffee break. */
  development: { failureThreshold: 3, openTimeoutMs: 30_000 },
  /** Rides out short disturbances, and gives a service that broke down time to recover. */
  production: { failureThreshold: 10, openTimeoutMs: 120_000 },
} as const satisfies Record<string, BreakerProfile>;

export interface BreakerRegistryOptions {
  /** By name; `development` and `production` are there already. */
  readonly profiles?: Readonly<Record<string, BreakerProfile>> | undefined;
  /** What holds where neither profile nor options say otherwise. @default the defaults of CircuitBreaker */
  readonly defaults?: BreakerProfile | undefined;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Of the periodic summary. @default backgroundTimer */
  readonly timer?: Timer | undefined;
}

interface Registered {
  readonly breaker: CircuitBreaker;
  readonly asked: string | BreakerProfile | undefined;
}

interface Subscription {
  readonly listener: (transition: BreakerTransition) => void;
  /** One for each breaker. */
  readonly stops: (() => void)[];
}

/** All breakers of a process by their names: made once, seen and reset together. */
export class BreakerRegistry {
  readonly #profiles: Readonly<Record<string, BreakerProfile>>;
  readonly #options: BreakerRegistryOptions;
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #breakers = new Map<string, Registered>();
  readonly #subscriptions = new Set<Subscription>();
  /** When a breaker that is not closed last was, by the monotonic clock. */
  readonly #leftClosedAt = new Map<string, number>();
  readonly #recoveries = new Map<string, number>();

  constructor(options: BreakerRegistryOptions = {}) {
    this.#profiles = { ...BREAKER_PROFILES, ...options.profiles };
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#timer = options.timer ?? backgroundTimer;
  }

  /**
   * The breaker of this name; made when it is asked for the first time.
   *
   * @param how a profile's name or the rules themselves; without it, the registry's defaults or what is there
   * @throws InvalidOptionError there is no such profile, a rule is wrong, or the breaker is there with other rules
   */
  get(name: string, how?: string | BreakerProfile): CircuitBreaker {
    const known = this.#breakers.get(name);
    if (known === undefined) return this.#make(name, how);
    if (how !== undefined && !isDeepStrictEqual(how, known.asked)) {
      throw new InvalidOptionError(
        'name',
        name,
        'the name of a new breaker, or the same rules as the first time: one name means one breaker',
      );
    }
    return known.breaker;
  }

  has(name: string): boolean {
    return this.#breakers.has(name);
  }

  /** In the order in which they were made. */
  names(): string[] {
    return [...this.#breakers.keys()];
  }

  /** @returns snapshots in the order of `names()` */
  snapshot(): BreakerSnapshot[] {
    return [...this.#breakers.values()].map(({ breaker }) => breaker.snapshot());
  }

  health(): BreakersHealth {
    return breakersHealth(this.snapshot(), this.#recoveries);
  }

  resetAll(): void {
    for (const { breaker } of this.#breakers.values()) breaker.reset();
  }

  /**
   * Hears of the transitions of all breakers, also of those made later. A listener that throws, or whose promise
   * rejects, harms nobody and is told as `listener_error` of the breaker.
   *
   * @returns ends it
   */
  onTransition(listener: (transition: BreakerTransition) => void): () => void {
    const subscription: Subscription = { listener, stops: [] };
    for (const { breaker } of this.#breakers.values()) subscribe(breaker, subscription);
    this.#subscriptions.add(subscription);
    return () => {
      this.#subscriptions.delete(subscription);
      for (const stop of subscription.stops) stop();
    };
  }

  /**
   * Reports regularly what happened since the report before. The timer keeps no process alive.
   *
   * @param everyMs milliseconds between two reports, over 0
   * @param report what it throws, or its promise is rejected with, is dropped
   * @returns ends it
   * @throws InvalidOptionError
   */
  reportEvery(everyMs: number, report: (summary: BreakerSummary) => void): StopTimer {
    checkPositive('everyMs', everyMs);
    let before = this.snapshot();
    let stop: StopTimer;
    const next = (): void => {
      stop = this.#timer.start(everyMs, () => {
        const now = this.snapshot();
        const summary = breakerSummary(before, now, this.#clock.wallNow());
        before = now;
        next();
        tell(report, summary);
      });
    };
    next();
    return () => stop();
  }

  #make(name: string, how: string | BreakerProfile | undefined): CircuitBreaker {
    const profile = typeof how === 'string' ? this.#profile(how) : how;
    const { random, defaults } = this.#options;
    const breaker = new CircuitBreaker({
      ...defaults,
      ...profile,
      clock: this.#clock,
      random,
      name,
    });
    breaker.on('transition', (transition) => this.#noteRecovery(transition));
    for (const subscription of this.#subscriptions) subscribe(breaker, subscription);
    this.#breakers.set(name, { breaker, asked: how });
    return breaker;
  }

  #noteRecovery({ breaker, from, to }: BreakerTransition): void {
    const now = this.#clock.now();
    if (from === 'CLOSED') this.#leftClosedAt.set(breaker, now);
    const since = this.#leftClosedAt.get(breaker);
    if (to !== 'CLOSED' || since === undefined) return;
    this.#recoveries.set(breaker, now - since);
    this.#leftClosedAt.delete(breaker);
  }

  #profile(name: string): BreakerProfile {
    const profile = Object.hasOwn(this.#profiles, name) ? this.#profiles[name] : undefined;
    if (profile === undefined) {
      throw new InvalidOptionError('profile', name, `one of ${Object.keys(this.#profiles).join(', ')}`);
    }
    return profile;
  }
}

/** Each listener by itself, so that one that throws keeps nothing from the others. */
function subscribe(breaker: CircuitBreaker, { listener, stops }: Subscription): void {
  stops.push(breaker.on('transition', listener));
}
