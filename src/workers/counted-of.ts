import type { GatewayConfig } from '../config/gateway-config.ts';
import type { Counted } from '../observe/exchange-recorder.ts';

/** What the metrics of a gateway with this configuration are of. */
export function countedOf({ routes, upstreams, tracing }: GatewayConfig): Counted {
  return { routes, upstreams: [...upstreams.keys()], exemplars: tracing !== null };
}
