import type { GatewayConfig } from '../config/gateway-config.ts';
import { makeOutboundLane } from '../http/fast/outbound/make-outbound-lane.ts';
import { UndiciLane } from '../http/full/undici-lane.ts';
import type { MakeLane } from '../upstream/upstream.ts';

/**
 * The lanes to targets.
 *
 * @param shares threads that each have their own: `max_connections` is for all together, but one for each at least
 */
export function outboundLanes({ server }: Pick<GatewayConfig, 'server'>, shares = 1): MakeLane {
  const make: MakeLane = server.fastLane
    ? makeOutboundLane
    : (target, options) => new UndiciLane(target, options);
  return (target, options) => {
    const maxConnections = Math.max(1, Math.floor(options.maxConnections / shares));
    return make(target, { ...options, maxConnections });
  };
}
