import { AdminStartError } from '../admin/admin-error.ts';
import { ConfigError } from '../config/config-error.ts';
import type { Address, GatewayConfig } from '../config/gateway-config.ts';
import { loadConfig } from '../config/load-config.ts';
import { formatAddress } from '../config/schema/address.ts';
import { LogStartError } from '../observe/log-start-error.ts';
import type { CommandIo } from './command-io.ts';
import { greeting } from './greeting.ts';
import { printConfigError } from './print-config-error.ts';
import { StopSignals } from './stop-signals.ts';
import { paletteFor } from './terminal/palette.ts';
import { elapsed } from './terminal/words.ts';
import { untilStopped } from './until-stopped.ts';
import { WaitNotice } from './wait-notice.ts';

/** The part of a running gateway that the command line needs. */
export interface StartedGateway {
  readonly address: Address;
  readonly adminAddress: Address | null;
  /** Threads that take requests. */
  readonly workers: number;
  /** Requests that are at an upstream now. */
  requestsUnderWay(): number;
  /** Stops accepting, lets running requests finish within `shutdown_timeout`, then resolves. */
  stop(): Promise<void>;
}

export type StartGateway = (config: GatewayConfig) => Promise<StartedGateway>;

/**
 * `breakwater start`: runs until SIGTERM or SIGINT.
 *
 * @returns the exit code: 0 after a graceful stop, 1 when it could not start or not stop
 */
export async function start(file: string, io: CommandIo, startGateway = loadAndStart): Promise<number> {
  // Before anything is started: process 1 of a container is not ended by a signal that it does not listen for, so that
  // one in the middle of a start would be lost, and the gateway killed with requests under way when its time is over.
  const signals = new StopSignals(io);
  try {
    const config = loadConfig(file, io.env);
    const gateway = await startPatiently(config, startGateway, io);
    const stopped = untilStopped(gateway, config.server.shutdownTimeoutMs, io, signals);
    io.err(greeting(config, gateway, paletteFor(io.errScreen, io.env)));
    return await stopped;
  } catch (error) {
    if (error instanceof ConfigError) printConfigError(error, io);
    else io.err(`breakwater could not start: ${reason(error)}\n`);
    return 1;
  } finally {
    signals.end();
  }
}

async function startPatiently(
  config: GatewayConfig,
  startGateway: StartGateway,
  io: CommandIo,
): Promise<StartedGateway> {
  const where = formatAddress(config.server.listen);
  using _ = new WaitNotice(
    io,
    (passedMs) => `still starting after ${elapsed(passedMs)}; not yet listening on ${where}`,
  );
  return await startGateway(config);
}

/** Only `start` pays for loading the gateway; `check` and `schema` answer at once. */
async function loadAndStart(config: GatewayConfig): Promise<StartedGateway> {
  const { startGateway } = await import('../gateway.ts');
  return startGateway(config);
}

function reason(error: unknown): string {
  if (error instanceof AdminStartError || error instanceof LogStartError) return error.message;
  const { code, syscall, address, port } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  if (code === 'TRACING_PACKAGES_MISSING') return (error as Error).message;
  const where = address === undefined ? '' : ` on ${formatAddress({ host: address, port: port ?? 0 })}`;
  if (syscall === 'listen' || syscall === 'bind') {
    if (code === 'EADDRINUSE') return `cannot listen${where}: another program does already`;
    if (code === 'EACCES') return `cannot listen${where}: this user may not use the port`;
    if (code === 'EADDRNOTAVAIL') return `cannot listen${where}: this machine has no such address`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
