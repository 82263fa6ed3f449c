import { randomInt } from 'node:crypto';
import type { GatewayConfig } from '../config/gateway-config.ts';

/** The gateway's pseudonym in `Via`: as configured, or drawn anew, so that one gateway may stand behind another. */
export function viaOf({ server }: GatewayConfig): string {
  return server.via ?? `breakwater-${randomInt(1_000_000).toString().padStart(6, '0')}`;
}
