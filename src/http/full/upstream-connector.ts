import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import type { TargetConfig } from '../../config/gateway-config.ts';
import { bareHost } from './bare-host.ts';

/** What connections have broken of, as the attempts on them need to know. */
export interface ConnectionErrors {
  /** The error of the connection that is breaking right now, in this turn of the event loop; else null. */
  readonly current: Error | null;
  /** True when a connection that had been made broke of this error; false for failures to make one. */
  isOfConnection(error: Error): boolean;
}

export interface UpstreamConnector {
  readonly connect: buildConnector.connector;
  readonly errors: ConnectionErrors;
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
  maySpeakH2: boolean,
): UpstreamConnector {
  const open = buildConnector({ timeout: connectTimeoutMs, allowH2: maySpeakH2 });
  // RFC 6066 §3 allows no addresses in SNI; the certificate is then checked against the address.
  const servername = isIP(bareHost(target.hostname)) === 0 ? bareHost(target.hostname) : '';
  // Only where to connect to changes: who is there must still prove the name.
  const address = target.address === undefined ? undefined : { hostname: target.address };
  const known = new WeakSet<Error>();
  let current: Error | null = null;
  const note = (error: Error): void => {
    known.add(error);
    current = error;
    queueMicrotask(() => {
      current = null;
    });
  };
  return {
    connect: (options, callback) => {
      open({ ...options, servername, ...address }, (...result) => {
        result[1]?.prependListener('error', note);
        callback(...result);
      });
    },
    errors: {
      get current() {
        return current;
      },
      isOfConnection: (error) => known.has(error),
    },
  };
}
