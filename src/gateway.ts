import type { GatewayConfig } from './config/gateway-config.ts';
import { DroppedLines } from './observe/dropped-lines.ts';
import { loadLineFormat } from './observe/line-format.ts';
import { createLogger, type Logger } from './observe/log.ts';
import { countWorkers } from './workers/count-workers.ts';
import type { RunningGateway } from './workers/running-gateway.ts';

export { ConfigError, type ConfigProblem } from './config/config-error.ts';
export type * from './config/gateway-config.ts';
export { loadConfig } from './config/load-config.ts';
export { parseConfig } from './config/parse-config.ts';
export type { RunningGateway } from './workers/running-gateway.ts';

export interface StartOptions {
  /** @default a pino logger on standard output with the configured level and format */
  readonly log?: Logger;
}

/**
 * Composition root: from a configuration to a running gateway.
 *
 * @throws {Error} with the system's `code` (`EADDRINUSE`, `EACCES`, …) when it cannot listen; nothing is left running
 * @throws {LogStartError} the access log's file cannot be written, or a package for `log.format` is missing
 */
export async function startGateway(
  config: GatewayConfig,
  options: StartOptions = {},
): Promise<RunningGateway> {
  const dropped = new DroppedLines();
  const colors = process.stdout.isTTY === true && !process.env.NO_COLOR;
  const log = options.log ?? (await standardLog(config, dropped, colors));
  const logs = { log, dropped, colors };
  const workers = await countWorkers(config.server.workers, log);
  // Only what is needed is loaded: the thread that supervises others takes no traffic itself.
  if (workers === 1) return (await import('./workers/start-single.ts')).startSingle(config, logs);
  return (await import('./workers/start-crew.ts')).startCrew(config, { ...logs, workers });
}

async function standardLog({ log }: GatewayConfig, dropped: DroppedLines, colors: boolean): Promise<Logger> {
  return createLogger({ level: log.level, format: await loadLineFormat(log.format, colors), dropped });
}
