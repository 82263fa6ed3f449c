import type { UpstreamConfig } from '../config/gateway-config.ts';
import { UndiciLane } from '../http/full/undici-lane.ts';
import { buildBreaker } from './build-breaker.ts';
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
