import type { Socket } from 'node:net';
import type { TargetConfig } from '../../config/gateway-config.ts';
import { firstValue } from '../field-names.ts';
import type { Attempt, OutboundRequest, UpgradeSink } from '../message.ts';
import { isWebSocketKey } from '../websocket-key.ts';
import { sendableHeaders } from './sendable-request.ts';
import { UpgradeAttempt, type UpgradeBase } from './upgrade-attempt.ts';
import type { UpgradeTools } from './upgrade-tools.ts';

export interface UpgradeLaneOptions {
  readonly connectTimeoutMs: number;
  readonly responseTimeoutMs: number;
  readonly idleBodyTimeoutMs: number;
  readonly maxHeadBytes: number;
  readonly maxInterims: number;
}

/** Upgrades at one target, each on a connection that is opened for it and never shared. */
export class UpgradeLane {
  readonly #base: UpgradeBase;
  readonly #attempts = new Set<UpgradeAttempt>();
  readonly #tunnels = new Set<Socket>();
  #onIdle: (() => void) | null = null;

  constructor(target: TargetConfig, options: UpgradeLaneOptions) {
    let tools: Promise<UpgradeTools> | null = null;
    let ready = false;
    this.#base = {
      ...options,
      get ready() {
        return ready;
      },
      tools: () => {
        // With the first upgrade: a gateway that sees none is spared what they take, 20 MB.
        tools ??= import('./upgrade-tools.ts').then(({ upgradeTools }) => {
          ready = true;
          return upgradeTools(target, options.connectTimeoutMs);
        });
        return tools;
      },
      over: (attempt, tunnel) => this.#over(attempt, tunnel),
    };
  }

  /** @throws {TypeError} when the request cannot be sent */
  start(request: OutboundRequest, sink: UpgradeSink): Attempt {
    const headers = sendableHeaders(request, false);
    const key = firstValue(headers, 'sec-websocket-key');
    if (request.method !== 'GET' || request.body !== null || key === undefined || !isWebSocketKey(key)) {
      throw new TypeError('This request cannot be sent to an upstream: it is no WebSocket handshake.');
    }
    const attempt = new UpgradeAttempt(this.#base, request, { headers, key }, sink);
    this.#attempts.add(attempt);
    return attempt;
  }

  /** Waits for the attempts that have not switched. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#attempts.size === 0) resolve();
      else this.#onIdle = resolve;
    });
  }

  /** Ends all attempts and tunnels. */
  destroy(): void {
    for (const attempt of [...this.#attempts]) attempt.end();
    for (const socket of [...this.#tunnels]) socket.destroy();
  }

  #over(attempt: UpgradeAttempt, tunnel: Socket | null): void {
    this.#attempts.delete(attempt);
    if (tunnel !== null) {
      this.#tunnels.add(tunnel);
      tunnel.once('close', () => this.#tunnels.delete(tunnel));
    }
    if (this.#attempts.size === 0) this.#onIdle?.();
  }
}
