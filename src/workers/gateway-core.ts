import type { GatewayConfig, TargetConfig } from '../config/gateway-config.ts';
import { type Logger, logTargets, logTransitions, logWouldOpen } from '../observe/log.ts';
import { type HealthReport, healthReport } from '../proxy/health.ts';
import { RecoveryTimes } from '../proxy/recovery-times.ts';
import type { Route } from '../proxy/route.ts';
import { compilePlans, RetryBudgets, type RoutePlan } from '../proxy/route-plan.ts';
import { compileRoutes, type Router } from '../proxy/router.ts';
import { type Bulkhead, type CircuitBreaker, RetryBudget, type ThreadPlace } from '../resilience/index.ts';
import type { Share } from '../upstream/build-breaker.ts';
import { buildBulkhead, buildUpstreams, type SharedParts } from '../upstream/build-upstreams.ts';
import { targetWords } from '../upstream/target-words.ts';
import type { MakeLane, Upstream } from '../upstream/upstream.ts';
import { buildCacheBreaker, describeCacheBreaker, keepsAnswers } from './cache-store.ts';
import { PART, type SharedMemory } from './shared-memory.ts';

/** What one of several threads shares with the others. */
export interface Sharing {
  readonly memory: SharedMemory;
  readonly place: ThreadPlace;
}

export interface CoreOptions {
  readonly makeLane: MakeLane;
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

  constructor(config: GatewayConfig, { log, makeLane, sharing }: CoreOptions) {
    this.config = config;
    this.sharing = sharing;
    const memory = sharing?.memory;
    const shared = (part: string): Share | undefined =>
      sharing && { memory: sharing.memory.words(part), thread: sharing.place };
    this.pools = new Map(
      [...config.bulkheads].map(([name, pool]) => [name, buildBulkhead(pool, shared(PART.pool(name)))]),
    );
    this.upstreams = buildUpstreams(config.upstreams, {
      pools: this.pools,
      makeLane,
      shared: sharing && sharedParts(config, sharing),
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

  /** Requests that are at an upstream now, tunnels included, in all threads. */
  requestsUnderWay(): number {
    let sum = 0;
    for (const { targets } of this.upstreams.values()) for (const { inFlight } of targets) sum += inFlight;
    return sum;
  }

  /** Gives back what a thread held that is gone. */
  forgetThread(index: number): void {
    for (const pool of this.pools.values()) pool.forgetThread(index);
    for (const budget of this.#budgets.all) budget.forgetThread(index);
    for (const upstream of this.upstreams.values()) upstream.forgetThread(index);
    this.cacheBreaker?.forgetThread(index);
  }

  /** What upstream connections still wait for, such as a handshake, is for nobody any more. */
  async close(): Promise<void> {
    for (const upstream of this.upstreams.values()) upstream.destroy();
    await Promise.all([...this.upstreams.values()].map((upstream) => upstream.close()));
  }
}

function sharedParts({ upstreams }: GatewayConfig, { memory, place }: Sharing): SharedParts {
  const places = new Map<TargetConfig, Int32Array>();
  for (const { name, targets } of upstreams.values()) {
    for (const [at, target] of targets.entries()) places.set(target, memory.words(PART.target(name, at)));
  }
  return {
    thread: place,
    breakerMemory: ({ name }) => memory.words(PART.breaker(name)),
    bulkheadMemory: ({ name }) => memory.words(PART.bulkhead(name)),
    // What DNS finds the main thread has words made for; the others get these with the news.
    targetMemory: (target) => places.get(target) ?? newTargetWords(place.count),
  };
}

function newTargetWords(threads: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(targetWords(threads) * Int32Array.BYTES_PER_ELEMENT));
}
