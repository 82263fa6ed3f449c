import { join } from 'node:path';
import { AdminServer } from '../admin/admin-server.ts';
import { routeViews } from '../admin/route-view.ts';
import type { Address } from '../config/gateway-config.ts';
import { maskConfig } from '../config/mask-config.ts';
import type { Logger } from '../observe/log.ts';
import type { Exposition } from '../observe/metrics.ts';
import { ownPackage } from '../observe/own-package.ts';
import type { GatewayCore } from './gateway-core.ts';
import { type LiveSources, LiveState } from './live-state.ts';

/** Scrapes and clicks are short; more than this is somebody who does not read. */
const STOP_MS = 2_000;

export interface OperationsOptions {
  readonly log: Logger;
  readonly metrics: { expose(accept: string): Promise<Exposition> };
  readonly live: LiveSources;
}

/** What watches and turns the gateway beside its traffic: the admin API, DNS and the health checks. */
export class Operations {
  /** Null: there is no admin API that would show it. */
  readonly live: LiveState | null;
  readonly #core: GatewayCore;
  readonly #admin: AdminServer | null;

  /** @throws {AdminStartError} `ADMIN_TOKEN_REQUIRED` */
  constructor(core: GatewayCore, { log, metrics, live: sources }: OperationsOptions) {
    this.#core = core;
    const { config } = core;
    const live = config.admin === null ? null : new LiveState(core, sources);
    this.live = live;
    this.#admin =
      config.admin === null || live === null
        ? null
        : new AdminServer({
            config: config.admin,
            // The build puts it there; it is looked for at the same place from src/ and from dist/.
            pageFolder: join(ownPackage().root, 'dist', 'dashboard'),
            backend: {
              breakers: () => core.breakers.values(),
              rules: (breaker) => core.rulesOf(breaker),
              config: () => maskConfig(config),
              routes: () => routeViews(config),
              health: () => core.health(),
              metrics: (accept) => metrics.expose(accept),
              overview: () => live.overview(),
              history: live.history,
              events: live.events,
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

  /** Begins to ask DNS, to check health and to watch the traffic, which is taken at this address. */
  begin(address: Address): void {
    this.live?.start(address);
    for (const upstream of this.#core.upstreams.values()) upstream.start();
  }

  async close(): Promise<void> {
    this.live?.stop();
    await this.#admin?.close(STOP_MS);
  }
}
