import type { GatewayConfig } from '../config/gateway-config.ts';
import { maySpeakH2 } from '../http/full/may-speak-h2.ts';
import type { MakeLane } from '../upstream/upstream.ts';

/**
 * The lanes to targets: the fast one where it is wanted and HTTP/1.1 is all that is spoken, else undici's. Either is
 * loaded only where a target needs it: undici takes 20 MB and a third of the time of a start.
 *
 * @param shares threads that each have their own: `max_connections` is for all together, but one for each at least
 */
export async function outboundLanes(
  { server, upstreams }: Pick<GatewayConfig, 'server' | 'upstreams'>,
  shares = 1,
): Promise<MakeLane> {
  const isFast: (...to: Parameters<MakeLane>) => boolean = (target, options) =>
    server.fastLane && !maySpeakH2(target, options);
  const lanes = new Map<boolean, MakeLane>();
  for (const upstream of upstreams.values()) {
    for (const target of upstream.targets) {
      const fast = isFast(target, upstream);
      if (!lanes.has(fast)) lanes.set(fast, await (fast ? fastLanes() : undiciLanes()));
    }
  }
  return (target, options) => {
    const maxConnections = Math.max(1, Math.floor(options.maxConnections / shares));
    // What DNS finds for a target is spoken to as the target is.
    return lanes.get(isFast(target, options))!(target, { ...options, maxConnections });
  };
}

async function fastLanes(): Promise<MakeLane> {
  const { FastOutboundLane } = await import('../http/fast/outbound/fast-outbound-lane.ts');
  return (target, options) => new FastOutboundLane(target, options);
}

async function undiciLanes(): Promise<MakeLane> {
  const { UndiciLane } = await import('../http/full/undici-lane.ts');
  return (target, options) => new UndiciLane(target, options);
}
