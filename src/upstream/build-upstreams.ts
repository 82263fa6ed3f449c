import type {
  BreakerConfig,
  BulkheadConfig,
  TargetConfig,
  UpstreamConfig,
} from '../config/gateway-config.ts';
import {
  Bulkhead,
  backgroundTimer,
  type Clock,
  systemClock,
  type ThreadPlace,
  type Timer,
} from '../resilience/index.ts';
import { buildBreaker, type Share } from './build-breaker.ts';
import { type MakeLane, Upstream } from './upstream.ts';

export interface UpstreamsOptions {
  /** Named pools that upstreams and routes share. @default none */
  readonly pools?: ReadonlyMap<string, Bulkhead>;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Of DNS refreshes and health checks. @default backgroundTimer */
  readonly timer?: Timer;
  /** 0 to less than 1. @default Math.random */
  readonly random?: () => number;
  readonly makeLane: MakeLane;
  /** @default everything is private */
  readonly shared?: SharedParts | undefined;
}

/** Where the parts of upstreams stand that several threads share; undefined for a part: private. */
export interface SharedParts {
  readonly thread: ThreadPlace;
  /** `wordsNeeded({ ...breakerOptions(config), thread })` words. */
  readonly breakerMemory: (config: BreakerConfig) => Int32Array | undefined;
  /** `bulkheadWords(thread.count)` words; not asked for named pools. */
  readonly bulkheadMemory: (config: BulkheadConfig) => Int32Array | undefined;
  /** `targetWords(thread.count)` words. */
  readonly targetMemory: (config: TargetConfig) => Int32Array | undefined;
}

/**
 * Makes every upstream with its breaker, its targets and their connections; nothing is connected, resolved or checked
 * yet.
 *
 * @throws {Error} an upstream names a pool that is not among `pools`
 */
export function buildUpstreams(
  configs: ReadonlyMap<string, UpstreamConfig>,
  options: UpstreamsOptions,
): Map<string, Upstream> {
  const {
    pools = new Map<string, Bulkhead>(),
    clock = systemClock,
    timer = backgroundTimer,
    random = Math.random,
    makeLane,
    shared,
  } = options;
  const upstreams = new Map<string, Upstream>();
  for (const [name, config] of configs) {
    const parts = {
      breaker: buildBreaker(
        config.circuitBreaker,
        shared && {
          thread: shared.thread,
          memory: shared.breakerMemory(config.circuitBreaker),
        },
      ),
      bulkhead: bulkheadOf(config, pools, shared),
      targetMemory: shared?.targetMemory,
      thread: shared?.thread,
      makeLane,
      clock,
      timer,
      random,
    };
    upstreams.set(name, new Upstream(config, parts));
  }
  return upstreams;
}

export function buildBulkhead(config: BulkheadConfig, share: Share = {}): Bulkhead {
  const { name, maxConcurrent, queue, queueTimeoutMs } = config;
  return new Bulkhead({ name, maxConcurrent, queue, queueTimeoutMs, ...share });
}

function bulkheadOf(
  { name, bulkhead }: UpstreamConfig,
  pools: ReadonlyMap<string, Bulkhead>,
  shared: SharedParts | undefined,
): Bulkhead | null {
  if (bulkhead === null) return null;
  if (typeof bulkhead !== 'string') {
    return buildBulkhead(bulkhead, { thread: shared?.thread, memory: shared?.bulkheadMemory(bulkhead) });
  }
  const pool = pools.get(bulkhead);
  if (pool === undefined) throw new Error(`Upstream "${name}": there is no pool "${bulkhead}".`);
  return pool;
}
