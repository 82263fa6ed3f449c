import {
  BreakerRegistry,
  type BreakersHealth,
  Bulkhead,
  type BulkheadSnapshot,
  type CircuitBreaker,
  type Clock,
  compose,
  type Layer,
  Timeout,
  type Timer,
} from '../../src/resilience/index.ts';
import { PLATFORM_BREAKERS, type PlatformService } from './breakers.ts';

export interface Time {
  readonly clock?: Clock;
  readonly timer?: Timer;
}

/**
 * Separate slots for what people read, what they write and how they log in: a flood of one leaves room for the
 * others. Writes are few and may wait longer; nobody waits long to read.
 */
const POOLS = {
  read: { maxConcurrent: 20, queue: 40, queueTimeoutMs: 500 },
  write: { maxConcurrent: 5, queue: 20, queueTimeoutMs: 2000 },
  auth: { maxConcurrent: 10, queue: 10, queueTimeoutMs: 1000 },
} as const;

export type Pool = keyof typeof POOLS;

/** The breakers and pools that all parts of the platform share. */
export class Platform {
  readonly breakers: BreakerRegistry;
  readonly time: Time;
  readonly #pools: Readonly<Record<Pool, Bulkhead>>;

  constructor(time: Time = {}) {
    this.time = time;
    this.breakers = new BreakerRegistry({ clock: time.clock });
    for (const service of Object.keys(PLATFORM_BREAKERS)) this.breaker(service as PlatformService);
    const pool = (name: Pool): Bulkhead => new Bulkhead({ name, ...POOLS[name], timer: time.timer });
    this.#pools = { read: pool('read'), write: pool('write'), auth: pool('auth') };
  }

  breaker(service: PlatformService): CircuitBreaker {
    return this.breakers.get(service, PLATFORM_BREAKERS[service]);
  }

  /** What a call to a service goes through: a slot of its pool, the service's breaker, its time. */
  guard(pool: Pool, service: PlatformService, timeoutMs: number): Layer {
    return compose(
      this.#pools[pool],
      this.breaker(service),
      new Timeout({ ms: timeoutMs, clock: this.time.clock, timer: this.time.timer }),
    );
  }

  health(): BreakersHealth & { readonly pools: readonly BulkheadSnapshot[] } {
    return { ...this.breakers.health(), pools: Object.values(this.#pools).map((pool) => pool.snapshot()) };
  }

  /** `X-Circuit-Breaker-<Service>` for every service, and whether any of them is in trouble. */
  headers(): Record<string, string> {
    const snapshots = this.breakers.snapshot();
    const degraded = snapshots.some(({ state }) => state !== 'CLOSED');
    return {
      ...Object.fromEntries(
        snapshots.map(({ name, state }) => [`X-Circuit-Breaker-${headerName(name)}`, state]),
      ),
      'X-System-Degraded': String(degraded),
    };
  }
}

/** `external-api` → `External-Api` */
function headerName(service: string): string {
  return service.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
