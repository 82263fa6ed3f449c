import { Pool } from 'undici';
import type { TargetConfig, UpstreamConfig } from '../../config/gateway-config.ts';
import type { Attempt, AttemptSink, OutboundLane, OutboundRequest, UpgradeSink } from '../message.ts';
import { bareHost } from './bare-host.ts';
import { MAX_INTERIM_RESPONSES } from './max-interim-responses.ts';
import { maySpeakH2 } from './may-speak-h2.ts';
import { type AttemptBase, UndiciAttempt } from './undici-attempt.ts';
import { UpgradeLane } from './upgrade-lane.ts';
import { upstreamConnector } from './upstream-connector.ts';

/** Response head, and trailers: more is refused as a protocol error. */
const MAX_HEAD_BYTES = 64 * 1024;

export type UndiciLaneOptions = Pick<
  UpstreamConfig,
  | 'connectTimeoutMs'
  | 'responseTimeoutMs'
  | 'idleBodyTimeoutMs'
  | 'maxConnections'
  | 'keepAliveMs'
  | 'allowH2'
>;

/** Attempts at one target through an undici Pool. Each is sent once: what may be repeated is not decided here. */
export class UndiciLane implements OutboundLane {
  readonly #base: AttemptBase;
  readonly #upgrades: UpgradeLane;
  #closed: Promise<void> | null = null;

  constructor(target: TargetConfig, options: UndiciLaneOptions) {
    const allowH2 = maySpeakH2(target, options);
    const connector = upstreamConnector(target, options.connectTimeoutMs, allowH2);
    this.#base = {
      pool: new Pool(target.url, {
        connections: options.maxConnections,
        connect: connector.connect,
        allowH2,
        pipelining: 1,
        keepAliveTimeout: options.keepAliveMs,
        keepAliveMaxTimeout: options.keepAliveMs,
        maxHeaderSize: MAX_HEAD_BYTES,
        headersTimeout: Math.ceil(options.responseTimeoutMs),
        bodyTimeout: Math.ceil(options.idleBodyTimeoutMs),
        strictContentLength: true,
      }),
      connectionErrors: connector.errors,
      servername: bareHost(target.hostname),
      maySpeakH2: allowH2,
      responseTimeoutMs: options.responseTimeoutMs,
      idleBodyTimeoutMs: options.idleBodyTimeoutMs,
      maxConnections: options.maxConnections,
      running: 0,
    };
    this.#upgrades = new UpgradeLane(target, {
      ...options,
      maxHeadBytes: MAX_HEAD_BYTES,
      maxInterims: MAX_INTERIM_RESPONSES,
    });
  }

  /** @throws {TypeError} when the request cannot be sent over HTTP at all; the sink is told nothing */
  start(request: OutboundRequest, sink: AttemptSink): Attempt {
    return new UndiciAttempt(this.#base, request, sink);
  }

  /** @throws {TypeError} when the request cannot be sent over HTTP at all, or is no handshake; the sink is told nothing */
  upgrade(request: OutboundRequest, sink: UpgradeSink): Attempt {
    return this.#upgrades.start(request, sink);
  }

  /** Tunnels are not waited for: they are their sinks' own. */
  close(): Promise<void> {
    this.#closed ??= Promise.all([this.#base.pool.close(), this.#upgrades.idle()]).then(() => {});
    return this.#closed;
  }

  destroy(): void {
    this.#upgrades.destroy();
    this.#closed = this.#base.pool.destroy();
  }
}
