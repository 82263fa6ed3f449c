import type { TargetConfig } from '../../../config/gateway-config.ts';
import { MAX_INTERIM_RESPONSES } from '../../full/max-interim-responses.ts';
import type { UndiciLaneOptions } from '../../full/undici-lane.ts';
import { UpgradeLane } from '../../full/upgrade-lane.ts';
import type { Attempt, AttemptSink, OutboundLane, OutboundRequest, UpgradeSink } from '../../message.ts';
import { ConnectionPool } from './connection-pool.ts';
import { FastAttempt } from './fast-attempt.ts';
import { MAX_HEAD_BYTES } from './head-reader.ts';
import { socketOpener } from './open-socket.ts';

/** Attempts at one target over HTTP/1.1, through sockets of our own. */
export class FastOutboundLane implements OutboundLane {
  readonly #pool: ConnectionPool;
  readonly #upgrades: UpgradeLane;
  #closed: Promise<void> | null = null;

  constructor(target: TargetConfig, options: UndiciLaneOptions) {
    this.#pool = new ConnectionPool(socketOpener(target), options);
    this.#upgrades = new UpgradeLane(target, {
      ...options,
      maxHeadBytes: MAX_HEAD_BYTES,
      maxInterims: MAX_INTERIM_RESPONSES,
    });
  }

  /** @throws {TypeError} when the request cannot be sent over HTTP at all; the sink is told nothing */
  start(request: OutboundRequest, sink: AttemptSink): Attempt {
    const attempt = new FastAttempt(this.#pool, request, sink, this.#pool.allTaken);
    this.#pool.enter(attempt);
    return attempt;
  }

  /** @throws {TypeError} when the request cannot be sent over HTTP at all, or is no handshake; the sink is told nothing */
  upgrade(request: OutboundRequest, sink: UpgradeSink): Attempt {
    return this.#upgrades.start(request, sink);
  }

  /** Tunnels are not waited for: they are their sinks' own. */
  close(): Promise<void> {
    this.#closed ??= Promise.all([this.#pool.close(), this.#upgrades.idle()]).then(() => {});
    return this.#closed;
  }

  destroy(): void {
    this.#upgrades.destroy();
    this.#pool.destroy();
    this.#closed ??= this.#pool.close();
  }
}
