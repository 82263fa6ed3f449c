import type { GatewayConfig } from './config/gateway-config.ts';
import { createLogger, type Logger } from './observe/log.ts';
import { countWorkers } from './workers/count-workers.ts';
import type { RunningGateway } from './workers/running-gateway.ts';

export { ConfigError, type ConfigProblem } from './config/config-error.ts';
export type * from './config/gateway-config.ts';
export { loadConfig } from './config/load-config.ts';
export { parseConfig } from './config/parse-config.ts';
export type { RunningGateway } from './workers/running-gateway.ts';

export interface StartOptions {
  /** @default a pino logger on standard output with the configured level */
  readonly log?: Logger;
}

/**
 * Composition root: from a configuration to a running gateway.
 *
 * @throws {Error} with the system's `code` (`EADDRINUSE`, `EACCES`, …) when it cannot listen; nothing is left running
 */
export async function startGateway(
  config: GatewayConfig,
  options: StartOptions = {},
): Promise<RunningGateway> {
  const log = options.log ?? createLogger({ level: config.log.level });
  const workers = await countWorkers(config.server.workers, log);
  // Only what is needed is loaded: the thread that supervises others takes no traffic itself.
  if (workers === 1) return (await import('./workers/start-single.ts')).startSingle(config, log);
  return (await import('./workers/start-crew.ts')).startCrew(config, { log, workers });
}
