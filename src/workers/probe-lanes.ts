import type { GatewayConfig } from '../config/gateway-config.ts';
import type { OutboundLane } from '../http/message.ts';
import type { MakeLane } from '../upstream/upstream.ts';

/** Of a target that this thread sends nothing to. */
class NoLane implements OutboundLane {
  start(): never {
    throw new Error('This thread takes no traffic.');
  }

  upgrade(): never {
    return this.start();
  }

  async close(): Promise<void> {}

  destroy(): void {}
}

/**
 * The lanes of a thread that only probes. HTTP clients are loaded only where something is probed: they take as long as
 * all the rest of this thread, at the moment when its workers need the processor too.
 */
export async function probeLanes(config: GatewayConfig): Promise<MakeLane> {
  const probes = [...config.upstreams.values()].some(({ healthCheck }) => healthCheck !== null);
  if (!probes) return () => new NoLane();
  return (await import('./outbound-lanes.ts')).outboundLanes(config);
}
