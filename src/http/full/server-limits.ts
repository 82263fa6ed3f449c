import type { ServerConfig } from '../../config/gateway-config.ts';

/** What of the configuration the inbound lane enforces. */
export type ServerLimits = Pick<
  ServerConfig,
  | 'headerTimeoutMs'
  | 'bodyTimeoutMs'
  | 'idleTimeoutMs'
  | 'sendTimeoutMs'
  | 'maxHeaderBytes'
  | 'maxHeaderCount'
  | 'maxTargetBytes'
  | 'maxBodyBytes'
  | 'maxConnections'
>;
