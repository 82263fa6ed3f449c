import { tellBreaker, tellTargets } from '../observe/event-sources.ts';
import type { GatewayEvent } from '../observe/gateway-event.ts';
import type { GatewayCore } from './gateway-core.ts';

/**
 * Tells what the breakers and targets of a thread's core bring about. Each event is told in one thread only: that which
 * brought it about.
 */
export function tellEvents(core: GatewayCore, tell: (event: GatewayEvent) => void): void {
  for (const upstream of core.upstreams.values()) {
    tellBreaker(upstream.breaker, upstream.name, tell);
    tellTargets(upstream, tell);
  }
  if (core.cacheBreaker !== null) tellBreaker(core.cacheBreaker, null, tell);
}
