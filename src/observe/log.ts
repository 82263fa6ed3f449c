import { type DestinationStream, type Logger, pino } from 'pino';
import type { LogLevel } from '../config/gateway-config.ts';
import type { BreakerState, BreakerTransition } from '../resilience/index.ts';

export type { Logger } from 'pino';

/**
 * Bytes of log lines that may wait for a slow reader of standard output; later ones are dropped. Without it a
 * stuck log collector would fill the memory, and with blocking writes it would stop the gateway.
 */
const MAX_UNWRITTEN_BYTES = 4 * 1024 * 1024;

export interface LoggerOptions {
  readonly level: LogLevel;
  /** @default standard output, written without blocking and flushed at exit */
  readonly destination?: DestinationStream;
}

/** The gateway's log: JSON lines with the level by name and the time in ISO 8601, for people and collectors alike. */
export function createLogger({ level, destination }: LoggerOptions): Logger {
  return pino(
    {
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination ?? pino.destination({ dest: 1, sync: false, maxLength: MAX_UNWRITTEN_BYTES }),
  );
}

/** What the log needs of a circuit breaker. */
export interface TransitionSource {
  on(event: 'transition', listener: (transition: BreakerTransition) => void): () => void;
}

const STATE_IN_TEXT: Readonly<Record<BreakerState, string>> = {
  CLOSED: 'CLOSED',
  HALF_OPEN: 'HALF_OPEN',
  OPEN: 'OPENED',
};

/**
 * Writes one line per transition of the breaker. Operators search for the text, so it never changes; programs read
 * the fields.
 *
 * @returns takes the subscription back
 */
export function logTransitions(breaker: TransitionSource, logger: Logger): () => void {
  return breaker.on('transition', ({ breaker: name, from, to, reason, counts }) => {
    const text = `[CIRCUIT_BREAKER] ${name} circuit breaker ${STATE_IN_TEXT[to]}: ${reason.message}`;
    const fields = { breaker: name, from, to, reason, counts };
    if (to === 'OPEN') logger.warn(fields, text);
    else logger.info(fields, text);
  });
}
