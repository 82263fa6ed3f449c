import type { RouteConfig } from '../config/gateway-config.ts';
import { type Bulkhead, RetryBudget } from '../resilience/index.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { FallbackCounts } from './fallback-counts.ts';
import { type FallbackSource, FallbackStep } from './fallback-step.ts';
import { RetryPlan } from './retry-plan.ts';
import type { Route } from './route.ts';

/** Largest request body that is kept for a secondary upstream where no retry says otherwise. */
const KEPT_BODY_BYTES = 64 * 1024;

/** What a plan is compiled with. */
export interface PlanParts {
  readonly upstreams: ReadonlyMap<string, Upstream>;
  /** The named pools. */
  readonly pools: ReadonlyMap<string, Bulkhead>;
  /** @default budgets of their own */
  readonly budgets?: RetryBudgets | undefined;
  /** Where the route at this place of the file counts its fallbacks. @default in private memory */
  readonly fallbackWords?: ((place: number) => Int32Array) | undefined;
}

/** How a route's cache is used: to answer (`serves`), or only to keep answers for a `stale` fallback. */
export interface CachePlan {
  readonly ttlMs: number | null;
  readonly serves: boolean;
  /** The longest age that a `stale` fallback of the route takes, in milliseconds; 0 without one. */
  readonly staleMs: number;
}

/** RFC 9110 §9.2.1. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * What happens to a route's requests, compiled once: fallback · cache → retry → bulkhead → breaker → timeout → target.
 * A part that is not configured is null, and costs a request one comparison.
 */
export class RoutePlan {
  readonly route: Route;
  readonly upstream: Upstream;
  readonly retry: RetryPlan | null;
  readonly fallback: readonly FallbackStep[];
  readonly cache: CachePlan | null;
  /** Largest request body that is kept to be sent again; null: nothing is ever sent again. */
  readonly keptBodyBytes: number | null;
  readonly #read: Bulkhead | null;
  readonly #write: Bulkhead | null;
  readonly #fallbackCounts: FallbackCounts;

  constructor(
    route: Route,
    parts: PlanParts & { readonly budgets: RetryBudgets },
    fallbackWords?: Int32Array,
  ) {
    const { config } = route;
    const { upstreams, pools, budgets } = parts;
    this.#fallbackCounts = new FallbackCounts(fallbackWords);
    const upstream = upstreams.get(config.upstream);
    if (upstream === undefined) throw new Error(`no upstream "${config.upstream}"`);
    this.route = route;
    this.upstream = upstream;
    this.retry =
      config.retry === null
        ? null
        : new RetryPlan(config.retry, budgets.of(config.upstream, config.retry.budget));
    this.fallback = config.fallback.map((step) => new FallbackStep(step, upstreams));
    this.cache = cachePlan(config);
    const secondary = this.fallback.some(({ source }) => source === 'secondary');
    this.keptBodyBytes = this.retry?.maxBodyBytes ?? (secondary ? KEPT_BODY_BYTES : null);
    this.#read = poolOf(config.bulkhead.read, pools);
    this.#write = poolOf(config.bulkhead.write, pools);
  }

  /** As configured. */
  get path(): string {
    return this.route.config.path;
  }

  /** How often each kind of fallback has answered since the start. */
  get fallbackUse(): Readonly<Record<FallbackSource, number>> {
    return this.#fallbackCounts.read();
  }

  /** A fallback has answered. */
  answeredBy(source: FallbackSource): void {
    this.#fallbackCounts.add(source);
  }

  /** The pool whose slot a request of this method takes; null: none. */
  pool(method: string): Bulkhead | null {
    if (this.#read === this.#write) return this.#read;
    return SAFE.has(method) ? this.#read : this.#write;
  }
}

/** Retries are a share of what an upstream gets, so all routes to it that allow the same share have one budget. */
export class RetryBudgets {
  readonly #make: (key: string, percent: number) => RetryBudget;
  readonly #budgets = new Map<string, RetryBudget>();

  /** @param make of the budget with this key (`budgetKey`). @default in private memory */
  constructor(
    make: (key: string, percent: number) => RetryBudget = (_, percent) => new RetryBudget({ percent }),
  ) {
    this.#make = make;
  }

  /** Those that were asked for. */
  get all(): Iterable<RetryBudget> {
    return this.#budgets.values();
  }

  /** @param percent null: unlimited */
  of(upstream: string, percent: number | null): RetryBudget | null {
    if (percent === null) return null;
    const key = budgetKey(upstream, percent);
    let budget = this.#budgets.get(key);
    if (budget === undefined) {
      budget = this.#make(key, percent);
      this.#budgets.set(key, budget);
    }
    return budget;
  }
}

/** @throws Error a route or step names what is not there, which the configuration has ruled out */
export function compilePlans(routes: readonly Route[], parts: PlanParts): ReadonlyMap<Route, RoutePlan> {
  const { budgets = new RetryBudgets(), fallbackWords } = parts;
  return new Map(
    routes.map((route, place) => [
      route,
      new RoutePlan(route, { ...parts, budgets }, fallbackWords?.(place)),
    ]),
  );
}

/** What distinguishes the retry budgets of a gateway. */
export function budgetKey(upstream: string, percent: number): string {
  return `${percent} ${upstream}`;
}

function cachePlan({ cache, fallback }: RouteConfig): CachePlan | null {
  const staleMs = Math.max(0, ...fallback.map((step) => (step.type === 'stale' ? step.maxAgeMs : 0)));
  if (cache === null && staleMs === 0) return null;
  return { ttlMs: cache?.ttlMs ?? null, serves: cache !== null, staleMs };
}

function poolOf(name: string | null, pools: ReadonlyMap<string, Bulkhead>): Bulkhead | null {
  if (name === null) return null;
  const pool = pools.get(name);
  if (pool === undefined) throw new Error(`no bulkhead "${name}"`);
  return pool;
}
