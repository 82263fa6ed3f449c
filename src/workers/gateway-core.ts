import type { GatewayConfig } from '../config/gateway-config.ts';
import { makeOutboundLane } from '../http/fast/outbound/make-outbound-lane.ts';
import { type Logger, logTargets, logTransitions, logWouldOpen } from '../observe/log.ts';
import { type HealthReport, healthReport } from '../proxy/health.ts';
import { RecoveryTimes } from '../proxy/recovery-times.ts';
import type { Route } from '../proxy/route.ts';
import { compilePlans, RetryBudgets, type RoutePlan } from '../proxy/route-plan.ts';
import { compileRoutes, type Router } from '../proxy/router.ts';
import { type Bulkhead, type CircuitBreaker, RetryBudget, type ThreadPlace } from '../resilience/index.ts';
import {
  buildBulkhead,
  buildUpstreams,
  type SharedPart,
  type SharedUpstreams,
} from '../upstream/build-upstreams.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { buildCacheBreaker, describeCacheBreaker, keepsAnswers } from './cache-store.ts';
import { PART, type SharedMemory } from './shared-memory.ts';

/** What one of several threads shares with the others. */
export interface Sharing {
  readonly memory: SharedMemory;
  readonly place: ThreadPlace;
}

/** What can be held by a thread that dies. */
interface Held {
  forgetThread(index: number): void;
}

export interface CoreOptions {
  readonly log: Logger;
  /** @default all is private to this thread */
  readonly sharing?: Sharing | undefined;
}

/**
 * The routes with all that they pass through, and what it has seen. Every thread of a gateway has one; those that share
 * their memory decide as one and show the same.
 */
export class GatewayCore {
  readonly config: GatewayConfig;
  readonly sharing: Sharing | undefined;
  readonly pools: ReadonlyMap<string, Bulkhead>;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  /** By name; that of the cache's store among them. */
  readonly breakers: ReadonlyMap<string, CircuitBreaker>;
  /** Null: no route keeps answers, or the store is memory. */
  readonly cacheBreaker: CircuitBreaker | null;
  readonly router: Router;
  readonly plans: ReadonlyMap<Route, RoutePlan>;
  readonly #budgets: RetryBudgets;
  readonly #recoveries: RecoveryTimes;

  constructor(config: GatewayConfig, { log, sharing }: CoreOptions) {
    this.config = config;
    this.sharing = sharing;
    const memory = sharing?.memory;
    const shared = (part: string): SharedPart | undefined =>
      sharing && { memory: sharing.memory.words(part), thread: sharing.place };
    this.pools = new Map(
      [...config.bulkheads].map(([name, pool]) => [name, buildBulkhead(pool, shared(PART.pool(name)))]),
    );
    this.upstreams = buildUpstreams(config.upstreams, {
      pools: this.pools,
      makeLane: config.server.fastLane ? makeOutboundLane : undefined,
      shared: sharing && sharedUpstreams(sharing),
    });
    const { redis } = config.cache;
    this.cacheBreaker =
      redis === null || !config.routes.some(keepsAnswers)
        ? null
        : buildCacheBreaker(redis, shared(PART.cacheBreaker));
    const breakers = [...this.upstreams.values()].map(({ breaker }) => breaker);
    if (this.cacheBreaker !== null) breakers.push(this.cacheBreaker);
    this.breakers = new Map(breakers.map((breaker) => [breaker.name, breaker]));
    this.router = compileRoutes(config.routes);
    this.#budgets = new RetryBudgets(
      (key, percent) => new RetryBudget({ percent, ...shared(PART.budget(key)) }),
    );
    this.plans = compilePlans(this.router.routes, {
      budgets: this.#budgets,
      upstreams: this.upstreams,
      pools: this.pools,
      fallbackWords: memory && ((place) => memory.words(PART.fallbacks(place))),
    });
    this.#recoveries = new RecoveryTimes(breakers);
    for (const breaker of breakers) {
      logTransitions(breaker, log);
      logWouldOpen(breaker, log);
    }
    for (const upstream of this.upstreams.values()) logTargets(upstream, log);
  }

  /** When the breaker of this name opens and for how long, in plain words. */
  rulesOf(breaker: string): string {
    if (breaker === this.cacheBreaker?.name) return describeCacheBreaker(this.cacheBreaker);
    for (const { breaker: one, breakerRules } of this.upstreams.values()) {
      if (one.name === breaker) return breakerRules;
    }
    throw new Error(`There is no breaker "${breaker}".`);
  }

  health(): HealthReport {
    return healthReport(this.upstreams.values(), {
      routes: this.plans.values(),
      recoveries: this.#recoveries,
    });
  }

  /** Gives back what a thread held that is gone. */
  forgetThread(index: number): void {
    const held: Held[] = [...this.pools.values(), ...this.#budgets.all, ...this.breakers.values()];
    for (const { bulkhead } of this.upstreams.values()) if (bulkhead !== null) held.push(bulkhead);
    // A pool is held once, however many upstreams it is for.
    for (const one of new Set(held)) one.forgetThread(index);
  }

  /** What upstream connections still wait for, such as a handshake, is for nobody any more. */
  async close(): Promise<void> {
    for (const upstream of this.upstreams.values()) upstream.destroy();
    await Promise.all([...this.upstreams.values()].map((upstream) => upstream.close()));
  }
}

function sharedUpstreams({ memory, place: thread }: Sharing): SharedUpstreams {
  const part = (name: string): SharedPart => ({ memory: memory.words(name), thread });
  return {
    breaker: (upstream) => part(PART.breaker(upstream)),
    bulkhead: (upstream) => part(PART.bulkhead(upstream)),
  };
}
