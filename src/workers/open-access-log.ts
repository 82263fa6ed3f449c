import type { GatewayConfig } from '../config/gateway-config.ts';
import { AccessLog } from '../observe/access-log/access-log.ts';
import { TrustedPeers } from '../proxy/trusted-peers.ts';

/**
 * The access log of the thread that takes requests; null where there is none.
 *
 * @param write takes whole lines of JSON
 * @param worker the thread's index. @default there is only one
 */
export function openAccessLog(
  { log, server }: GatewayConfig,
  write: (lines: string) => void,
  worker?: number,
): AccessLog | null {
  if (log.access === null) return null;
  return new AccessLog({
    config: log.access,
    trusted: new TrustedPeers(server.trustedProxies),
    write,
    ...(worker === undefined ? {} : { worker }),
  });
}
