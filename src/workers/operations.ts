import { AdminServer } from '../admin/admin-server.ts';
import { routeViews } from '../admin/route-view.ts';
import type { Address } from '../config/gateway-config.ts';
import { maskConfig } from '../config/mask-config.ts';
import type { Logger } from '../observe/log.ts';
import type { Exposition } from '../observe/metrics.ts';
import type { GatewayCore } from './gateway-core.ts';

/** Scrapes and clicks are short; more than this is somebody who does not read. */
const STOP_MS = 2_000;

export interface OperationsOptions {
  readonly log: Logger;
  readonly metrics: { expose(): Promise<Exposition> };
}

/** What watches and turns the gateway beside its traffic: the admin API, DNS and the health checks. */
export class Operations {
  readonly #core: GatewayCore;
  readonly #admin: AdminServer | null;

  /** @throws {AdminStartError} `ADMIN_TOKEN_REQUIRED` */
  constructor(core: GatewayCore, { log, metrics }: OperationsOptions) {
    this.#core = core;
    const { config } = core;
    this.#admin =
      config.admin === null
        ? null
        : new AdminServer({
            config: config.admin,
            backend: {
              breakers: () => core.breakers.values(),
              rules: (breaker) => core.rulesOf(breaker),
              config: () => maskConfig(config),
              routes: () => routeViews(config),
              health: () => core.health(),
              metrics: () => metrics.expose(),
            },
            log,
          });
  }

  /**
   * @returns where the admin API listens; null when it is off
   * @throws {AdminStartError}
   */
  async listen(): Promise<Address | null> {
    return (await this.#admin?.listen()) ?? null;
  }

  /** Begins to ask DNS and to check health. */
  watchUpstreams(): void {
    for (const upstream of this.#core.upstreams.values()) upstream.start();
  }

  async close(): Promise<void> {
    await this.#admin?.close(STOP_MS);
  }
}
