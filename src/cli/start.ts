import { AdminStartError } from '../admin/admin-error.ts';
import { ConfigError } from '../config/config-error.ts';
import type { Address, GatewayConfig } from '../config/gateway-config.ts';
import { loadConfig } from '../config/load-config.ts';
import { formatAddress } from '../config/schema/address.ts';
import { formatDuration } from '../config/schema/quantities.ts';
import { LogStartError } from '../observe/log-start-error.ts';
import type { CommandIo } from './command-io.ts';
import { describeConfig } from './describe-config.ts';
import { printConfigError } from './print-config-error.ts';
import { StopSignals } from './stop-signals.ts';
import { untilStopped } from './until-stopped.ts';

/** The part of a running gateway that the command line needs. */
export interface StartedGateway {
  readonly address: Address;
  readonly adminAddress: Address | null;
  /** Threads that take requests. */
  readonly workers: number;
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
    const gateway = await startGateway(config);
    const stopped = untilStopped(gateway, config.server.shutdownTimeoutMs, io, signals);
    io.err(greeting(config, gateway));
    return await stopped;
  } catch (error) {
    if (error instanceof ConfigError) printConfigError(error, io);
    else io.err(`breakwater could not start: ${reason(error)}\n`);
    return 1;
  } finally {
    signals.end();
  }
}

/** Only `start` pays for loading the gateway; `check` and `schema` answer at once. */
async function loadAndStart(config: GatewayConfig): Promise<StartedGateway> {
  const { startGateway } = await import('../gateway.ts');
  return startGateway(config);
}

function greeting(config: GatewayConfig, gateway: StartedGateway): string {
  const { adminAddress } = gateway;
  const admin =
    adminAddress === null
      ? 'admin API off'
      : `admin API on http://${formatAddress(adminAddress)}${config.admin?.token == null ? ', open to this machine' : ', by token'}`;
  return [
    `breakwater listens on http://${formatAddress(gateway.address)}${gateway.workers === 1 ? '' : ` with ${gateway.workers} workers`}`,
    admin,
    `${describeConfig(config)}stops on SIGTERM or Ctrl-C; running requests then have ${formatDuration(config.server.shutdownTimeoutMs)} to finish`,
    '',
  ].join('\n');
}

function reason(error: unknown): string {
  if (error instanceof AdminStartError || error instanceof LogStartError) return error.message;
  const { code, syscall, address, port } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  const where = address === undefined ? '' : ` on ${formatAddress({ host: address, port: port ?? 0 })}`;
  if (syscall === 'listen' || syscall === 'bind') {
    if (code === 'EADDRINUSE') return `cannot listen${where}: another program does already`;
    if (code === 'EACCES') return `cannot listen${where}: this user may not use the port`;
    if (code === 'EADDRNOTAVAIL') return `cannot listen${where}: this machine has no such address`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
