import type { Address } from '../config/gateway-config.ts';

export interface RunningGateway {
  /** Where requests are taken; the port is the real one when the configuration said 0. */
  readonly address: Address;
  /** Where the admin API listens, or null when it is off. */
  readonly adminAddress: Address | null;
  /** Threads that take requests; 1: this one. */
  readonly workers: number;
  /** Requests that are at an upstream now, tunnels included, in all threads. */
  requestsUnderWay(): number;
  /**
   * Stops accepting, lets running requests finish within `server.shutdown_timeout`, then closes what is left.
   * Calling it again waits for the same stop.
   */
  stop(): Promise<void>;
}
