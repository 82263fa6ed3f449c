import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import type { TargetConfig } from '../../config/gateway-config.ts';

/** What a broken connection says to the attempts on it while its error is being told. */
export interface BrokenConnections {
  /** The error of the connection that is breaking right now, in this turn of the event loop; else null. */
  readonly breaking: Error | null;
}

export interface UpstreamConnector extends BrokenConnections {
  readonly connect: buildConnector.connector;
}

/**
 * Opens connections to a target.
 *
 * It notes a connection's error before undici hears of it: undici takes a reset for the regular end of a body that
 * is delimited by the connection's end, and then reports a cut answer as complete (RFC 9112 §8 forbids it).
 *
 * @param connectTimeoutMs TCP and TLS together
 */
export function upstreamConnector(
  target: TargetConfig,
  connectTimeoutMs: number,
  allowH2: boolean,
): UpstreamConnector {
  const open = buildConnector({
    timeout: connectTimeoutMs,
    allowH2: allowH2 && target.protocol === 'https:',
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
  });
  const hostname = bareHost(target.hostname);
  let breaking: Error | null = null;
  return {
    get breaking() {
      return breaking;
    },
    connect: (options, callback) => {
      // RFC 6066 §3 allows no addresses in SNI.
      const servername = isIP(hostname) === 0 ? hostname : '';
      open({ ...options, servername }, (...result) => {
        const socket = result[1];
        socket?.prependListener('error', (error: Error) => {
          breaking = error;
          queueMicrotask(() => {
            breaking = null;
          });
        });
        callback(...result);
      });
    },
  };
}

/** A host name as resolvers want it: IPv6 without brackets. */
export function bareHost(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
