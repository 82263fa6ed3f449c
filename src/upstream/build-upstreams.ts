import type { BreakerConfig, UpstreamConfig } from '../config/gateway-config.ts';
import { UndiciLane } from '../http/full/undici-lane.ts';
import { CircuitBreaker } from '../resilience/index.ts';
import { Target } from './target.ts';
import { Upstream } from './upstream.ts';

/** Makes every upstream with its breaker, its targets and their connections; nothing is connected yet. */
export function buildUpstreams(configs: ReadonlyMap<string, UpstreamConfig>): Map<string, Upstream> {
  const upstreams = new Map<string, Upstream>();
  for (const [name, config] of configs) {
    const targets = config.targets.map((target) => new Target(target, new UndiciLane(target, config)));
    upstreams.set(name, new Upstream(config, buildBreaker(config.circuitBreaker), targets));
  }
  return upstreams;
}

function buildBreaker(config: BreakerConfig): CircuitBreaker {
  return new CircuitBreaker({
    name: config.name,
    failureThreshold: config.failureThreshold,
    successThreshold: config.successThreshold,
    halfOpenRequests: config.halfOpenRequests,
    halfOpenTimeoutMs: config.halfOpenTimeoutMs,
    openTimeoutMs: config.openTimeoutMs,
    mode: config.mode,
  });
}
