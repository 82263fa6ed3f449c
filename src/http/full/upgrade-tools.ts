import { isIP, type Socket } from 'node:net';
import { buildConnector } from 'undici';
import type { TargetConfig } from '../../config/gateway-config.ts';
import { bareHost } from './bare-host.ts';
import { type Connect, sendUpgradeRequest } from './httpxy-request.ts';

/** What upgrades need beyond what other requests do: of undici and httpxy, which are loaded with it. */
export interface UpgradeTools {
  readonly sendUpgradeRequest: typeof sendUpgradeRequest;
  /** Opens a connection; the socket that is returned can be destroyed before it is open. */
  connect(opened: Parameters<Connect>[0]): Socket;
}

/** @param connectTimeoutMs TCP and TLS together */
export function upgradeTools(target: TargetConfig, connectTimeoutMs: number): UpgradeTools {
  // Half-open, because each direction of a tunnel ends by itself.
  const connect = buildConnector({ timeout: connectTimeoutMs, allowH2: false, allowHalfOpen: true });
  const name = bareHost(target.hostname);
  const { protocol, port } = target;
  const address = {
    protocol,
    hostname: target.address ?? name,
    host: name,
    port: String(port),
    // RFC 6066 §3 allows no addresses in SNI; the certificate is then checked against the address.
    servername: isIP(name) === 0 ? name : '',
  };
  return {
    sendUpgradeRequest,
    connect: (opened) =>
      connect(address, (...[error, socket]) => opened(error, socket ?? null)) as unknown as Socket,
  };
}
