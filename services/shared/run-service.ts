import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';
import { EnvironmentError, readEnvironment, type Settings, type Variables } from './environment.ts';
import type { Lifecycle } from './lifecycle.ts';
import { duration, integer, oneOf, text } from './variables.ts';

/** The variables that every service understands. */
function commonVariables(port: number) {
  return {
    HOST: text('127.0.0.1'),
    /** 0: an ephemeral port, which the log names. */
    PORT: integer(port, 0, 65_535),
    LOG_LEVEL: oneOf('info', ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    /** How long running requests may take to finish once the service is told to stop; Docker kills after 10 s. */
    SHUTDOWN_TIMEOUT: duration(8_000, 0, 300_000),
  };
}

type CommonVariables = ReturnType<typeof commonVariables>;

export interface ServiceContext<V extends Variables> {
  readonly settings: Settings<V> & Settings<CommonVariables>;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
}

export interface ServiceParts {
  readonly app: FastifyInstance;
  /** Opens further listeners; the result is added to the `listening` line. */
  readonly listen?: (host: string) => Promise<Readonly<Record<string, unknown>>>;
  /** Called once after the last HTTP request is answered, or not waited for any longer. */
  readonly close: () => Promise<void>;
}

export interface ServiceDefinition<V extends Variables> {
  readonly name: string;
  readonly port: number;
  readonly variables: V;
  build(context: ServiceContext<V>): Promise<ServiceParts>;
}

/**
 * The life of a service's process: environment, listening, and a stop that lets running requests finish.
 *
 * Exit code 0 after a stop by SIGTERM or SIGINT, 1 when it could not start, 128 + signal when a second
 * signal cut the stop short.
 */
export async function runService<V extends Variables>(definition: ServiceDefinition<V>): Promise<void> {
  const settings = settingsOrExit(definition);
  const log = pino({
    level: settings.LOG_LEVEL,
    base: { service: definition.name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
  const lifecycle: Lifecycle = { phase: 'starting' };
  try {
    const parts = await definition.build({ settings, log, lifecycle });
    const more = await parts.listen?.(settings.HOST);
    await parts.app.listen({
      host: settings.HOST,
      port: settings.PORT,
      listenTextResolver: () => 'accepting',
    });
    stopOnSignal(parts, { log, lifecycle, timeoutMs: settings.SHUTDOWN_TIMEOUT });
    lifecycle.phase = 'running';
    const { address, port } = parts.app.server.address() as AddressInfo;
    log.info({ host: address, port, ...more, pid: process.pid }, 'listening');
  } catch (error) {
    log.fatal({ err: error }, `${definition.name} could not start: ${(error as Error).message}`);
    process.exit(1);
  }
}

function settingsOrExit<V extends Variables>(
  definition: ServiceDefinition<V>,
): Settings<V> & Settings<CommonVariables> {
  try {
    const variables = { ...definition.variables, ...commonVariables(definition.port) };
    return readEnvironment<V & CommonVariables>(process.env, variables) as Settings<V> &
      Settings<CommonVariables>;
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    for (const line of error.message.split('\n')) process.stderr.write(`${definition.name}: ${line}\n`);
    process.exit(1);
  }
}

interface StopOptions {
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
  readonly timeoutMs: number;
}

function stopOnSignal(parts: ServiceParts, { log, lifecycle, timeoutMs }: StopOptions): void {
  const numbers = { SIGTERM: 15, SIGINT: 2 } as const;
  const onSignal = (signal: keyof typeof numbers): void => {
    if (lifecycle.phase === 'stopping') {
      log.warn({ signal }, 'stopping at once');
      process.exit(128 + numbers[signal]);
    }
    lifecycle.phase = 'stopping';
    log.info({ signal }, 'stopping');
    const timer = setTimeout(() => {
      log.warn({ timeout_ms: timeoutMs }, 'requests did not finish in time, closing their connections');
      parts.app.server.closeAllConnections();
    }, timeoutMs);
    timer.unref();
    stop(parts).then(
      () => {
        log.info('stopped');
        process.exit(0);
      },
      (error: unknown) => {
        log.error({ err: error }, 'could not stop in order');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

async function stop(parts: ServiceParts): Promise<void> {
  await parts.app.close();
  await parts.close();
}
