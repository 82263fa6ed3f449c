import type { BulkheadConfig, TargetConfig, UpstreamConfig } from '../config/gateway-config.ts';
import { UndiciLane } from '../http/full/undici-lane.ts';
import type { OutboundLane } from '../http/message.ts';
import {
  Bulkhead,
  backgroundTimer,
  type Clock,
  systemClock,
  type ThreadPlace,
  type Timer,
} from '../resilience/index.ts';
import { buildBreaker } from './build-breaker.ts';
import { Upstream } from './upstream.ts';

/** A part of the resilience core that several threads have in common. */
export interface SharedPart {
  readonly memory: Int32Array;
  readonly thread: ThreadPlace;
}

/** What of the upstreams several threads have in common, by the upstream's name. */
export interface SharedUpstreams {
  readonly breaker: (upstream: string) => SharedPart;
  /** Only of upstreams that have one of their own. */
  readonly bulkhead: (upstream: string) => SharedPart;
}

export interface UpstreamsOptions {
  /** Named pools that upstreams and routes share. @default none */
  readonly pools?: ReadonlyMap<string, Bulkhead>;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Of DNS refreshes and health checks. @default backgroundTimer */
  readonly timer?: Timer;
  /** 0 to less than 1. @default Math.random */
  readonly random?: () => number;
  /** What is shared with other threads. @default nothing */
  readonly shared?: SharedUpstreams | undefined;
  /** @default an undici pool for each target */
  readonly makeLane?: ((target: TargetConfig, options: UpstreamConfig) => OutboundLane) | undefined;
}

/**
 * Makes every upstream with its breaker, its targets and their connections; nothing is connected, resolved or checked
 * yet.
 *
 * @throws {Error} an upstream names a pool that is not among `pools`
 */
export function buildUpstreams(
  configs: ReadonlyMap<string, UpstreamConfig>,
  options: UpstreamsOptions = {},
): Map<string, Upstream> {
  const {
    pools = new Map<string, Bulkhead>(),
    clock = systemClock,
    timer = backgroundTimer,
    random = Math.random,
    shared,
    makeLane = (target, options) => new UndiciLane(target, options),
  } = options;
  const upstreams = new Map<string, Upstream>();
  for (const [name, config] of configs) {
    const parts = {
      breaker: buildBreaker(config.circuitBreaker, shared?.breaker(name)),
      bulkhead: bulkheadOf(config, pools, shared),
      makeLane,
      clock,
      timer,
      random,
    };
    upstreams.set(name, new Upstream(config, parts));
  }
  return upstreams;
}

/** @param shared with other threads. @default it is this thread's own */
export function buildBulkhead(config: BulkheadConfig, shared?: SharedPart): Bulkhead {
  const { name, maxConcurrent, queue, queueTimeoutMs } = config;
  return new Bulkhead({ name, maxConcurrent, queue, queueTimeoutMs, ...shared });
}

function bulkheadOf(
  { name, bulkhead }: UpstreamConfig,
  pools: ReadonlyMap<string, Bulkhead>,
  shared: SharedUpstreams | undefined,
): Bulkhead | null {
  if (bulkhead === null) return null;
  if (typeof bulkhead !== 'string') return buildBulkhead(bulkhead, shared?.bulkhead(name));
  const pool = pools.get(bulkhead);
  if (pool === undefined) throw new Error(`Upstream "${name}": there is no pool "${bulkhead}".`);
  return pool;
}
